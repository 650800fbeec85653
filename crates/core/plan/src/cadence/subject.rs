//! What a schedule reads of a customer.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use chrono_tz::Tz;
use records::{Audience, Customer, Firing, Segment};

/// What a schedule reads of a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    pub external_id: String,
    pub class: Option<String>,
    pub branch: Option<String>,
    pub products: Vec<String>,
    /// Of the newest product (L7).
    pub hesitation_days: Option<u32>,
    /// In fen.
    pub contract_fen: Option<u64>,
    pub zone: Tz,
    pub dates: BTreeMap<String, NaiveDate>,
}

impl From<&Customer> for Subject {
    fn from(customer: &Customer) -> Self {
        let row = &customer.row;
        Self {
            external_id: row.external_id.clone(),
            class: row.class.clone(),
            branch: row.branch.clone(),
            products: row.products.iter().map(|product| product.name.clone()).collect(),
            hesitation_days: row.product().and_then(|product| product.hesitation_days).map(u32::from),
            contract_fen: row.contract_fen.and_then(|fen| u64::try_from(fen).ok()),
            zone: row.zone(),
            dates: row.dates.clone(),
        }
    }
}

impl Subject {
    /// Whether the audience names the customer.
    pub fn belongs(&self, audience: &Audience) -> bool {
        let named = |wanted: &[String], has: Option<&String>| {
            wanted.is_empty() || has.is_some_and(|has| wanted.contains(has))
        };
        match audience {
            Audience::Everyone => true,
            Audience::Class(class) => self.class.as_ref() == Some(class),
            Audience::ExternalIds(ids) => ids.contains(&self.external_id),
            Audience::Segment(Segment { classes, branches, products }) => {
                named(classes, self.class.as_ref())
                    && named(branches, self.branch.as_ref())
                    && (products.is_empty() || self.products.iter().any(|product| products.contains(product)))
            }
        }
    }

    /// Whether a firing is for customers of this class and contract.
    pub(super) fn fits(&self, firing: &Firing) -> bool {
        let fen = self.contract_fen.unwrap_or(0);
        let classes = &firing.classes;
        (classes.is_empty() || self.class.as_ref().is_some_and(|class| classes.contains(class)))
            && firing.contract_from.is_none_or(|yuan| fen >= yuan.saturating_mul(100))
            && firing.contract_below.is_none_or(|yuan| fen < yuan.saturating_mul(100))
    }
}
