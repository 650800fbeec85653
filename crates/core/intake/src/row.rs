//! From a row's text to a customer, or to everything that is wrong with it.

use records::{Channel, Contact, ContactRole, CustomerRow, Extension, Number, NumberError, Product};

use crate::cell;
use crate::{Fault, FaultCode, Field, Layout, RawContact, RawRow};

/// A row that holds.
#[derive(Clone, Debug, PartialEq)]
pub struct IntakeRow {
    /// Line of the file where it begins.
    pub line: u64,
    pub row: CustomerRow,
    /// The list says that this customer wants no calls.
    pub opt_out: bool,
}

/// The customer of a row, or all its faults. The layout gives the columns their names; JSON has none.
pub fn read_row(raw: &RawRow, line: u64, layout: &Layout) -> Result<IntakeRow, Vec<Fault>> {
    let mut reading = Reading { line, layout, faults: Vec::new() };
    let row = reading.customer(raw);
    let opt_out = reading.parsed(&Field::OptOut, &raw.opt_out, cell::yes).unwrap_or(false);
    if reading.faults.is_empty() { Ok(IntakeRow { line, row, opt_out }) } else { Err(reading.faults) }
}

struct Reading<'a> {
    line: u64,
    layout: &'a Layout,
    faults: Vec<Fault>,
}

impl Reading<'_> {
    fn customer(&mut self, raw: &RawRow) -> CustomerRow {
        let (numbers, extensions) =
            self.numbers(&raw.numbers, &raw.extensions, Field::Number, Field::Extension);
        if raw.numbers.iter().all(|text| cell::filled(text).is_none()) {
            self.add(&Field::Number(0), FaultCode::NoNumber, "");
        }
        CustomerRow {
            external_id: self.required(&Field::ExternalId, &raw.external_id),
            name: self.required(&Field::Name, &raw.name),
            numbers,
            extensions,
            contacts: raw.contacts.iter().filter_map(|(role, contact)| self.contact(role, contact)).collect(),
            class: self.text(&Field::Class, &raw.class),
            branch: self.text(&Field::Branch, &raw.branch),
            language: self.parsed(&Field::Language, &raw.language, cell::language),
            time_zone: self.parsed(&Field::TimeZone, &raw.time_zone, cell::time_zone),
            account_manager: self.text(&Field::AccountManager, &raw.account_manager),
            rated_person: self.text(&Field::RatedPerson, &raw.rated_person),
            products: self.products(raw),
            contract_fen: self.parsed(&Field::ContractValue, &raw.contract_value, cell::amount),
            channel: self.parsed(&Field::Channel, &raw.channel, cell::channel).unwrap_or(Channel::Phone),
            dates: raw
                .dates
                .iter()
                .filter_map(|(event, text)| {
                    let date = self.parsed(&Field::Date(event.clone()), text, cell::date)?;
                    Some((event.clone(), date))
                })
                .collect(),
        }
    }

    fn add(&mut self, field: &Field, code: FaultCode, given: impl Into<String>) {
        let column = self.layout.header_of(field);
        // What is shown of a cell is enough to find it again.
        let given = given.into().chars().take(80).collect();
        self.faults.push(Fault { line: self.line, column, code, given });
    }

    fn text(&mut self, field: &Field, text: &str) -> Option<String> {
        match cell::plain(cell::filled(text)?) {
            Ok(text) => Some(text),
            Err((code, given)) => {
                self.add(field, code, given);
                None
            }
        }
    }

    fn required(&mut self, field: &Field, text: &str) -> String {
        if cell::filled(text).is_none() {
            self.add(field, FaultCode::Empty, "");
        }
        self.text(field, text).unwrap_or_default()
    }

    fn parsed<T>(&mut self, field: &Field, text: &str, parse: fn(&str) -> Result<T, FaultCode>) -> Option<T> {
        let text = cell::filled(text)?;
        match parse(text) {
            Ok(value) => Some(value),
            Err(code) => {
                self.add(field, code, text);
                None
            }
        }
    }

    /// Each number once, with its extension, be it in the cell itself or in a column of its own.
    fn numbers(
        &mut self,
        texts: &[String],
        extensions: &[String],
        field: impl Fn(usize) -> Field,
        beside: fn(usize) -> Field,
    ) -> (Vec<Number>, Vec<Extension>) {
        let (mut numbers, mut found) = (Vec::new(), Vec::new());
        for (place, text) in texts.iter().enumerate() {
            let Some(text) = cell::filled(text) else { continue };
            let (number, inside) = match Number::of_person(text) {
                Ok(read) => read,
                Err(error) => {
                    self.add(&field(place), code_of(text, &error), text);
                    continue;
                }
            };
            let own = extensions.get(place).map_or("", String::as_str);
            let own = self.parsed(&beside(place), own, cell::extension);
            if !numbers.contains(&number) {
                if let Some(extension) = own.or(inside) {
                    found.push(Extension { number: number.clone(), extension });
                }
                numbers.push(number);
            }
        }
        (numbers, found)
    }

    fn contact(&mut self, role: &str, contact: &RawContact) -> Option<Contact> {
        let name = self.text(&Field::ContactName(role.to_owned()), &contact.name);
        let field = |place| Field::ContactNumber(role.to_owned(), place);
        let (numbers, extensions) = self.numbers(&contact.numbers, &[], field, Field::Extension);
        let without = contact.numbers.iter().all(|text| cell::filled(text).is_none());
        if without {
            if let Some(name) = name {
                self.add(&field(0), FaultCode::ContactWithoutNumber, name);
            }
            return None;
        }
        Some(Contact { role: ContactRole(role.to_owned()), name, numbers, extensions })
    }

    fn products(&mut self, raw: &RawRow) -> Vec<Product> {
        let mut products = Vec::new();
        for place in 0..raw.products.len().max(raw.hesitation_days.len()) {
            let cell = |list: &[String]| list.get(place).cloned().unwrap_or_default();
            let days = Field::HesitationDays(place);
            let hesitation_days = self.parsed(&days, &cell(&raw.hesitation_days), cell::days);
            match self.text(&Field::Product(place), &cell(&raw.products)) {
                Some(name) => products.push(Product { name, hesitation_days }),
                None if hesitation_days.is_some() => self.add(&days, FaultCode::DaysOfNothing, ""),
                None => {}
            }
        }
        products
    }
}

fn code_of(text: &str, error: &NumberError) -> FaultCode {
    let rounded = text.contains(['E', 'e']) && text.contains(['+', '.']);
    match error {
        _ if rounded => FaultCode::NumberRounded,
        NumberError::Unreadable(_) => FaultCode::NumberUnreadable,
        NumberError::Impossible(_) => FaultCode::NumberImpossible,
        NumberError::Emergency(_) => FaultCode::NumberEmergency,
        NumberError::Service(_) => FaultCode::NumberService,
        NumberError::Premium(_) => FaultCode::NumberPremium,
    }
}
