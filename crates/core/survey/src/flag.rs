//! What in an answer calls for a person (domain rules W10, G4.3).

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A sign that a person must follow up. Written as its slug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// 不满意: any sign of dissatisfaction.
    Dissatisfied,
    /// 投诉: the customer complains.
    Complaint,
    /// 违规迹象: signed or operated for the customer, fees taken privately, terms not explained.
    Violation,
    /// 资料有误: the customer's data is badly wrong.
    DataWrong,
    /// 要求人工: asked for a person.
    PersonAsked,
    /// 未解决: something is still unresolved.
    Unresolved,
}

impl Flag {
    /// Every flag, in the order of the rules.
    pub const ALL: [Self; 6] = [
        Self::Dissatisfied,
        Self::Complaint,
        Self::Violation,
        Self::DataWrong,
        Self::PersonAsked,
        Self::Unresolved,
    ];

    /// The name used in files, the database and the API.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Dissatisfied => "dissatisfied",
            Self::Complaint => "complaint",
            Self::Violation => "violation",
            Self::DataWrong => "data_wrong",
            Self::PersonAsked => "person_asked",
            Self::Unresolved => "unresolved",
        }
    }

    /// Whether a supervisor must see it at once (W10): complaints, violations, data badly wrong.
    ///
    /// Strong dissatisfaction is major too; it is told apart from the plain kind by the answer's author, who
    /// flags the lowest level of a scale as `complaint`.
    pub const fn major(self) -> bool {
        matches!(self, Self::Complaint | Self::Violation | Self::DataWrong)
    }
}

impl fmt::Display for Flag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.slug())
    }
}

/// The word is no flag.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a flag; use dissatisfied, complaint, violation, data_wrong, person_asked or unresolved"
)]
pub struct NotAFlag(pub String);

impl FromStr for Flag {
    type Err = NotAFlag;

    fn from_str(slug: &str) -> Result<Self, NotAFlag> {
        Self::ALL.into_iter().find(|flag| flag.slug() == slug).ok_or_else(|| NotAFlag(slug.to_owned()))
    }
}
