//! The `anytime`, `replies` and `closings` sections.

use super::fields::{Fields, entries};
use super::node::{Node, Value};
use super::questions::Placed;
use super::reader::Reader;
use super::report::choose;
use crate::{
    Anytime, Closing, Condition, Convenience, Flag, Gates, Identity, Key, Place, Question, Reply, Subject,
};
use std::collections::BTreeMap;

const DOES: [&str; 3] = ["repeat", "person", "opt_out"];
const ANYTIME: [&str; 2] = ["do", "confirm"];
const CLOSING: [&str; 3] = ["when", "holiday", "say"];

impl Reader {
    pub(super) fn anytime(&mut self, node: &Node) -> BTreeMap<Key, Anytime> {
        let mut keys = BTreeMap::new();
        for entry in entries(node, "anytime", &mut self.report).unwrap_or_default() {
            let key = self.report.key(entry.place, &entry.key);
            let does = self.anytime_does(&entry.value, &format!("key {} of anytime", entry.key));
            if let (Some(key), Some(does)) = (key, does) {
                keys.insert(key, does);
            }
        }
        if !keys.values().any(|does| *does == Anytime::Person) {
            let remedy = "Add `0: person`: a person can be had at any time (rule W9.7)";
            self.report.add(node.place, "no key of anytime leads to a person", remedy);
        }
        keys
    }

    fn anytime_does(&mut self, node: &Node, what: &str) -> Option<Anytime> {
        let (does, confirm) = if matches!(node.value, Value::Map(_)) {
            let fields = Fields::of(node, what, &ANYTIME, &mut self.report)?;
            let confirm = fields.optional("confirm").and_then(|node| self.report.boolean(node, "confirm"));
            (fields.required("do", "Add `do: opt_out`", &mut self.report)?, confirm)
        } else {
            (node, None)
        };
        let anytime = match self.report.one_of(does, what, &DOES)? {
            "repeat" => Anytime::Repeat,
            "person" => Anytime::Person,
            _ => Anytime::OptOut { confirm: confirm.unwrap_or(false) },
        };
        if confirm.is_some() && !matches!(anytime, Anytime::OptOut { .. }) {
            self.report.add(
                node.place,
                format!("{what} has `confirm`, which only opt_out knows"),
                "Remove `confirm`",
            );
        }
        Some(anytime)
    }

    pub(super) fn replies(&mut self, node: &Node) -> BTreeMap<Reply, String> {
        let names: Vec<_> = Reply::ALL.iter().map(|reply| reply.name()).collect();
        let Some(fields) = Fields::of(node, "replies", &names, &mut self.report) else {
            return BTreeMap::new();
        };
        let mut replies = BTreeMap::new();
        for reply in Reply::ALL {
            let Some(node) = fields.optional(reply.name()) else { continue };
            let id = format!("reply.{}", reply.name());
            // A reply whose words have a problem is there all the same.
            let say = self.say(node, &id, &format!("reply {}", reply.name())).unwrap_or(id);
            replies.insert(reply, say);
        }
        replies
    }

    /// Every reply some path comes to must be there.
    pub(super) fn check_replies(
        &mut self,
        replies: &BTreeMap<Reply, String>,
        place: Place,
        gates: Option<&Gates>,
        anytime: &BTreeMap<Key, Anytime>,
    ) {
        let convenience = |word| {
            gates
                .and_then(|gates| gates.convenient.as_ref())
                .is_some_and(|gate| gate.keys.values().any(|key| *key == word))
        };
        let needed = [
            (Reply::WrongKey, "a wrong key", true),
            (Reply::NoKey, "no key", true),
            (Reply::Goodbye, "too many wrong or missing keys", true),
            (Reply::Transfer, "the key for a person", anytime.values().any(|does| *does == Anytime::Person)),
            (
                Reply::OptOutConfirm,
                "the opt-out key",
                anytime.values().any(|does| *does == Anytime::OptOut { confirm: true }),
            ),
            (
                Reply::OptedOut,
                "an opt-out",
                anytime.values().any(|does| matches!(does, Anytime::OptOut { .. })),
            ),
            (
                Reply::WrongPerson,
                "a wrong person",
                gates.is_some_and(|gates| {
                    gates.identity.keys.values().any(|key| *key == Identity::WrongPerson)
                }),
            ),
            (Reply::Declined, "a customer who declines", convenience(Convenience::Decline)),
            (Reply::TimeNoted, "the time asked for", convenience(Convenience::AskTime)),
            (Reply::Inconvenient, "a busy customer who names no time", convenience(Convenience::AskTime)),
            (
                Reply::NotRecorded,
                "an objection to the recording",
                gates.is_some_and(|gates| gates.recording_notice.object.is_some()),
            ),
        ];
        for (reply, after, _) in
            needed.into_iter().filter(|(reply, _, needed)| *needed && !replies.contains_key(reply))
        {
            let remedy = format!("Add `{}` with what the customer hears then", reply.name());
            self.report.add(
                place,
                format!("nothing is said after {after}: replies lacks `{}`", reply.name()),
                remedy,
            );
        }
    }

