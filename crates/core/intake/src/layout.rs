//! A header line as a whole: where each column goes, and what is missing.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::{Fault, FaultCode, Field};

/// A column of a file, for people to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Column {
    /// As it is written in the file.
    pub header: String,
    /// Where it goes; `None`: it is not used.
    pub field: Option<String>,
}

/// Where the columns of a file go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    headers: Vec<String>,
    fields: Vec<Option<Field>>,
}

impl Layout {
    /// Reads a header line. Columns that mean nothing to us are left out; a header given twice takes the next place
    /// where there is one.
    pub fn of(headers: &[String]) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut taken = HashSet::new();
        let mut fields = Vec::new();
        let fault =
            |column: &str, code| Fault { line: 1, column: column.to_owned(), code, given: String::new() };
        for header in headers {
            let mut field = Field::of_header(header);
            while let Some(wanted) = field.clone().filter(|wanted| taken.contains(wanted)) {
                let Some(next) = wanted.next() else {
                    faults.push(fault(header, FaultCode::SameColumn));
                    break;
                };
                field = Some(next);
            }
            taken.extend(field.clone());
            fields.push(field);
        }
        for needed in [Field::ExternalId, Field::Name, Field::Number(0)] {
            if !taken.contains(&needed) {
                faults.push(fault(&needed.name(), FaultCode::MissingColumn));
            }
        }
        if faults.is_empty() { Ok(Self { headers: headers.to_vec(), fields }) } else { Err(faults) }
    }

    /// The columns, for people to look at.
    pub fn columns(&self) -> Vec<Column> {
        let pairs = self.headers.iter().zip(&self.fields);
        pairs
            .map(|(header, field)| Column { header: header.clone(), field: field.as_ref().map(Field::name) })
            .collect()
    }

    /// Columns of a row.
    pub fn width(&self) -> usize {
        self.fields.len()
    }

    pub(crate) fn fields(&self) -> impl Iterator<Item = (&str, &Field)> + Clone {
        self.headers
            .iter()
            .zip(&self.fields)
            .filter_map(|(header, field)| Some((header.as_str(), field.as_ref()?)))
    }

    pub(crate) fn places(&self) -> impl Iterator<Item = Option<&Field>> {
        self.fields.iter().map(Option::as_ref)
    }

    /// The names of the fields that the file speaks about: others of a customer stay as they are.
    pub fn named(&self) -> HashSet<String> {
        self.fields().map(|(_, field)| field.name()).collect()
    }

    /// The header a field was read under, else the field's own name.
    pub(crate) fn header_of(&self, field: &Field) -> String {
        let found = self.fields().find(|(_, other)| *other == field);
        found.map_or_else(|| field.name(), |(header, _)| header.to_owned())
    }
}
