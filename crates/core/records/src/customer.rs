//! Customers (客户), whom we call, and how they come in.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::{CustomerId, Number};

/// The part a contact plays at the customer (L4, S4.3, E6.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContactRole(pub String);

impl Default for ContactRole {
    fn default() -> Self {
        Self("customer".to_owned())
    }
}

/// One line of an import, already parsed: everything in it is valid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CustomerRow {
    /// The company's own key; the same key again updates the same customer.
    pub external_id: String,
    pub name: String,
    /// In the order they are to be tried; at least one.
    pub numbers: Vec<Number>,
    pub class: Option<String>,
    pub branch: Option<String>,
    /// BCP 47 tag such as `zh` or `en`; the questionnaire's first language where absent.
    pub language: Option<String>,
    /// IANA zone; Asia/Shanghai where absent.
    pub time_zone: Option<chrono_tz::Tz>,
    pub account_manager: Option<String>,
    /// Whom the answers rate (W11, L18, C16).
    pub rated_person: Option<String>,
    pub product: Option<String>,
    /// Dates by event: `signed`, `delivered`, `installed`, …
    pub dates: BTreeMap<String, NaiveDate>,
}

/// A customer as kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Customer {
    pub id: CustomerId,
    #[serde(flatten)]
    pub row: CustomerRow,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub opt_out: Option<OptOut>,
}

/// The customer wants no calls by any plan, until withdrawn (W3.1).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OptOut {
    pub number: Number,
    pub at: DateTime<Utc>,
    /// How it became known: `key`, `agent`, `import`.
    pub source: String,
}
