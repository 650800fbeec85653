//! Imports: rows are put aside by COPY while a file is read, then become customers by statements over all of them.

mod ledger;
mod merge;
mod staging;

pub(crate) use ledger::{begin, drop_import, faults, forget, one, page, read};
pub(crate) use merge::{carry_out, directly};
pub(crate) use staging::{contacts, stage};

/// What an import may touch of a customer that is there.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    fields: Vec<String>,
    /// `None`: all of them.
    events: Option<Vec<String>>,
    /// `None`: all of them.
    roles: Option<Vec<String>>,
}

const FIELDS: [&str; 11] = [
    "class",
    "branch",
    "language",
    "time_zone",
    "account_manager",
    "rated_person",
    "products",
    "contract_value",
    "channel",
    "extensions",
    "opt_out",
];

impl Scope {
    /// Everything: the rows say all there is to say.
    fn whole() -> Self {
        Self { fields: FIELDS.map(str::to_owned).to_vec(), events: None, roles: None }
    }

    /// What the columns of a file speak about.
    fn of(layout: &ports::FileLayout) -> Self {
        let mut scope = Self { fields: Vec::new(), events: Some(Vec::new()), roles: Some(Vec::new()) };
        for name in layout.columns.iter().filter_map(|column| column.field.as_deref()) {
            let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
            let push = |list: &mut Option<Vec<String>>, text: &str| {
                if let Some(list) = list {
                    list.push(text.to_owned());
                }
            };
            match stem {
                "product" | "hesitation_days" => scope.fields.push("products".to_owned()),
                "extension" => scope.fields.push("extensions".to_owned()),
                _ if FIELDS.contains(&stem) => scope.fields.push(stem.to_owned()),
                _ => {
                    if let Some(event) = stem.strip_suffix("_on") {
                        push(&mut scope.events, event);
                    } else if let Some(role) = stem.strip_suffix("_number") {
                        push(&mut scope.roles, role);
                    }
                }
            }
        }
        // An extension may stand in the number's own cell.
        scope.fields.push("extensions".to_owned());
        scope
    }
}
