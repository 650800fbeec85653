//! Written waivers (免回访声明): a customer whom a plan does not call (L9.4).

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::{CustomerId, PlanId, WaiverId};

/// A name under the waiver, and when it was written there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Signature {
    pub name: String,
    pub on: NaiveDate,
}

/// What the customer declares.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Declared {
    pub documents_signed_in_person: bool,
    pub terms_understood: bool,
    pub fees_understood: bool,
    /// Anything else that was written down.
    pub remarks: String,
}

/// A waiver as it is registered: complete, or it is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct NewWaiver {
    /// Which plan's calls; `None`: those of every plan.
    pub plan: Option<PlanId>,
    pub contents: Declared,
    pub customer: Signature,
    pub salesperson: Signature,
    pub sales_manager: Signature,
}

/// Why a waiver does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WaiverError {
    /// A declaration is missing (L9.4).
    #[error(
        "a waiver must declare that the documents were signed in person and that terms and fees are understood: \
         have the customer complete it, or call him"
    )]
    Undeclared,
    /// One of the three signatures is missing (L9.4).
    #[error("the signature of the {0} is missing: a waiver needs customer, salesperson and sales manager")]
    Unsigned(&'static str),
    /// A signature bears a date that is yet to come.
    #[error("the signature of the {0} is dated later than today: check the date")]
    Future(&'static str),
}

impl NewWaiver {
    /// Whether it holds by L9.4: everything declared, signed by all three, by `today`.
    pub fn check(&self, today: NaiveDate) -> Result<(), WaiverError> {
        let contents = &self.contents;
        if !(contents.documents_signed_in_person && contents.terms_understood && contents.fees_understood) {
            return Err(WaiverError::Undeclared);
        }
        for (who, signature) in [
            ("customer", &self.customer),
            ("salesperson", &self.salesperson),
            ("sales manager", &self.sales_manager),
        ] {
            if signature.name.trim().is_empty() {
                return Err(WaiverError::Unsigned(who));
            }
            if signature.on > today {
                return Err(WaiverError::Future(who));
            }
        }
        Ok(())
    }

    /// Whether it exempts from this plan.
    pub fn covers(&self, plan: PlanId) -> bool {
        self.plan.is_none_or(|only| only == plan)
    }
}

/// A waiver as kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Waiver {
    pub id: WaiverId,
    pub customer_id: CustomerId,
    #[serde(flatten)]
    pub content: NewWaiver,
    /// Login of who entered it.
    pub registered_by: String,
    pub registered_at: DateTime<Utc>,
    /// Login of who took it back.
    pub revoked_by: Option<String>,
    /// Not in force since then.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl Waiver {
    /// Whether it exempts from this plan as it stands.
    pub fn holds_for(&self, plan: PlanId) -> bool {
        self.revoked_at.is_none() && self.content.covers(plan)
    }
}
