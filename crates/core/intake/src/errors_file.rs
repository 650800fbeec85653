//! The file of faults that goes back to the department: CSV that any spreadsheet opens, one line a fault, the row as it
//! came behind it.

use crate::{Fault, Tongue};

/// What the file begins with, so that spreadsheets read it as UTF-8.
pub const BOM: &str = "\u{feff}";

/// The header line; `headers` are those of the file that was sent.
pub fn heading(tongue: Tongue, headers: &[String]) -> String {
    let own = match tongue {
        Tongue::Zh => ["行", "列", "问题", "处理办法"],
        Tongue::En => ["line", "column", "fault", "remedy"],
    };
    line(own.into_iter().chain(headers.iter().map(String::as_str)))
}

/// The line of a fault; `original` is the row as it came.
pub fn line_of(fault: &Fault, tongue: Tongue, original: &[String]) -> String {
    let number = fault.line.to_string();
    let words = fault.fault(tongue);
    let own = [number.as_str(), fault.column.as_str(), words.as_str(), fault.remedy(tongue)];
    line(own.into_iter().chain(original.iter().map(String::as_str)))
}

fn line<'c>(cells: impl Iterator<Item = &'c str>) -> String {
    let mut text = cells.map(cell).collect::<Vec<_>>().join(",");
    text.push_str("\r\n");
    text
}

/// A cell that no spreadsheet takes for a formula, quoted where it must be.
fn cell(text: &str) -> String {
    // Numbers with a plus are the rule here; an apostrophe before them does no harm either.
    let harmless =
        if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() };
    if harmless.contains([',', '"', '\n', '\r', ';', '\t']) {
        format!("\"{}\"", harmless.replace('"', "\"\""))
    } else {
        harmless
    }
}
