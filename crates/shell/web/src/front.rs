//! What all handlers share: the desk, the login throttle and the password hashing.

use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::Value;

use crate::auth::{Caller, Passwords, Throttle};
use crate::desk::Desk;
use crate::events::Snapshots;
use crate::problem::Problem;

/// State of the router.
pub(crate) type Front = Arc<FrontDesk>;

/// See the file's head.
pub(crate) struct FrontDesk {
    pub(crate) desk: Desk,
    pub(crate) throttle: Mutex<Throttle>,
    pub(crate) passwords: Passwords,
    pub(crate) snapshots: Snapshots,
}

impl FrontDesk {
    pub(crate) fn new(desk: Desk) -> Self {
        Self {
            desk,
            throttle: Mutex::new(Throttle::default()),
            passwords: Passwords::new(),
            snapshots: Snapshots::default(),
        }
    }

    /// Writes the trail, or refuses: for what must not happen unseen.
    pub(crate) async fn must_trail(
        &self,
        caller: &Caller,
        action: &str,
        subject: &str,
        detail: Value,
    ) -> Result<(), Problem> {
        Ok(self.desk.store.trail(&caller.account.login, action, subject, detail).await?)
    }

    /// Writes the trail of what has happened already; its failure cannot undo that and is logged.
    pub(crate) async fn trail(&self, actor: &str, action: &str, subject: &str, detail: Value) {
        if let Err(error) = self.desk.store.trail(actor, action, subject, detail).await {
            tracing::error!(action, subject, %error, "the trail could not be written");
        }
    }
}
