//! External ids that a file has given already, each with its line.

use std::collections::HashMap;

use crate::{Fault, FaultCode, IntakeRow};

/// Finds the second row of an external id. Holds every id of the file: some 100 octets each.
#[derive(Debug, Default)]
pub struct Seen {
    lines: HashMap<Box<str>, u64>,
}

impl Seen {
    /// The fault of a row whose external id came before.
    pub fn again(&mut self, row: &IntakeRow, column: &str) -> Option<Fault> {
        let id = row.row.external_id.as_str();
        if let Some(first) = self.lines.get(id) {
            let (column, given) = (column.to_owned(), first.to_string());
            return Some(Fault { line: row.line, column, code: FaultCode::Twice, given });
        }
        self.lines.insert(id.into(), row.line);
        None
    }
}
