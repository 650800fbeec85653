//! The `questions` and `follow_ups` sections.

use super::fields::{Fields, entries};
use super::node::{Entry, Node, Value};
use super::reader::Reader;
use super::report::choose;
use crate::{Choice, FollowUp, Key, Kind, Next, Question};
use std::collections::BTreeMap;

const QUESTION: [&str; 10] =
    ["id", "kind", "mandatory", "say", "keys", "retries", "wait", "repeats", "barge_in", "type_ahead"];
const CHOICE: [&str; 4] = ["value", "label", "flag", "then"];
const FOLLOW_UP: [&str; 5] = ["say", "record", "tag", "then", "barge_in"];
const RECORD: [&str; 2] = ["max", "end_silence"];
const KINDS: [(&str, Kind); 8] = [
    ("product_quality", Kind::ProductQuality),
    ("service_quality", Kind::ServiceQuality),
    ("suggestion", Kind::Suggestion),
    ("promise", Kind::Promise),
    ("compliance", Kind::Compliance),
    ("remedy", Kind::Remedy),
    ("call_itself", Kind::CallItself),
    ("other", Kind::Other),
];

/// A question and the places of its `then`s, by key.
pub(super) struct Placed<T> {
    pub(super) node: T,
    pub(super) place: crate::Place,
}

impl Reader {
    /// The ids `then` may lead to, read ahead of everything else.
    pub(super) fn read_ids(&mut self, questions: Option<&Node>, follow_ups: Option<&Node>) {
        if let Some(Value::List(list)) = questions.map(|node| &node.value) {
            self.question_ids = list.iter().map(|question| id_of(question).unwrap_or_default()).collect();
        }
        if let Some(Value::Map(entries)) = follow_ups.map(|node| &node.value) {
            self.follow_up_ids = entries.iter().map(|entry| entry.key.clone()).collect();
        }
    }

    pub(super) fn questions(&mut self, node: &Node) -> Option<Vec<Placed<Question>>> {
        let Value::List(list) = &node.value else {
            self.report.add(node.place, "questions must be a list", "Begin each question with `- id: …`");
            return None;
        };
        if list.is_empty() {
            self.report.add(node.place, "questions is empty", "Add at least one question");
        }
        let read: Vec<_> = list
            .iter()
            .map(|node| self.question(node).map(|read| Placed { node: read, place: node.place }))
            .collect();
        read.into_iter().collect()
    }

    fn question(&mut self, node: &Node) -> Option<Question> {
        let id = id_of(node);
        let what = id.as_ref().map_or_else(|| "a question".to_owned(), |id| format!("question `{id}`"));
        let fields = Fields::of(node, &what, &QUESTION, &mut self.report)?;
        let id = fields
            .required("id", "Add an id of your own, such as `id: stability`", &mut self.report)
            .and_then(|node| self.report.name(node, "id"));
        let names: Vec<_> = KINDS.iter().map(|(name, _)| *name).collect();
        let kind = fields
            .required("kind", &format!("Add one of: {}", names.join(", ")), &mut self.report)
            .and_then(|node| self.report.one_of(node, "kind", &names))
            .and_then(|name| KINDS.iter().find(|(known, _)| *known == name));
        let mandatory = fields
            .optional("mandatory")
            .is_none_or(|node| self.report.boolean(node, "mandatory").unwrap_or(true));
        let prompt_id = format!("question.{}", id.as_deref().unwrap_or_default());
        let say = fields.required("say", "Add the words or the name of a prompt", &mut self.report);
        let say = say.and_then(|node| self.say(node, &prompt_id, &what));
        let barge_in = self.barge_in(&fields, true);
        let type_ahead = self.type_ahead(&fields);
        let patience = self.patience_of(&fields, &what);
        let keys = fields.required(
            "keys",
            "Add a key for each answer, such as `1: {value: yes, label: {…}}`",
            &mut self.report,
        );
        let keys = keys.and_then(|node| self.choices(node, &what))?;
        Some(Question { id: id?, kind: kind?.1, mandatory, say: say?, barge_in, type_ahead, patience, keys })
    }

    fn choices(&mut self, node: &Node, what: &str) -> Option<BTreeMap<Key, Choice>> {
        let entries = entries(node, &format!("keys of {what}"), &mut self.report)?;
        if entries.is_empty() {
            self.report.add(
                node.place,
                format!("{what} has no keys, so no path leaves it"),
                "Add a key for each answer",
            );
        }
        let mut keys = BTreeMap::new();
        for entry in entries {
            let key = self.free_key(entry, &format!("keys of {what}"));
            let choice = self.choice(entry, what);
            keys.insert(key?, choice?);
        }
        Some(keys)
    }

