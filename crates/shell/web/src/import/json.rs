//! Customers as a JSON array of objects.

use records::CustomerRow;
use serde_json::Value;

use super::{Faults, RawRow, RowError};

/// Reads all rows; the good ones come with the faults of the others.
pub(crate) fn read_json(items: Vec<Value>) -> (Vec<CustomerRow>, Vec<RowError>) {
    let mut faults = Faults::default();
    let rows = (1..).zip(items).filter_map(|(place, item)| row(place, item, &mut faults)).collect();
    (rows, faults.into_list())
}

fn row(place: u64, item: Value, faults: &mut Faults) -> Option<CustomerRow> {
    match serde_json::from_value::<RawRow>(item) {
        Ok(raw) => raw.check(place, faults),
        Err(error) => {
            faults.add(place, "", format!("is no customer: {error}"));
            None
        }
    }
}
