//! What the web is given: the ports it asks, and its settings.

use std::sync::Arc;

use chrono_tz::Tz;
use ports::{Accounts, Archive, Customers, Floor, Intake, Overview, Planning, Proofs, Store, Traces};
use records::Policy;
use serde::Serialize;

use crate::events::Events;

/// Everything the web needs from the rest of the house.
#[derive(Clone)]
pub struct Desk {
    pub store: Arc<dyn Store>,
    pub overview: Arc<dyn Overview>,
    pub customers: Arc<dyn Customers>,
    pub intake: Arc<dyn Intake>,
    pub accounts: Arc<dyn Accounts>,
    pub traces: Arc<dyn Traces>,
    pub planning: Arc<dyn Planning>,
    pub proofs: Arc<dyn Proofs>,
    pub floor: Arc<dyn Floor>,
    /// What happens on this process, as it happens.
    pub events: Events,
    pub archive: Arc<dyn Archive>,
    pub shelf: Arc<dyn Shelf>,
    /// Which days are worked, as known at this moment.
    pub calendar: CalendarNow,
    pub settings: WebSettings,
}

/// Gives the calendar as it stands.
pub type CalendarNow = Arc<dyn Fn() -> Arc<plan::Calendar> + Send + Sync>;

/// Settings of the web.
#[derive(Clone, Copy, Debug)]
pub struct WebSettings {
    /// Cookies travel over HTTPS only. Set it wherever the console is reached over HTTPS.
    pub secure_cookies: bool,
    /// How long a login lasts.
    pub session_hours: u32,
    /// Whether authors may approve their own plans (W8.3 says no).
    pub self_approval: bool,
    /// Whether `/metrics` answers loopback without a token.
    pub metrics_open: bool,
    /// Zone in which the console shows times.
    pub zone: Tz,
}

impl Default for WebSettings {
    fn default() -> Self {
        Self {
            secure_cookies: false,
            session_hours: 12,
            self_approval: false,
            metrics_open: false,
            zone: chrono_tz::Asia::Shanghai,
        }
    }
}

/// A questionnaire that a new plan may ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ShelfItem {
    /// Such as `satisfaction`.
    pub name: String,
    /// SHA-256 of its text, hex; published in the store.
    pub version: String,
    pub title_zh: String,
    pub title_en: String,
}

/// The questionnaires at hand, and what makes a policy workable.
pub trait Shelf: Send + Sync + 'static {
    /// The current version of each questionnaire.
    fn questionnaires(&self) -> Vec<ShelfItem>;

    /// The holidays in force.
    fn calendar(&self) -> Arc<plan::Calendar>;

    /// Refuses a policy that cannot be carried out, such as three slots in a window of one hour.
    /// `Err` names the figure and the remedy.
    fn check_policy(&self, policy: &Policy) -> Result<(), String>;
}
