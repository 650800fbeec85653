//! What ends a simulation before its year is over.

use ports::StoreError;

use super::judge::Violation;

/// Why a simulation failed.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    /// A rule was broken; with the customer's whole history.
    #[error("{0}")]
    Broken(Box<Violation>),
    #[error("there is no preset \"{0}\": name some of the shipped ones, such as w-signed")]
    NoPreset(String),
    #[error("a year of no customers shows nothing: give --customers, at most 1000000")]
    Customers,
    #[error("the store refused what the simulation asked of it: {0}. This is a fault of the simulation")]
    Store(#[from] StoreError),
    #[error("the figures could not be left: {0}. Give a writable --out")]
    Out(#[from] std::io::Error),
}

impl From<Violation> for SimulateError {
    fn from(violation: Violation) -> Self {
        Self::Broken(Box::new(violation))
    }
}
