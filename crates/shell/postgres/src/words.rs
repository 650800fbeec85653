//! Words of the database read as types, and the other way round.

use ports::StoreError;
use records::Number;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A word of a closed vocabulary, such as a state or a reason.
pub(crate) fn word<T: DeserializeOwned>(text: &str, place: &'static str) -> Result<T, StoreError> {
    json(Value::String(text.to_owned()), place)
}

/// A JSON column.
pub(crate) fn json<T: DeserializeOwned>(value: Value, place: &'static str) -> Result<T, StoreError> {
    serde_json::from_value(value).map_err(|error| StoreError::Corrupt { place, why: error.to_string() })
}

/// A value for a JSON column.
pub(crate) fn to_json<T: Serialize>(value: &T, place: &'static str) -> Result<Value, StoreError> {
    serde_json::to_value(value).map_err(|error| StoreError::Corrupt { place, why: error.to_string() })
}

/// A number column. What it holds was parsed before it was written.
pub(crate) fn number(text: &str, place: &'static str) -> Result<Number, StoreError> {
    Number::from_e164(text).map_err(|error| StoreError::Corrupt { place, why: error.to_string() })
}

/// A count; never negative in the database.
pub(crate) fn count(value: i64) -> u64 {
    value.unsigned_abs()
}

/// The error of a row that is not there.
#[allow(clippy::needless_pass_by_value, reason = "ids are Copy")]
pub(crate) fn missing(what: &'static str, id: impl ToString) -> StoreError {
    StoreError::Missing { what, id: id.to_string() }
}

/// A duration in seconds, for `make_interval`.
pub(crate) fn seconds(time: std::time::Duration) -> f64 {
    time.as_secs_f64()
}