    pub(super) fn closings(
        &mut self,
        node: &Node,
        questions: Option<&[Placed<Question>]>,
    ) -> Option<Vec<Closing>> {
        let Value::List(list) = &node.value else {
            self.report.add(node.place, "closings must be a list", "Begin each closing with `- say: …`");
            return None;
        };
        let read: Vec<_> =
            list.iter().enumerate().map(|(index, node)| self.closing(node, index + 1, questions)).collect();
        let always = |node: &Node| match &node.value {
            Value::Map(entries) => !entries
                .iter()
                .any(|entry| entry.key == "when" || (entry.key == "holiday" && is_true(&entry.value))),
            _ => false,
        };
        if !list.last().is_some_and(always) {
            let remedy = "End the list with a closing that has neither `when` nor `holiday`";
            self.report.add(
                list.last().map_or(node.place, |last| last.place),
                "no closing fits when all the conditions fail",
                remedy,
            );
        }
        for node in list.iter().rev().skip(1).filter(|node| always(node)) {
            let remedy = "Move it to the end, or give it a `when`";
            self.report.add(node.place, "the closings after this one are never reached", remedy);
        }
        read.into_iter().collect()
    }

    fn closing(
        &mut self,
        node: &Node,
        number: usize,
        questions: Option<&[Placed<Question>]>,
    ) -> Option<Closing> {
        let what = format!("closing {number}");
        let fields = Fields::of(node, &what, &CLOSING, &mut self.report)?;
        let say = fields.required("say", "Add the words or the name of a prompt", &mut self.report);
        let say = say.and_then(|node| self.say(node, &format!("closing.{number}"), &what));
        let holiday = fields
            .optional("holiday")
            .is_some_and(|node| self.report.boolean(node, "holiday").unwrap_or(false));
        let when = match fields.optional("when") {
            Some(node) => Some(self.condition(node, questions)?),
            None => None,
        };
        Some(Closing { when, holiday, say: say? })
    }

    fn condition(&mut self, node: &Node, questions: Option<&[Placed<Question>]>) -> Option<Condition> {
        let text = self.report.scalar(node, "when")?;
        match Condition::parse(text) {
            Ok(condition) => {
                self.check_condition(&condition, node.place, questions.unwrap_or_default());
                Some(condition)
            }
            Err(found) => {
                let remedy = "Write such as `any(flag == dissatisfied)`, `all(value == satisfied)` or `stability == poor`, joined by and, or";
                self.report.add(node.place, format!("the condition has {found}"), remedy);
                None
            }
        }
    }

    /// A comparison with a word no answer can have is a mistake of spelling.
    fn check_condition(&mut self, condition: &Condition, place: Place, questions: &[Placed<Question>]) {
        if questions.is_empty() {
            return;
        }
        let choices = |of: Option<&str>| {
            let asked = questions.iter().filter(move |question| of.is_none_or(|id| question.node.id == id));
            asked.flat_map(|question| question.node.keys.values()).collect::<Vec<_>>()
        };
        for comparison in condition.comparisons() {
            let word = comparison.word.as_str();
            let (what, known): (_, Vec<_>) = match &comparison.subject {
                Subject::AnyFlag | Subject::AllFlags => {
                    ("flag", choices(None).iter().filter_map(|choice| choice.flag.map(Flag::slug)).collect())
                }
                Subject::AnyValue | Subject::AllValues => {
                    ("value", choices(None).iter().map(|choice| choice.value.as_str()).collect())
                }
                Subject::Question(id) if questions.iter().any(|question| question.node.id == *id) => {
                    ("value", choices(Some(id)).iter().map(|choice| choice.value.as_str()).collect())
                }
                Subject::Question(id) => {
                    let ids: Vec<_> = questions.iter().map(|question| question.node.id.as_str()).collect();
                    self.report.add(
                        place,
                        format!("the condition asks for question `{id}`, which there is not"),
                        choose(id, &ids),
                    );
                    continue;
                }
            };
            if !known.contains(&word) {
                self.report.add(
                    place,
                    format!("the condition asks for {what} `{word}`, which no answer there has"),
                    choose(word, &known),
                );
            }
        }
    }
}

fn is_true(node: &Node) -> bool {
    matches!(&node.value, Value::Scalar(text) if text == "true")
}
