//! What can go wrong with a store.

/// A store could not do what was asked. The caller may try again after `Unavailable`.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached or went away.
    #[error("the database is not available: {0}. Check that Postgres runs and that [database] url is right")]
    Unavailable(String),
    /// The thing asked for does not exist.
    #[error("no such {what}: {id}")]
    Missing { what: &'static str, id: String },
    /// The request contradicts what is there.
    #[error("{0}")]
    Conflict(String),
    /// What the database holds cannot be read as what it should be.
    #[error(
        "the database holds something unexpected in {place}: {why}. Do not edit tables by hand; restore the row"
    )]
    Corrupt { place: &'static str, why: String },
}
