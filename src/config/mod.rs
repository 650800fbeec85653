//! Configuration: one TOML file, `HUIFANG_…` environment variables over it, defaults under it.
//! Unknown keys are refused; every error names the key and the remedy.

mod alarm;
mod calendar;
mod data;
mod database;
mod dialer;
mod guard;
mod hearing;
mod http;
mod import;
mod load;
mod log;
mod media;
mod pace;
mod privacy;
mod questionnaires;
mod ring_back;
mod secret;
mod sip;
mod speech;
mod trace;
mod trunk;

use std::collections::BTreeMap;

use serde::Deserialize;

pub use self::trace::Trace;
pub use alarm::Alarm;
pub use calendar::Calendar;
pub use data::{Data, DataError};
pub use database::Database;
pub use dialer::{Dialer, Fallback, OnNoAnswer};
pub use guard::{Guard, ToStrangers};
pub use hearing::Hearing;
pub use http::Http;
pub use import::{ErrorLanguage, Import};
pub use load::{ConfigError, load};
pub use log::{Log, LogFormat};
pub use media::{InBand, Keys, Media, PortRange};
pub use pace::{Fairness, People};
pub use privacy::Privacy;
pub use questionnaires::Questionnaires;
pub use ring_back::RingBack;
pub use secret::Secret;
pub use sip::{Addresses, Sip};
pub use speech::Speech;
pub use trunk::{Breaker, Hidden, LargeRequests, Rewrite, ShownIn, Srtp, Tls as TrunkTls, Transport, Trunk};

/// The whole configuration; each field is a section of the file.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    pub data: Data,
    pub database: Database,
    pub http: Http,
    pub sip: Sip,
    /// By name; without one the service runs but cannot call.
    pub trunk: BTreeMap<String, Trunk>,
    pub media: Media,
    pub hearing: Hearing,
    pub speech: Speech,
    pub questionnaires: Questionnaires,
    pub calendar: Calendar,
    pub import: Import,
    pub privacy: Privacy,
    pub dialer: Dialer,
    pub ring_back: RingBack,
    pub alarm: Alarm,
    pub trace: Trace,
    pub log: Log,
}
