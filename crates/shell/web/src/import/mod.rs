//! Customers from outside: rows of CSV or JSON, every fault named by place and remedy.

mod csv;
mod json;
mod row;

pub use self::csv::read_csv;
pub(crate) use json::read_json;
pub use row::RowError;
pub(crate) use row::{Faults, RawRow};

#[cfg(test)]
mod tests;
