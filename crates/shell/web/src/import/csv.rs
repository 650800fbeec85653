//! Customers as CSV: UTF-8 with or without BOM, a header line, columns in any order.

use ::csv::{Position, ReaderBuilder, StringRecord};
use records::CustomerRow;

use super::{Faults, RawRow, RowError};

/// Columns of fixed names; besides them `number2`, `number3`, … and a date column `…_on` for each event.
const COLUMNS: &str = "external_id, name, number, number2, class, branch, language, time_zone, account_manager, \
                       rated_person, product, and dates such as signed_on or delivered_on";

/// Where a column's text goes.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Column {
    ExternalId,
    Name,
    /// Counted from 0.
    Number(usize),
    Class,
    Branch,
    Language,
    TimeZone,
    AccountManager,
    RatedPerson,
    Product,
    /// The event.
    On(String),
}

/// Reads all rows; the good ones come with the faults of the others.
pub fn read_csv(bytes: &[u8]) -> (Vec<CustomerRow>, Vec<RowError>) {
    let mut faults = Faults::default();
    let rows = read(bytes, &mut faults);
    (rows, faults.into_list())
}

fn read(bytes: &[u8], faults: &mut Faults) -> Vec<CustomerRow> {
    let Some(text) = utf8(bytes, faults) else { return Vec::new() };
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let Some(columns) = header(reader.headers(), faults) else { return Vec::new() };
    let (mut rows, mut lines) = (Vec::new(), Lines { text: text.as_bytes(), byte: 0, line: 1 });
    for record in reader.records() {
        match record {
            Ok(record) if record.iter().all(|field| field.trim().is_empty()) => {}
            Ok(record) => rows.extend(row(&record, lines.of(record.position()), &columns, faults)),
            Err(error) => {
                let line = lines.of(error.position());
                faults.add(line, "", format!("cannot be read: {error}. Check the quotes of this line"));
            }
        }
    }
    if rows.is_empty() && faults.is_empty() {
        faults.add(1, "", format!("there are no customers below the header: {COLUMNS}"));
    }
    rows
}

/// Lines as people count them: the reader's own count falls behind at CRLF and at empty lines.
struct Lines<'a> {
    text: &'a [u8],
    byte: usize,
    line: u64,
}

impl Lines<'_> {
    /// Line of the first character of what starts at a position; positions only move on.
    fn of(&mut self, position: Option<&Position>) -> u64 {
        let start = position.map_or(self.byte, |position| position.byte() as usize);
        while let Some(byte) = self.text.get(self.byte)
            && (self.byte < start || matches!(byte, b'\r' | b'\n'))
        {
            self.line += u64::from(*byte == b'\n');
            self.byte += 1;
        }
        self.line
    }
}

fn utf8<'a>(bytes: &'a [u8], faults: &mut Faults) -> Option<&'a str> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) => {
            let line = bytes[..error.valid_up_to()].split(|&b| b == b'\n').count() as u64;
            let remedy =
                "is not UTF-8: in the spreadsheet choose \"CSV UTF-8\" when saving, and send that file";
            faults.add(line, "", remedy);
            None
        }
    }
}

fn header(record: Result<&StringRecord, ::csv::Error>, faults: &mut Faults) -> Option<Vec<Column>> {
    let record = match record {
        Ok(record) => record,
        Err(error) => {
            faults.add(1, "", format!("the header cannot be read: {error}"));
            return None;
        }
    };
    let mut columns = Vec::new();
    for name in record {
        match column(name.trim()) {
            Some(column) if columns.contains(&column) => {
                faults.add(1, name, "stands twice in the header: take one away");
            }
            Some(column) => columns.push(column),
            None => faults.add(1, name, format!("is no known column: use {COLUMNS}")),
        }
    }
    for (needed, name) in
        [(Column::ExternalId, "external_id"), (Column::Name, "name"), (Column::Number(0), "number")]
    {
        if !columns.contains(&needed) {
            faults.add(1, name, "is missing from the header: add this column");
        }
    }
    faults.is_empty().then_some(columns)
}

fn column(name: &str) -> Option<Column> {
    Some(match name {
        "external_id" => Column::ExternalId,
        "name" => Column::Name,
        "number" => Column::Number(0),
        "class" => Column::Class,
        "branch" => Column::Branch,
        "language" => Column::Language,
        "time_zone" => Column::TimeZone,
        "account_manager" => Column::AccountManager,
        "rated_person" => Column::RatedPerson,
        "product" => Column::Product,
        other => return numbered(other).or_else(|| dated(other)),
    })
}

fn numbered(name: &str) -> Option<Column> {
    let place: usize = name.strip_prefix("number")?.parse().ok()?;
    (2..=9).contains(&place).then(|| Column::Number(place - 1))
}

fn dated(name: &str) -> Option<Column> {
    let event = name.strip_suffix("_on")?;
    let plain = !event.is_empty() && event.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    plain.then(|| Column::On(event.to_owned()))
}

fn row(record: &StringRecord, line: u64, columns: &[Column], faults: &mut Faults) -> Option<CustomerRow> {
    if record.len() != columns.len() {
        let (has, wants) = (record.len(), columns.len());
        let detail =
            format!("has {has} fields and the header {wants}: a comma inside a text needs quotes around it");
        faults.add(line, "", detail);
        return None;
    }
    let mut raw = RawRow::default();
    for (column, text) in columns.iter().zip(record) {
        put(&mut raw, column, text.to_owned());
    }
    raw.check(line, faults)
}

fn put(raw: &mut RawRow, column: &Column, text: String) {
    match column {
        Column::ExternalId => raw.external_id = text,
        Column::Name => raw.name = text,
        Column::Number(place) => {
            if raw.numbers.len() <= *place {
                raw.numbers.resize(place + 1, String::new());
            }
            raw.numbers[*place] = text;
        }
        Column::Class => raw.class = Some(text),
        Column::Branch => raw.branch = Some(text),
        Column::Language => raw.language = Some(text),
        Column::TimeZone => raw.time_zone = Some(text),
        Column::AccountManager => raw.account_manager = Some(text),
        Column::RatedPerson => raw.rated_person = Some(text),
        Column::Product => raw.product = Some(text),
        Column::On(event) => drop(raw.dates.insert(event.clone(), text)),
    }
}
