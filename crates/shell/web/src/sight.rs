//! What a role may see of a customer's number.

use axum::Json;
use axum::response::{IntoResponse, Response};
use records::{Number, Role};
use serde::Serialize;
use serde_json::Value;

use crate::auth::Caller;
use crate::problem::{Problem, Reply};

/// Those whose work needs whole numbers. Agents see them on the item they work on, and only there.
const WHOLE: &[Role] = &[Role::Admin, Role::Supervisor, Role::Integration];

/// Fields that carry numbers, wherever they stand.
const FIELDS: [&str; 2] = ["number", "numbers"];

/// Whether whole numbers are shown to this caller everywhere.
pub(crate) fn sees_numbers(caller: &Caller) -> bool {
    caller.is(WHOLE)
}

/// JSON for this caller, numbers masked unless the role needs them.
pub(crate) fn shown<T: Serialize>(caller: &Caller, value: &T) -> Reply {
    let mut value = serde_json::to_value(value)
        .map_err(|error| Problem::internal(format!("the answer cannot be written: {error}")))?;
    if !sees_numbers(caller) {
        mask(&mut value);
    }
    Ok(Json(value).into_response())
}

/// As [`shown`], with 201.
pub(crate) fn created<T: Serialize>(caller: &Caller, value: &T) -> Reply {
    let response: Response = shown(caller, value)?;
    Ok((axum::http::StatusCode::CREATED, response).into_response())
}

fn mask(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                if FIELDS.contains(&name.as_str()) { mask_numbers(field) } else { mask(field) }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(mask),
        _ => {}
    }
}

fn mask_numbers(value: &mut Value) {
    match value {
        Value::String(text) => {
            *text = Number::parse(text).map_or_else(|_| "****".to_owned(), |number| number.to_string());
        }
        Value::Array(items) => items.iter_mut().for_each(mask_numbers),
        other => mask(other),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_masked_at_any_depth_and_nothing_else_is() {
        let mut value = json!({"items": [{"name": "13800138000", "numbers": ["+8613800138000", "?"],
            "opt_out": {"number": "+8613900139000"}, "count": 3}]});
        mask(&mut value);
        assert_eq!(
            value,
            json!({"items": [{"name": "13800138000", "numbers": ["+86138****8000", "****"],
                "opt_out": {"number": "+86139****9000"}, "count": 3}]})
        );
    }
}
