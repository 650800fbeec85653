//! Rows put aside by COPY: in text form, because that is what Postgres reads fastest and people can look at.

use std::fmt::Write as _;

use intake::IntakeRow;
use ports::{FaultyRow, StoreError};
use records::{Extension, ImportId, Number};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::Trouble;
use crate::privacy::NumberKey;

const ROWS: &str = "copy import_rows (import_id, line, id, contact_id, external_id, name, numbers, extensions, hashes, \
                    class, branch, language, time_zone, account_manager, rated_person, products, contract_fen, \
                    channel, dates, contacts, opt_out) from stdin";
const FAULTS: &str = "copy import_faults (import_id, line, place, field, code, given, original) from stdin";

/// Puts rows aside. Conflict unless the import is being read.
pub(crate) async fn stage(
    connection: &mut PgConnection,
    key: Option<&NumberKey>,
    id: ImportId,
    rows: &[IntakeRow],
    faulty: &[FaultyRow],
) -> Result<(), Trouble> {
    // Locked, so that who drops the import meanwhile waits for this portion and takes it along.
    let state = sqlx::query_scalar!("select state from imports where id = $1 for share", id.0)
        .fetch_optional(&mut *connection)
        .await?;
    if state.as_deref() != Some("reading") {
        return Err(
            StoreError::Conflict("the import is not being read any more: begin another".to_owned()).into()
        );
    }
    copy(connection, ROWS, &rows_text(key, id, rows)).await?;
    if !faulty.is_empty() {
        copy(connection, FAULTS, &faults_text(id, faulty)).await?;
    }
    Ok(())
}

/// The rows alone.
pub(super) async fn copy_rows(
    connection: &mut PgConnection,
    key: Option<&NumberKey>,
    id: ImportId,
    rows: &[IntakeRow],
) -> Result<(), Trouble> {
    copy(connection, ROWS, &rows_text(key, id, rows)).await
}

async fn copy(connection: &mut PgConnection, statement: &str, text: &str) -> Result<(), Trouble> {
    if text.is_empty() {
        return Ok(());
    }
    let mut copy = connection.copy_in_raw(statement).await?;
    copy.send(text.as_bytes()).await?;
    copy.finish().await?;
    Ok(())
}

fn rows_text(key: Option<&NumberKey>, id: ImportId, rows: &[IntakeRow]) -> String {
    let mut text = String::with_capacity(rows.len() * 256);
    for IntakeRow { line, row, opt_out } in rows {
        let mut out = Line(&mut text);
        let hash = |number: &Number| key.map_or_else(String::new, |key| key.hash(number));
        out.plain(id).plain(line).plain(Uuid::now_v7()).plain(Uuid::now_v7());
        out.text(&row.external_id).text(&row.name);
        out.list(row.numbers.iter().map(|number| number.e164().to_owned()));
        out.list(row.numbers.iter().map(|number| beside(number, &row.extensions)));
        out.list(row.everybody().map(hash));
        out.maybe(row.class.as_deref()).maybe(row.branch.as_deref()).maybe(row.language.as_deref());
        out.maybe(row.time_zone.map(chrono_tz::Tz::name));
        out.maybe(row.account_manager.as_deref()).maybe(row.rated_person.as_deref());
        out.text(&json!(row.products).to_string());
        out.maybe(row.contract_fen.map(|fen| fen.to_string()).as_deref());
        out.text(row.channel.slug());
        out.text(&json!(row.dates).to_string());
        out.text(&contacts(row).to_string());
        out.plain(opt_out);
        out.end();
    }
    text
}

/// The extension of a number; empty where it has none.
fn beside(number: &Number, extensions: &[Extension]) -> String {
    let found = extensions.iter().find(|extension| extension.number == *number);
    found.map(|extension| extension.extension.clone()).unwrap_or_default()
}

/// As `contacts_of` tells them.
pub(crate) fn contacts(row: &records::CustomerRow) -> serde_json::Value {
    let mut contacts: Vec<_> = row.contacts.iter().collect();
    contacts.sort_by(|a, b| a.role.cmp(&b.role));
    let contact = |contact: &&records::Contact| {
        let extensions: Vec<_> =
            contact.numbers.iter().map(|number| beside(number, &contact.extensions)).collect();
        json!({"role": contact.role, "name": contact.name, "numbers": contact.numbers, "extensions": extensions})
    };
    contacts.iter().map(contact).collect()
}

fn faults_text(id: ImportId, faulty: &[FaultyRow]) -> String {
    let mut text = String::new();
    for row in faulty {
        for (place, fault) in row.faults.iter().enumerate() {
            let mut out = Line(&mut text);
            out.plain(id).plain(row.line).plain(place);
            out.text(&fault.column).text(fault.code.slug()).text(&fault.given);
            out.list(row.original.iter().cloned());
            out.end();
        }
    }
    text
}

/// A line of COPY's text form.
struct Line<'t>(&'t mut String);

impl Line<'_> {
    /// What needs no escaping.
    fn plain(&mut self, value: impl std::fmt::Display) -> &mut Self {
        // Writing to a String does not fail.
        let _ = write!(self.0, "{value}\t");
        self
    }

    fn text(&mut self, text: &str) -> &mut Self {
        escape(self.0, text);
        self.0.push('\t');
        self
    }

    fn maybe(&mut self, text: Option<&str>) -> &mut Self {
        match text {
            Some(text) => self.text(text),
            None => self.plain("\\N"),
        }
    }

    /// An array: its own quoting first, COPY's around it.
    fn list(&mut self, items: impl Iterator<Item = String>) -> &mut Self {
        let quoted: Vec<String> =
            items.map(|item| format!("\"{}\"", item.replace('\\', "\\\\").replace('"', "\\\""))).collect();
        self.text(&format!("{{{}}}", quoted.join(",")))
    }

    fn end(&mut self) {
        self.0.pop();
        self.0.push('\n');
    }
}

fn escape(to: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '\\' => to.push_str("\\\\"),
            '\t' => to.push_str("\\t"),
            '\n' => to.push_str("\\n"),
            '\r' => to.push_str("\\r"),
            // Postgres has no text with it.
            '\0' => {}
            other => to.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_to_copy_is_escaped() {
        let mut text = String::new();
        Line(&mut text)
            .text("a\tb\\c\nd\re\0")
            .maybe(None)
            .list(["x\"y\\,".to_owned(), String::new()].into_iter())
            .end();
        assert_eq!(text, "a\\tb\\\\c\\nd\\re\t\\N\t{\"x\\\\\"y\\\\\\\\,\",\"\"}\n");
    }
}
