//! The problems found so far, and the reading of single words, which may add to them.

use super::node::{Node, Value};
use crate::{Flag, Key, Place, Problem, span};
use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::time::Duration;

/// The problems found so far.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) list: Vec<Problem>,
}

impl Report {
    pub(super) fn add(&mut self, place: Place, message: impl Into<String>, remedy: impl Into<String>) {
        self.list.push(Problem { place: Some(place), message: message.into(), remedy: remedy.into() });
    }

    /// A word or sentence; `what` names it in problems.
    pub(super) fn scalar<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n str> {
        match &node.value {
            Value::Scalar(text) if !text.trim().is_empty() => Some(text.trim()),
            Value::Scalar(_) | Value::Nothing => {
                self.add(node.place, format!("{what} is empty"), "Write it, or remove the line");
                None
            }
            Value::List(_) | Value::Map(_) => {
                self.add(
                    node.place,
                    format!("{what} must be one word or sentence"),
                    "Write it behind the colon, without a list or map",
                );
                None
            }
        }
    }

    /// A name other lines can refer to.
    pub(super) fn name(&mut self, node: &Node, what: &str) -> Option<String> {
        let text = self.scalar(node, what)?;
        self.check_name(node.place, text, what).then(|| text.to_owned())
    }

    pub(super) fn check_name(&mut self, place: Place, text: &str, what: &str) -> bool {
        let good = text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-');
        if !good {
            let remedy = "Use lower-case letters, digits, `_` and `-` only";
            self.add(place, format!("{what} `{text}` is not a name"), remedy);
        }
        good
    }

    pub(super) fn boolean(&mut self, node: &Node, what: &str) -> Option<bool> {
        match self.scalar(node, what)? {
            "true" => Some(true),
            "false" => Some(false),
            other => {
                self.add(node.place, format!("{what} is `{other}`"), "Write true or false");
                None
            }
        }
    }

    pub(super) fn number(&mut self, node: &Node, what: &str, bounds: RangeInclusive<u8>) -> Option<u8> {
        let text = self.scalar(node, what)?;
        let number = text.parse().ok().filter(|number| bounds.contains(number));
        if number.is_none() {
            let remedy = format!("Write a whole number from {} to {}", bounds.start(), bounds.end());
            self.add(node.place, format!("{what} is `{text}`"), remedy);
        }
        number
    }

    /// A length of time within bounds, which must be written in words such as `1s` and `30s`.
    pub(super) fn span(&mut self, node: &Node, what: &str, bounds: [&str; 2]) -> Option<Duration> {
        let text = self.scalar(node, what)?;
        let within = |length: &Duration| {
            span::parse(bounds[0]).is_none_or(|least| *length >= least)
                && span::parse(bounds[1]).is_none_or(|most| *length <= most)
        };
        let length = span::parse(text).filter(within);
        if length.is_none() {
            let remedy =
                format!("Write a time from {} to {}, with its unit: ms, s or m", bounds[0], bounds[1]);
            self.add(node.place, format!("{what} is `{text}`"), remedy);
        }
        length
    }

    pub(super) fn key(&mut self, place: Place, text: &str) -> Option<Key> {
        let mut chars = text.chars();
        let key = chars.next().filter(|_| chars.next().is_none()).and_then(|c| Key::try_from(c).ok());
        if key.is_none() {
            self.add(
                place,
                format!("`{text}` is not a telephone key"),
                "Use one of 0 to 9, \"*\" or \"#\" (the last two in quotes)",
            );
        }
        key
    }

    pub(super) fn flag(&mut self, node: &Node) -> Option<Flag> {
        let names: Vec<_> = Flag::ALL.iter().map(|flag| flag.slug()).collect();
        self.one_of(node, "flag", &names)?.parse().ok()
    }

    /// One word of a closed list.
    pub(super) fn one_of<'n>(&mut self, node: &'n Node, what: &str, words: &[&str]) -> Option<&'n str> {
        let text = self.scalar(node, what)?;
        if words.contains(&text) {
            return Some(text);
        }
        self.add(node.place, format!("{what} is `{text}`, which is unknown"), choose(text, words));
        None
    }
}

/// The remedy for an unknown word: the one nearly spelt so, or all there are.
pub(super) fn choose(text: &str, words: &[&str]) -> String {
    let words: BTreeSet<_> = words.iter().copied().collect();
    let near = words.iter().map(|word| (distance(text, word), word)).min();
    let nearly =
        |(distance, word): &(usize, &&str)| *distance <= 2 || (*distance <= 4 && begin_alike(text, word));
    match near.filter(nearly) {
        Some((_, word)) => format!("Did you mean `{word}`?"),
        None if words.is_empty() => "Remove it; there is none to choose from".to_owned(),
        None => format!("Use one of: {}", words.into_iter().collect::<Vec<_>>().join(", ")),
    }
}

/// Whether the first four letters are the same.
fn begin_alike(a: &str, b: &str) -> bool {
    a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count() >= 4
}

/// How many letters must change to make one word of the other (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, to) in b.iter().enumerate() {
            let changed = diagonal + usize::from(from != *to);
            let cost = changed.min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], cost);
        }
    }
    row[b.len()]
}
