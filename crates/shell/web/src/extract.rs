//! axum's extractors with [`Problem`] as their rejection, and the part of a list that a request asks for.

use axum::extract::{FromRequest, FromRequestParts};
use ports::Page;
use serde::Deserialize;
use uuid::Uuid;

use crate::problem::Problem;

/// A JSON body.
#[derive(FromRequest)]
#[from_request(via(axum::Json), rejection(Problem))]
pub(crate) struct Body<T>(pub(crate) T);

/// A part of the path.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(Problem))]
pub(crate) struct At<T>(pub(crate) T);

/// The query string.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(Problem))]
pub(crate) struct Asked<T>(pub(crate) T);

/// `?before=…&limit=…`.
#[derive(Clone, Copy, Debug, Default, Deserialize, utoipa::ToSchema)]
pub(crate) struct PageAsked {
    /// The part that follows this item: what the part before gave as `next`.
    before: Option<Uuid>,
    /// Items in a part, 1 to 500; 50 where absent.
    limit: Option<u32>,
}

impl PageAsked {
    /// Parts have 50 items unless asked otherwise, 500 at most.
    pub(crate) fn page(self) -> Result<Page, Problem> {
        let limit = self.limit.unwrap_or(50);
        if !(1..=500).contains(&limit) {
            return Err(Problem::unreadable(format!("limit={limit} is out of range: give 1 to 500")));
        }
        Ok(Page { before: self.before, limit })
    }
}
