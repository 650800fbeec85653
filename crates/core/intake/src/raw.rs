//! One row as text, from a file by its layout or from JSON.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{Field, Layout};

/// A row before it is checked; absent fields are empty.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(serde::Serialize, utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RawRow {
    pub external_id: String,
    pub name: String,
    pub numbers: Vec<String>,
    /// Beside each number.
    pub extensions: Vec<String>,
    pub class: String,
    pub branch: String,
    pub language: String,
    pub time_zone: String,
    pub account_manager: String,
    pub rated_person: String,
    /// The newest first.
    pub products: Vec<String>,
    /// Beside each product.
    pub hesitation_days: Vec<String>,
    /// In yuan.
    pub contract_value: String,
    pub channel: String,
    pub opt_out: String,
    /// By event.
    pub dates: BTreeMap<String, String>,
    /// By role.
    pub contacts: BTreeMap<String, RawContact>,
}

/// Another person at the customer.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(serde::Serialize, utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RawContact {
    pub name: String,
    pub numbers: Vec<String>,
}

impl RawRow {
    /// The cells of a row, by the layout of its file.
    pub fn of_cells<'c>(layout: &Layout, cells: impl IntoIterator<Item = &'c str>) -> Self {
        let mut raw = Self::default();
        for (field, cell) in layout.places().zip(cells) {
            if let Some(field) = field {
                raw.put(field, cell);
            }
        }
        raw
    }

    fn put(&mut self, field: &Field, cell: &str) {
        let text = cell.to_owned();
        match field {
            Field::ExternalId => self.external_id = text,
            Field::Name => self.name = text,
            Field::Number(place) => at(&mut self.numbers, *place, text),
            Field::Extension(place) => at(&mut self.extensions, *place, text),
            Field::Class => self.class = text,
            Field::Branch => self.branch = text,
            Field::Language => self.language = text,
            Field::TimeZone => self.time_zone = text,
            Field::AccountManager => self.account_manager = text,
            Field::RatedPerson => self.rated_person = text,
            Field::Product(place) => at(&mut self.products, *place, text),
            Field::HesitationDays(place) => at(&mut self.hesitation_days, *place, text),
            Field::ContractValue => self.contract_value = text,
            Field::Channel => self.channel = text,
            Field::OptOut => self.opt_out = text,
            Field::Date(event) => drop(self.dates.insert(event.clone(), text)),
            Field::ContactName(role) => self.contacts.entry(role.clone()).or_default().name = text,
            Field::ContactNumber(role, place) => {
                at(&mut self.contacts.entry(role.clone()).or_default().numbers, *place, text);
            }
        }
    }
}

fn at(list: &mut Vec<String>, place: usize, text: String) {
    if list.len() <= place {
        list.resize(place + 1, String::new());
    }
    list[place] = text;
}
