//! The web: the REST API under `/api/v1`, the console for people, and the probes for machines that watch.
//! [`routes`] is the one table of what there is and who may use it.

mod act;
mod api;
mod auth;
mod console;
mod desk;
pub mod events;
mod extract;
mod front;
mod guard;
mod headers;
mod import;
mod openapi;
mod pcap;
mod probes;
mod problem;
mod range;
mod routes;
mod serve;
mod sight;
mod span;
mod text;

pub use auth::{FirstPassword, MadeUp, first_admin, made_up_password, made_up_token};
pub use desk::{CalendarNow, Desk, Shelf, ShelfItem, WebSettings};
pub use import::RowError;
pub use routes::{Gate, Route, Side, routes};
pub use serve::{ListenError, listen, router, serve};
pub use text::Lang;
