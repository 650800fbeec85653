//! Customers (客户), whom we call, and how they come in.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::{CustomerId, Mode, Number};

/// The part a contact plays at the customer (L4, S4.3, E6.1).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct ContactRole(pub String);

impl Default for ContactRole {
    fn default() -> Self {
        Self("customer".to_owned())
    }
}

/// What is asked for or keyed after a switchboard answered; kept apart from its number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Extension {
    pub number: Number,
    /// One to eight digits.
    pub extension: String,
}

/// Somebody at the customer besides the customer himself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Contact {
    /// Any but `customer`: that one's numbers stand in the row itself.
    pub role: ContactRole,
    pub name: Option<String>,
    /// In the order they are to be tried; at least one.
    pub numbers: Vec<Number>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extensions: Vec<Extension>,
}

/// Something the customer bought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Product {
    pub name: String,
    /// Days of the hesitation period (犹豫期, L7) from delivery; `None` where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hesitation_days: Option<u16>,
}

/// How the customer wants to be reached (W6.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    #[default]
    Phone,
    Sms,
    Email,
    /// Somebody goes there.
    Visit,
    Letter,
}

impl Channel {
    pub const ALL: [Self; 5] = [Self::Phone, Self::Sms, Self::Email, Self::Visit, Self::Letter];

    /// As in the database and the API.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Sms => "sms",
            Self::Email => "email",
            Self::Visit => "visit",
            Self::Letter => "letter",
        }
    }

    /// How people reach a customer who asked for it.
    pub fn mode(self) -> Mode {
        match self {
            Self::Phone => Mode::Phone,
            Self::Sms | Self::Email => Mode::Message,
            Self::Visit => Mode::Visit,
            Self::Letter => Mode::Letter,
        }
    }
}

/// One line of an import, already parsed: everything in it is valid.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct CustomerRow {
    /// The company's own key; the same key again updates the same customer.
    pub external_id: String,
    pub name: String,
    /// In the order they are to be tried; at least one.
    pub numbers: Vec<Number>,
    /// Of those numbers that have one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub extensions: Vec<Extension>,
    /// Others at the customer, one a role.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<Contact>,
    pub class: Option<String>,
    pub branch: Option<String>,
    /// BCP 47 tag such as `zh` or `en`; the questionnaire's first language where absent.
    pub language: Option<String>,
    /// IANA zone; [`USUAL_ZONE`] where absent.
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub time_zone: Option<Tz>,
    pub account_manager: Option<String>,
    /// Whom the answers rate (W11, L18, C16).
    pub rated_person: Option<String>,
    /// The newest first.
    pub products: Vec<Product>,
    /// Value of the contract in fen.
    pub contract_fen: Option<i64>,
    pub channel: Channel,
    /// Dates by event: `signed`, `delivered`, `installed`, …
    pub dates: BTreeMap<String, NaiveDate>,
}

/// A customer as kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OptOut {
    pub number: Number,
    pub at: DateTime<Utc>,
    /// How it became known: `key`, `agent`, `import`.
    pub source: String,
}

/// The zone of a customer who has none on file.
pub const USUAL_ZONE: Tz = Tz::Asia__Shanghai;

impl CustomerRow {
    /// Where the customer lives.
    pub fn zone(&self) -> Tz {
        self.time_zone.unwrap_or(USUAL_ZONE)
    }

    /// The numbers of who plays this part, in the order they are to be tried; the customer's own where nobody does.
    pub fn numbers_of(&self, role: &ContactRole) -> &[Number] {
        let found = self.contacts.iter().find(|contact| contact.role == *role);
        found.map_or(&self.numbers, |contact| &contact.numbers)
    }

    /// The customer's numbers, then those of others there.
    pub fn everybody(&self) -> impl Iterator<Item = &Number> {
        self.numbers.iter().chain(self.contacts.iter().flat_map(|contact| &contact.numbers))
    }

    /// What the calls are about: the newest product.
    pub fn product(&self) -> Option<&Product> {
        self.products.first()
    }
}
