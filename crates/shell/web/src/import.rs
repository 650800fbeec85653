//! Faults of rows as machines and pages get them, and customers as a JSON array.

use intake::{Fault, FaultCode, IntakeRow, Layout, RawRow, Seen, Tongue, read_row};
use records::CustomerRow;
use serde::Serialize;
use serde_json::Value;

/// Faults listed at most; a file in the wrong form has one in every row. The file of errors has them all.
pub(crate) const LISTED: usize = 200;

/// A fault of one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct RowError {
    /// Line of the file, or place in the JSON array; both counted from 1.
    pub line: u64,
    /// Header of the column, or name of the field.
    pub column: String,
    /// What is wrong and what to do.
    pub detail: String,
}

impl RowError {
    /// In this language.
    pub(crate) fn of(fault: &Fault, tongue: Tongue) -> Self {
        let between = if tongue == Tongue::Zh { "；" } else { ": " };
        let detail = format!("{}{between}{}", fault.fault(tongue), fault.remedy(tongue));
        Self { line: fault.line, column: fault.column.clone(), detail }
    }
}

/// Reads all rows of an array; the good ones come with the faults of the others.
pub(crate) fn read_json(items: Vec<Value>) -> (Vec<CustomerRow>, Vec<RowError>) {
    let (mut rows, mut faults, mut seen) = (Vec::new(), Vec::new(), Seen::default());
    for (place, item) in (1..).zip(items) {
        let read = row(place, item);
        let again = read.as_ref().ok().and_then(|row| seen.again(row, "external_id"));
        match (read, again) {
            (Ok(_), Some(fault)) => faults.push(fault),
            (Ok(read), None) => rows.push(read.row),
            (Err(broken), _) => faults.extend(broken),
        }
    }
    (rows, listed(&faults, Tongue::En))
}

fn row(place: u64, item: Value) -> Result<IntakeRow, Vec<Fault>> {
    let raw = serde_json::from_value::<RawRow>(item).map_err(|error| {
        let (column, given) = (String::new(), error.to_string());
        vec![Fault { line: place, column, code: FaultCode::NoCustomer, given }]
    })?;
    read_row(&raw, place, &Layout::default())
}

/// The first faults, and how many more there are.
pub(crate) fn listed(faults: &[Fault], tongue: Tongue) -> Vec<RowError> {
    let mut list: Vec<RowError> =
        faults.iter().take(LISTED).map(|fault| RowError::of(fault, tongue)).collect();
    if let (more @ 1.., Some(last)) = (faults.len().saturating_sub(LISTED), faults.last()) {
        let detail = format!("{more} more faults are not listed: mend these and try again");
        list.push(RowError { line: last.line, column: String::new(), detail });
    }
    list
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_rows_are_checked_as_those_of_files_are() {
        let (rows, faults) = read_json(vec![
            json!({"external_id": "C1", "name": "A", "numbers": ["13800138000"], "dates": {"signed": "2026-01-02"},
                   "contacts": {"technician": {"name": "T", "numbers": ["010-88886666-12"]}}}),
            json!({"external_id": "C2", "name": "B", "numbers": ["13900139000", "12"]}),
            json!({"external_id": "C3", "name": "C", "phone": "13900139000"}),
            json!({"external_id": "C1", "name": "D", "numbers": ["13900139000"]}),
        ]);
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].dates["signed"].to_string(), "2026-01-02");
        assert_eq!(rows[0].contacts[0].extensions[0].extension, "12");
        let named: Vec<_> = faults.iter().map(|f| (f.line, f.column.as_str())).collect();
        assert_eq!(named, [(2, "number2"), (3, ""), (4, "external_id")]);
        assert!(faults[1].detail.contains("phone"), "{}", faults[1].detail);
        assert!(faults[2].detail.contains("stands at 1 already"), "{}", faults[2].detail);
    }

    #[test]
    fn a_list_full_of_faults_is_cut_short_and_says_so() {
        let (_, faults) = read_json(vec![json!({"external_id": "X", "name": "A", "numbers": ["1"]}); 500]);
        assert_eq!(faults.len(), 201);
        assert!(faults[200].detail.contains("300 more faults"), "{:?}", faults[200]);
    }
}
