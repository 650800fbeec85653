//! What is known of a trunk as a whole.

/// What is known of a trunk.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum TrunkState {
    /// Asked, or being registered with, and not answered yet.
    #[default]
    Unknown,
    /// Never asked, by configuration: calls alone tell.
    Unasked,
    /// One of its ways answers.
    Reachable,
    /// None of its ways answers, or they say that they are out of service.
    Unreachable {
        /// Why, with a remedy.
        reason: String,
    },
    /// It answers but does not accept our user and password.
    AuthFailed {
        /// Why, with a remedy.
        reason: String,
    },
    /// It answers, but we are not registered there, as this trunk wants.
    Unregistered {
        /// Why, with a remedy.
        reason: String,
    },
}

impl TrunkState {
    /// What keeps calls from this trunk, with a remedy; `None` when it takes calls.
    pub fn trouble(&self) -> Option<&str> {
        match self {
            Self::Reachable | Self::Unasked => None,
            Self::Unknown => Some("it has not answered OPTIONS or REGISTER yet: wait some seconds"),
            Self::Unreachable { reason } | Self::AuthFailed { reason } | Self::Unregistered { reason } => {
                Some(reason)
            }
        }
    }
}