    fn choice(&mut self, entry: &Entry, question: &str) -> Option<Choice> {
        let what = format!("key {} of {question}", entry.key);
        if matches!(entry.value.value, Value::Nothing) {
            self.report.add(
                entry.place,
                format!("{what} leads nowhere"),
                "Give it a value and a label, or remove it",
            );
            return None;
        }
        let fields = Fields::of(&entry.value, &what, &CHOICE, &mut self.report)?;
        let value = fields
            .required("value", "Add the answer's name, such as `value: satisfied`", &mut self.report)
            .and_then(|node| self.report.name(node, "value"));
        let label = fields
            .required(
                "label",
                "Add what people read, such as `label: {zh: 满意, en: satisfied}`",
                &mut self.report,
            )
            .and_then(|node| self.text(node, &format!("label of {what}")));
        let flag = fields.optional("flag").and_then(|node| self.report.flag(node));
        let then = fields.optional("then").map_or(Some(Next::Following), |node| self.next(node, &what));
        Some(Choice { value: value?, label: label?, flag, then: then? })
    }

    /// What a `then` names.
    fn next(&mut self, node: &Node, what: &str) -> Option<Next> {
        let name = self.report.scalar(node, &format!("then of {what}"))?;
        if name == "closing" {
            return Some(Next::Closing);
        }
        if self.follow_up_ids.iter().any(|id| id == name) {
            return Some(Next::FollowUp(name.to_owned()));
        }
        if let Some(index) = self.question_ids.iter().position(|id| id == name) {
            return Some(Next::Question(index));
        }
        let known: Vec<_> = self
            .follow_up_ids
            .iter()
            .chain(&self.question_ids)
            .map(String::as_str)
            .chain(["closing"])
            .collect();
        let message = format!("{what} leads to `{name}`, which is neither a follow-up nor a question");
        self.report.add(node.place, message, choose(name, &known));
        None
    }

    pub(super) fn follow_ups(&mut self, node: &Node) -> Option<BTreeMap<String, Placed<FollowUp>>> {
        let mut read = BTreeMap::new();
        let mut whole = true;
        for entry in entries(node, "follow_ups", &mut self.report)? {
            match self.follow_up(entry) {
                Some(follow_up) => {
                    drop(read.insert(entry.key.clone(), Placed { node: follow_up, place: entry.place }));
                }
                None => whole = false,
            }
        }
        whole.then_some(read)
    }

    fn follow_up(&mut self, entry: &Entry) -> Option<FollowUp> {
        let what = format!("follow-up `{}`", entry.key);
        self.report.check_name(entry.place, &entry.key, "follow-up");
        let fields = Fields::of(&entry.value, &what, &FOLLOW_UP, &mut self.report)?;
        let say = fields.required("say", "Add the words that ask for the spoken answer", &mut self.report);
        let say = say.and_then(|node| self.say(node, &format!("follow_up.{}", entry.key), &what));
        let tag = fields
            .optional("tag")
            .map_or_else(|| Some(entry.key.clone()), |node| self.report.name(node, "tag"));
        let then = fields.optional("then").map_or(Some(Next::Following), |node| self.next(node, &what));
        let barge_in = self.barge_in(&fields, true);
        let record = fields.required(
            "record",
            "Without it no path leaves the follow-up: add `record: {max: 60s, end_silence: 3s}`",
            &mut self.report,
        )?;
        let record = Fields::of(record, format!("record of {what}"), &RECORD, &mut self.report)?;
        let max = record
            .required("max", "Add the longest speech, such as `max: 60s`", &mut self.report)
            .and_then(|node| self.report.span(node, "max", ["1s", "5m"]));
        let end_silence = record
            .required(
                "end_silence",
                "Add the silence that ends the speech, such as `end_silence: 3s`",
                &mut self.report,
            )
            .and_then(|node| self.report.span(node, "end_silence", ["500ms", "15s"]));
        Some(FollowUp { say: say?, barge_in, tag: tag?, max: max?, end_silence: end_silence?, then: then? })
    }
}

fn id_of(question: &Node) -> Option<String> {
    let Value::Map(entries) = &question.value else { return None };
    let id = entries.iter().find(|entry| entry.key == "id")?;
    match &id.value.value {
        Value::Scalar(text) => Some(text.clone()),
        _ => None,
    }
}
