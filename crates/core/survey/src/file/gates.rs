//! The `gates` section.

use super::fields::{Fields, entries};
use super::node::Node;
use super::reader::Reader;
use super::report::choose;
use crate::{Convenience, Gate, Gates, Identity, Key, Notice, Place, TimeAsked};
use std::collections::BTreeMap;

const GATES: [&str; 5] = ["language", "recording_notice", "identity", "convenient", "ask_time"];
const GATE: [&str; 7] = ["say", "keys", "retries", "wait", "repeats", "barge_in", "type_ahead"];
const NOTICE: [&str; 3] = ["say", "keys", "barge_in"];

impl Reader {
    pub(super) fn gates(&mut self, node: &Node) -> Option<Gates> {
        let fields = Fields::of(node, "gates", &GATES, &mut self.report)?;
        let notice = fields
            .required(
                "recording_notice",
                "Add it with a `say` that tells the customer of the recording",
                &mut self.report,
            )
            .and_then(|node| self.notice(node));
        let identity = fields
            .required(
                "identity",
                "Add it with a `say` and keys such as {1: yes, 2: wrong_person}",
                &mut self.report,
            )
            .and_then(|node| {
                self.gate(
                    node,
                    "identity",
                    &[("yes", Identity::Yes), ("wrong_person", Identity::WrongPerson)],
                    Some("yes"),
                )
            });
        let convenience = [
            ("yes", Convenience::Yes),
            ("ask_time", Convenience::AskTime),
            ("decline", Convenience::Decline),
        ];
        let convenient = fields
            .optional("convenient")
            .map(|node| self.gate(node, "convenient", &convenience, Some("yes")));
        let times = [
            ("later_today", TimeAsked::LaterToday),
            ("tomorrow_morning", TimeAsked::TomorrowMorning),
            ("tomorrow_afternoon", TimeAsked::TomorrowAfternoon),
        ];
        let ask_time = fields.optional("ask_time").map(|node| self.gate(node, "ask_time", &times, None));
        let languages = self.languages.clone();
        let languages: Vec<_> = languages.iter().map(|code| (code.as_str(), code.clone())).collect();
        let language = fields.optional("language").map(|node| self.gate(node, "language", &languages, None));
        let gates = Gates {
            language: settled(language)?,
            recording_notice: notice?,
            identity: identity?,
            convenient: settled(convenient)?,
            ask_time: settled(ask_time)?,
        };
        self.check_time_is_asked(&gates, node.place);
        self.check_objection(&gates, node.place);
        Some(gates)
    }

    fn notice(&mut self, node: &Node) -> Option<Notice> {
        let fields = Fields::of(node, "gate recording_notice", &NOTICE, &mut self.report)?;
        let say = fields.required("say", "Add the words or the name of a prompt", &mut self.report);
        let say = say.and_then(|node| self.say(node, "gate.recording_notice", "gate recording_notice"));
        let barge_in = self.barge_in(&fields, false);
        let keys = match fields.optional("keys") {
            Some(node) => Some(self.gate_keys(node, "recording_notice", &[("object", true)])?),
            None => None,
        };
        Some(Notice { say: say?, barge_in, object: keys.and_then(|keys| keys.into_keys().next()) })
    }

    /// One gate; `accepting` is the word one of its keys must have.
    fn gate<T: Clone>(
        &mut self,
        node: &Node,
        name: &str,
        words: &[(&str, T)],
        accepting: Option<&str>,
    ) -> Option<Gate<T>> {
        let what = format!("gate {name}");
        let fields = Fields::of(node, &what, &GATE, &mut self.report)?;
        self.gate_of(&fields, name, &format!("gate.{name}"), words, accepting)
    }

