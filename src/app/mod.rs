//! The application: joins the rooms, runs the dialer, and carries each call from claim to filed record.

pub mod accounts;
mod announcements;
mod archive;
mod board;
mod calendar;
mod clock;
mod database;
mod dialer;
mod evaluating;
mod floor;
mod imports;
mod journal;
mod keys;
mod ladder;
mod library;
pub mod line;
pub mod logging;
mod metrics;
mod open_files;
mod publishing;
mod recovery;
mod seat;
mod serve;
mod service;
pub mod trace;
mod trunks;

pub use board::Board;
pub use calendar::{CalendarFileError, Calendars};
pub use database::{Database, DatabaseError};
pub use journal::{Entry, Journal, JournalError};
pub use keys::KeyError;
pub use library::{Library, LibraryError, Script, parse, read};
pub use metrics::Meters;
pub use serve::serve;
pub use service::{Service, StartError};
pub use trunks::{Line, NoLine, Promise, Trunks, Wanted};
