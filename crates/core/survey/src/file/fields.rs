//! A map with known keys: unknown, missing and repeated ones are reported.

use super::node::{Entry, Node, Value};
use super::report::{Report, choose};
use crate::Place;
use std::collections::BTreeSet;

/// The fields of one map of the file.
pub(super) struct Fields<'n> {
    place: Place,
    what: String,
    entries: &'n [Entry],
}

/// The entries of a map; each key only once.
pub(super) fn entries<'n>(node: &'n Node, what: &str, report: &mut Report) -> Option<&'n [Entry]> {
    let Value::Map(entries) = &node.value else {
        report.add(node.place, format!("{what} must be a map"), "Write `name: value` lines below it");
        return None;
    };
    let mut seen = BTreeSet::new();
    for entry in entries {
        if !seen.insert(&entry.key) {
            report.add(entry.place, format!("`{}` stands twice in {what}", entry.key), "Keep one of them");
        }
    }
    Some(entries)
}

impl<'n> Fields<'n> {
    /// The fields of a map that knows only the keys of `known`.
    pub(super) fn of(
        node: &'n Node,
        what: impl Into<String>,
        known: &[&str],
        report: &mut Report,
    ) -> Option<Self> {
        let what = what.into();
        let entries = entries(node, &what, report)?;
        for entry in entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            report.add(entry.place, format!("{what} has no `{}`", entry.key), choose(&entry.key, known));
        }
        Some(Self { place: node.place, what, entries })
    }

    pub(super) fn optional(&self, key: &str) -> Option<&'n Node> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// Reported when it is missing; `remedy` says what to add.
    pub(super) fn required(&self, key: &str, remedy: &str, report: &mut Report) -> Option<&'n Node> {
        let node = self.optional(key);
        if node.is_none() {
            report.add(self.place, format!("{} lacks `{key}`", self.what), remedy);
        }
        node
    }
}
