//! One row as text, and its way to a [`CustomerRow`].

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use records::{CustomerRow, Number};
use serde::{Deserialize, Serialize};

/// Faults listed at most; a file in the wrong form has one in every row.
const LISTED: usize = 200;

/// A fault of one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowError {
    /// Line of the file, or place in the JSON array; both counted from 1.
    pub line: u64,
    /// Name of the column or field.
    pub column: String,
    /// What is wrong and what to do.
    pub detail: String,
}

/// A row before it is checked; absent fields are empty.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RawRow {
    pub(crate) external_id: String,
    pub(crate) name: String,
    pub(crate) numbers: Vec<String>,
    pub(crate) class: Option<String>,
    pub(crate) branch: Option<String>,
    pub(crate) language: Option<String>,
    pub(crate) time_zone: Option<String>,
    pub(crate) account_manager: Option<String>,
    pub(crate) rated_person: Option<String>,
    pub(crate) product: Option<String>,
    pub(crate) dates: BTreeMap<String, String>,
}

/// Collects faults over a file.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    list: Vec<RowError>,
    unlisted: u64,
    seen: HashMap<String, u64>,
}

impl Faults {
    pub(crate) fn add(&mut self, line: u64, column: &str, detail: impl Into<String>) {
        if self.list.len() < LISTED {
            self.list.push(RowError { line, column: column.to_owned(), detail: detail.into() });
        } else {
            self.unlisted += 1;
        }
    }

    pub(crate) fn into_list(mut self) -> Vec<RowError> {
        if self.unlisted > 0 {
            let line = self.list.last().map_or(0, |fault| fault.line);
            let detail = format!("{} more faults are not listed: mend these and try again", self.unlisted);
            self.list.push(RowError { line, column: String::new(), detail });
        }
        self.list
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    fn count(&self) -> u64 {
        self.list.len() as u64 + self.unlisted
    }
}

impl RawRow {
    /// The row, if nothing is wrong with it; else its faults are added.
    pub(crate) fn check(self, line: u64, faults: &mut Faults) -> Option<CustomerRow> {
        let before = faults.count();
        let external_id = required(self.external_id, line, "external_id", faults);
        if let Some(id) = &external_id {
            only_once(id, line, faults);
        }
        let name = required(self.name, line, "name", faults);
        let numbers = numbers(&self.numbers, line, faults);
        let language = filled(self.language).filter(|tag| language_ok(tag, line, faults));
        let time_zone = filled(self.time_zone).and_then(|zone| time_zone(&zone, line, faults));
        let dates = self.dates.iter().filter_map(|(event, text)| date(event, text, line, faults)).collect();
        if faults.count() > before {
            return None;
        }
        Some(CustomerRow {
            external_id: external_id?,
            name: name?,
            numbers,
            class: filled(self.class),
            branch: filled(self.branch),
            language,
            time_zone,
            account_manager: filled(self.account_manager),
            rated_person: filled(self.rated_person),
            products: filled(self.product)
                .map(|name| records::Product { name, hesitation_days: None })
                .into_iter()
                .collect(),
            dates,
            ..CustomerRow::default()
        })
    }
}

fn filled(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn required(text: String, line: u64, column: &str, faults: &mut Faults) -> Option<String> {
    let text = filled(Some(text));
    if text.is_none() {
        faults.add(line, column, format!("is empty: give every customer its {column}"));
    }
    text
}

fn only_once(id: &str, line: u64, faults: &mut Faults) {
    if let Some(first) = faults.seen.get(id).copied() {
        let detail = format!("\"{id}\" stands at {first} already: keep one of the two");
        faults.add(line, "external_id", detail);
    } else {
        faults.seen.insert(id.to_owned(), line);
    }
}

fn numbers(texts: &[String], line: u64, faults: &mut Faults) -> Vec<Number> {
    let mut numbers = Vec::new();
    for (index, text) in texts.iter().enumerate().filter(|(_, text)| !text.trim().is_empty()) {
        match Number::parse(text) {
            Ok(number) if numbers.contains(&number) => {}
            Ok(number) => numbers.push(number),
            Err(error) => faults.add(line, &number_column(index), number_fault(text, &error.to_string())),
        }
    }
    if texts.iter().all(|text| text.trim().is_empty()) {
        faults.add(line, "number", "is empty: give at least one number to call");
    }
    numbers
}

/// `number`, `number2`, `number3`, …
fn number_column(index: usize) -> String {
    if index == 0 { "number".to_owned() } else { format!("number{}", index + 1) }
}

fn number_fault(text: &str, fault: &str) -> String {
    let rounded = text.contains(['E', 'e']) && text.contains(['+', '.']);
    if rounded {
        format!("\"{text}\" was rounded by a spreadsheet: format the column as text and fill it in again")
    } else {
        fault.to_owned()
    }
}

/// The plain shapes of BCP 47: `zh`, `en`, `zh-Hant`, `yue-HK`.
fn language_ok(tag: &str, line: u64, faults: &mut Faults) -> bool {
    let mut parts = tag.split('-');
    let primary = parts.next().unwrap_or_default();
    let ok = (2..=3).contains(&primary.len())
        && primary.bytes().all(|b| b.is_ascii_lowercase())
        && parts.all(|part| (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()));
    if !ok {
        faults.add(line, "language", format!("\"{tag}\" is no language tag: give one such as zh or en"));
    }
    ok
}

fn time_zone(text: &str, line: u64, faults: &mut Faults) -> Option<chrono_tz::Tz> {
    let zone = text.parse().ok();
    if zone.is_none() {
        let detail = format!("\"{text}\" is no time zone: give one such as Asia/Shanghai or Asia/Urumqi");
        faults.add(line, "time_zone", detail);
    }
    zone
}

fn date(event: &str, text: &str, line: u64, faults: &mut Faults) -> Option<(String, NaiveDate)> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let date = ["%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日"]
        .iter()
        .find_map(|form| NaiveDate::parse_from_str(text, form).ok())
        .filter(|date| (1900..2200).contains(&chrono::Datelike::year(date)));
    if date.is_none() {
        let detail = format!("\"{text}\" is no date: write it as 2026-11-21");
        faults.add(line, &format!("{event}_on"), detail);
    }
    date.map(|date| (event.to_owned(), date))
}