    /// A gate whose fields are known; `id` is the key of words written in place.
    pub(super) fn gate_of<T: Clone>(
        &mut self,
        fields: &Fields<'_>,
        name: &str,
        id: &str,
        words: &[(&str, T)],
        accepting: Option<&str>,
    ) -> Option<Gate<T>> {
        let what = format!("gate {name}");
        let say = fields.required("say", "Add the words or the name of a prompt", &mut self.report);
        let say = say.and_then(|node| self.say(node, id, &what));
        let barge_in = self.barge_in(fields, true);
        let type_ahead = self.type_ahead(fields);
        let patience = self.patience_of(fields, &what);
        let remedy = format!("Add keys that lead to {}", list(words));
        let keys = fields.required("keys", &remedy, &mut self.report)?;
        if let Some(accepting) = accepting.filter(|word| !leads_to(keys, word)) {
            let remedy = format!("Give one key `{accepting}`");
            self.report.add(keys.place, format!("no key of {what} lets the customer through"), remedy);
        }
        let keys = self.gate_keys(keys, name, words)?;
        Some(Gate { say: say?, barge_in, type_ahead, patience, keys })
    }

    fn gate_keys<T: Clone>(
        &mut self,
        node: &Node,
        name: &str,
        words: &[(&str, T)],
    ) -> Option<BTreeMap<Key, T>> {
        let what = format!("keys of gate {name}");
        let mut keys = BTreeMap::new();
        let entries = entries(node, &what, &mut self.report)?;
        if entries.is_empty() {
            self.report.add(
                node.place,
                format!("gate {name} has no keys"),
                format!("Add keys that lead to {}", list(words)),
            );
        }
        let names: Vec<_> = words.iter().map(|(word, _)| *word).collect();
        for entry in entries {
            let key = self.free_key(entry, &what);
            let Some(word) = self.report.scalar(&entry.value, &format!("key {} of gate {name}", entry.key))
            else {
                continue;
            };
            match (key, words.iter().find(|(known, _)| *known == word)) {
                (Some(key), Some((_, meaning))) => drop(keys.insert(key, meaning.clone())),
                (_, None) => {
                    let message =
                        format!("key {} of gate {name} leads to `{word}`, which is nowhere", entry.key);
                    self.report.add(entry.value.place, message, choose(word, &names));
                }
                (None, _) => {}
            }
        }
        Some(keys)
    }

    fn check_time_is_asked(&mut self, gates: &Gates, place: Place) {
        let asks = gates
            .convenient
            .iter()
            .flat_map(|gate| gate.keys.values())
            .any(|key| *key == Convenience::AskTime);
        if asks && gates.ask_time.is_none() {
            let remedy =
                "Add a gate ask_time with keys {1: later_today, 2: tomorrow_morning, 3: tomorrow_afternoon}";
            self.report.add(place, "gate convenient leads to ask_time, which gates does not have", remedy);
        }
        if !asks && gates.ask_time.is_some() {
            self.report.add(
                place,
                "no key leads to gate ask_time",
                "Give a key of gate convenient `ask_time`, or remove it",
            );
        }
    }

    /// The objection key is heard in all gates, so it must mean nothing else there.
    fn check_objection(&mut self, gates: &Gates, place: Place) {
        let Some(object) = gates.recording_notice.object else { return };
        let taken = [
            ("identity", gates.identity.keys.contains_key(&object)),
            ("convenient", gates.convenient.as_ref().is_some_and(|gate| gate.keys.contains_key(&object))),
            ("ask_time", gates.ask_time.as_ref().is_some_and(|gate| gate.keys.contains_key(&object))),
        ];
        for (name, _) in taken.into_iter().filter(|(_, taken)| *taken) {
            let message = format!(
                "key {object} objects to the recording until question 1, but gate {name} uses it too"
            );
            self.report.add(place, message, "Use different keys");
        }
    }
}

/// Nothing if the section was there but unreadable.
#[expect(clippy::option_option, reason = "absent and unreadable are different")]
fn settled<T>(section: Option<Option<T>>) -> Option<Option<T>> {
    match section {
        Some(None) => None,
        Some(read) => Some(read),
        None => Some(None),
    }
}

fn leads_to(keys: &Node, word: &str) -> bool {
    use super::node::Value;
    let Value::Map(entries) = &keys.value else { return true };
    entries.iter().any(|entry| matches!(&entry.value.value, Value::Scalar(text) if text == word))
}

fn list<T>(words: &[(&str, T)]) -> String {
    let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
    words.join(", ")
}
