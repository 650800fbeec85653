//! The REST API, one file a noun. Times are RFC 3339, ids UUIDv7, lists newest first.

use serde::Serialize;
use utoipa::ToSchema;

pub(crate) mod accounts;
pub(crate) mod attempts;
pub(crate) mod callbacks;
pub(crate) mod calling;
pub(crate) mod customers;
pub(crate) mod description;
pub(crate) mod events;
pub(crate) mod imports;
pub(crate) mod plans;
pub(crate) mod proofs;
pub(crate) mod recordings;
pub(crate) mod steps;
pub(crate) mod tasks;
pub(crate) mod traces;
pub(crate) mod trunks;

/// A list that has no further parts.
#[derive(Serialize, ToSchema)]
pub(crate) struct Items<T> {
    pub(crate) items: Vec<T>,
}
