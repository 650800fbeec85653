//! A customer's record as text again, for people to change.

use records::{CustomerRow, Extension, Number};

use crate::{RawContact, RawRow};

impl RawRow {
    /// Reads back as the same record.
    pub fn of_row(row: &CustomerRow) -> Self {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        Self {
            external_id: row.external_id.clone(),
            name: row.name.clone(),
            numbers: row.numbers.iter().map(|number| written(number, &row.extensions)).collect(),
            extensions: Vec::new(),
            class: text(&row.class),
            branch: text(&row.branch),
            language: text(&row.language),
            time_zone: row.time_zone.map(|zone| zone.name().to_owned()).unwrap_or_default(),
            account_manager: text(&row.account_manager),
            rated_person: text(&row.rated_person),
            products: row.products.iter().map(|product| product.name.clone()).collect(),
            hesitation_days: row
                .products
                .iter()
                .map(|product| product.hesitation_days.map(|days| days.to_string()).unwrap_or_default())
                .collect(),
            contract_value: row.contract_fen.map(yuan).unwrap_or_default(),
            channel: row.channel.slug().to_owned(),
            opt_out: String::new(),
            dates: row.dates.iter().map(|(event, date)| (event.clone(), date.to_string())).collect(),
            contacts: row
                .contacts
                .iter()
                .map(|contact| {
                    let numbers =
                        contact.numbers.iter().map(|number| written(number, &contact.extensions)).collect();
                    (contact.role.0.clone(), RawContact { name: text(&contact.name), numbers })
                })
                .collect(),
        }
    }
}

/// `+861088886666 转 801`.
fn written(number: &Number, extensions: &[Extension]) -> String {
    let found = extensions.iter().find(|extension| extension.number == *number);
    found.map_or_else(
        || number.e164().to_owned(),
        |extension| format!("{}转{}", number.e164(), extension.extension),
    )
}

/// Fen as yuan: `120000.50`.
pub(crate) fn yuan(fen: i64) -> String {
    if fen % 100 == 0 { (fen / 100).to_string() } else { format!("{}.{:02}", fen / 100, fen % 100) }
}
