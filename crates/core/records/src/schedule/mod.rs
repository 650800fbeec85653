//! When a plan's tasks fall due, in which mode and by whom: triggers and cadences as data (domain rules W7, W8, L7, S4.3,
//! E6.1, G3.1, B).

mod firing;
mod offset;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::ContactRole;

pub use firing::{Firing, On, Period, Until, Within};
pub use offset::{Offset, OffsetError};

/// What a plan says beside its questionnaire, its audience and its figures. The default is a list that is called once.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Schedule {
    /// What the plan fires on; none: the audience is called once, when the plan starts.
    pub firings: Vec<Firing>,
    /// Which of the customer's contacts are called, one task each; none: `customer`.
    pub roles: Vec<ContactRole>,
    /// How the customer is reached, where a firing does not say otherwise.
    pub mode: Mode,
    pub carried_out_by: Performer,
    /// Occasions that had to be done before this day are none of the plan's; the day of its first start where absent.
    pub since: Option<NaiveDate>,
    /// Priority of a customer's class, instead of the plan's (B).
    pub priority_by_class: BTreeMap<String, i16>,
    /// The preset it was made from, such as `power-on`.
    pub preset: Option<String>,
}

impl Schedule {
    /// Whether the plan is a list, called once when it starts.
    pub fn is_list(&self) -> bool {
        self.firings.is_empty()
    }

    /// The roles that are called.
    pub fn called_roles(&self) -> Vec<ContactRole> {
        if self.roles.is_empty() { vec![ContactRole::default()] } else { self.roles.clone() }
    }
}

/// How a customer is reached (W8.3, L16).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    #[default]
    Phone,
    /// A person goes there.
    Visit,
    Letter,
    /// SMS or e-mail.
    Message,
}

impl Mode {
    pub const ALL: [Self; 4] = [Self::Phone, Self::Visit, Self::Letter, Self::Message];

    /// The word used in database and API.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Visit => "visit",
            Self::Letter => "letter",
            Self::Message => "message",
        }
    }
}

/// Who carries a plan out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Performer {
    /// The service calls.
    #[default]
    Machine,
    /// Every task goes to the human call-back queue when it is due.
    People,
}

impl Performer {
    /// The word used in database and API.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Machine => "machine",
            Self::People => "people",
        }
    }
}
