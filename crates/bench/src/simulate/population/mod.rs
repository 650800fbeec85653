//! The customers of a simulated year: who they are, where they live, what became of their numbers.

mod answer;
mod habits;

use chrono::{Days, NaiveDate};
use chrono_tz::Tz;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use records::{CustomerRow, Number, Product};

pub(super) use answer::{Brought, brought, talked};
pub(super) use habits::Kind;

/// How a number is found, as long as nobody mends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wire {
    Alive,
    /// Nobody's.
    Vacant,
    /// Somebody else's.
    Strange,
    Fax,
    /// Not paid for until that day.
    SuspendedUntil(NaiveDate),
}

/// One customer.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) kind: Kind,
    pub(super) zone: Tz,
    /// As his numbers stand in his record; a number that was corrected is alive.
    pub(super) wires: Vec<Wire>,
    /// The days on which something of his is repaired.
    pub(super) repairs: Vec<NaiveDate>,
    /// His contract ends on that day, and it is told then.
    pub(super) ends: Option<NaiveDate>,
    /// Signs a waiver on that day.
    pub(super) waives: Option<NaiveDate>,
    /// Writes on that day that he wants no calls.
    pub(super) opts_out: Option<NaiveDate>,
}

/// Everybody, in the order of their external ids.
pub(super) struct Population {
    pub(super) people: Vec<Person>,
    pub(super) rows: Vec<CustomerRow>,
    /// Where anybody lives.
    pub(super) zones: Vec<Tz>,
}

impl Population {
    pub(super) fn born(count: u32, from: NaiveDate, seed: u64) -> Self {
        let mut chance = StdRng::seed_from_u64(seed ^ 0x0070_0070);
        let mut all = Self { people: Vec::new(), rows: Vec::new(), zones: Vec::new() };
        for n in 0..count {
            let (person, row) = one(n, from, &mut chance);
            if !all.zones.contains(&person.zone) {
                all.zones.push(person.zone);
            }
            all.people.push(person);
            all.rows.push(row);
        }
        all
    }
}

/// Whose row this is.
pub(super) fn place(row: &CustomerRow) -> usize {
    row.external_id[1..].parse().expect("the simulation made the external ids")
}

fn one(n: u32, from: NaiveDate, chance: &mut StdRng) -> (Person, CustomerRow) {
    let day = |chance: &mut StdRng, first: i64, last: i64| {
        from + chrono::TimeDelta::days(chance.random_range(first..=last))
    };
    let kind = match chance.random_range(0..100) {
        0..35 => Kind::Office,
        35..80 => Kind::Employed,
        _ => Kind::Retired,
    };
    let zone = match chance.random_range(0..100) {
        0..4 => Tz::Asia__Urumqi,
        4 => Tz::Asia__Dhaka,
        5 => Tz::Europe__Berlin,
        _ => Tz::Asia__Shanghai,
    };
    // One in fifty shares his only number with his neighbour.
    let shared = n > 0 && chance.random_ratio(1, 50);
    let numbers: Vec<Number> = match (shared, chance.random_range(0..100)) {
        (true, _) => vec![number(n - 1, 0)],
        (false, 0..30) => vec![number(n, 0), number(n, 1)],
        _ => vec![number(n, 0)],
    };
    let wires = numbers.iter().map(|_| wire(kind, from, chance)).collect();
    let signed = day(chance, -20, 350);
    let installed = day(chance, -500, 300);
    let repaired = day(chance, 0, 364);
    let again = chance.random_ratio(1, 4).then(|| repaired + Days::new(chance.random_range(60..200)));
    let rarely = |chance: &mut StdRng, in_thousand| {
        chance.random_ratio(in_thousand, 1000).then(|| day(chance, 20, 340))
    };
    let person = Person {
        kind,
        zone,
        wires,
        repairs: [Some(repaired), again].into_iter().flatten().collect(),
        ends: rarely(chance, 10),
        waives: rarely(chance, 5),
        opts_out: rarely(chance, 2),
    };
    let hesitation = [None, Some(10), Some(15), Some(20)][chance.random_range(0..4)];
    let class = match chance.random_range(0..100) {
        0..3 => "largest",
        3..13 => "key",
        _ => "C",
    };
    let row = CustomerRow {
        external_id: format!("C{n:07}"),
        name: format!("Customer {n}"),
        numbers,
        class: Some(class.to_owned()),
        time_zone: (zone != Tz::Asia__Shanghai).then_some(zone),
        contract_fen: Some(100 * chance.random_range(10_000..4_000_000)),
        products: vec![Product { name: "product".to_owned(), hesitation_days: hesitation }],
        dates: [
            ("signed", signed),
            ("delivered", signed + Days::new(chance.random_range(1..15))),
            ("installed", installed),
            ("powered_on", installed),
        ]
        .map(|(event, day)| (event.to_owned(), day))
        .into(),
        ..CustomerRow::default()
    };
    (person, row)
}

fn wire(kind: Kind, from: NaiveDate, chance: &mut StdRng) -> Wire {
    match chance.random_range(0..1000) {
        0..15 => Wire::Vacant,
        15..30 => Wire::Strange,
        30..35 if kind == Kind::Office => Wire::Fax,
        35..50 => Wire::SuspendedUntil(from + Days::new(chance.random_range(1..400))),
        _ => Wire::Alive,
    }
}

/// A mobile number of nobody else's.
fn number(n: u32, place: u32) -> Number {
    Number::from_e164(&format!("+86138{:08}", n * 2 + place)).expect("thirteen digits")
}

/// What a customer is told to be called on, when the business side looks it up.
pub(super) fn corrected(n: usize, times: usize) -> Number {
    Number::from_e164(&format!("+86139{:08}", n * 8 + times % 8)).expect("thirteen digits")
}
