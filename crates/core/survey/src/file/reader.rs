//! The whole file: its head, and its sections in the order they depend on each other.

use super::fields::Fields;
use super::node::{Entry, Node, Value};
use super::report::Report;
use crate::{Anytime, Key, Patience, Place, Problem, Prompt, PromptId, Questionnaire, QuestionnaireHash};
use std::collections::{BTreeMap, BTreeSet};

const SECTIONS: [&str; 16] = [
    "questionnaire",
    "title",
    "languages",
    "estimate",
    "variables",
    "more_than_five",
    "patience",
    "type_ahead",
    "prompts",
    "gates",
    "questions",
    "follow_ups",
    "anytime",
    "replies",
    "closings",
    "ring_back",
];
const PATIENCE: [&str; 3] = ["retries", "wait", "repeats"];

/// What has been read so far and is needed to read on.
#[derive(Default)]
pub(super) struct Reader {
    pub(super) report: Report,
    pub(super) languages: Vec<String>,
    pub(super) variables: BTreeSet<String>,
    pub(super) prompts: BTreeMap<PromptId, Prompt>,
    /// Names of the `prompts` section, and where.
    pub(super) named: BTreeMap<String, Place>,
    /// Those of them that are said somewhere.
    pub(super) spoken: BTreeSet<String>,
    pub(super) question_ids: Vec<String>,
    pub(super) follow_up_ids: Vec<String>,
    pub(super) anytime: BTreeMap<Key, Anytime>,
    patience: Patience,
    type_ahead: bool,
}

/// Reads the file's root; all problems, if there are any.
pub(super) fn read(root: &Node, hash: QuestionnaireHash) -> Result<Questionnaire, Vec<Problem>> {
    let mut reader = Reader::default();
    match reader.questionnaire(root, hash) {
        Some(questionnaire) if reader.report.list.is_empty() => Ok(questionnaire),
        _ => Err(reader.report.list),
    }
}

impl Reader {
    fn questionnaire(&mut self, root: &Node, hash: QuestionnaireHash) -> Option<Questionnaire> {
        let fields = Fields::of(root, "the questionnaire", &SECTIONS, &mut self.report)?;
        self.languages = self
            .required(&fields, "languages", "Add such as `languages: [zh, en]`, the default first")
            .map(|node| self.names(node, "languages"))
            .unwrap_or_default();
        self.variables = fields
            .optional("variables")
            .map(|node| self.names(node, "variables"))
            .into_iter()
            .flatten()
            .collect();
        self.patience =
            fields.optional("patience").map_or_else(Patience::default, |node| self.patience(node));
        self.type_ahead = self.type_ahead(&fields);
        let id =
            self.required(&fields, "questionnaire", "Add a name such as `questionnaire: satisfaction-2026`");
        let id = id.and_then(|node| self.report.name(node, "questionnaire"));
        let title = self
            .required(&fields, "title", "Add a title in every language")
            .and_then(|node| self.text(node, "title"));
        let estimate =
            self.required(&fields, "estimate", "Add how long the call takes, such as `estimate: 120s`");
        let estimate = estimate.and_then(|node| self.report.span(node, "estimate", ["10s", "30m"]));
        let reason =
            fields.optional("more_than_five").and_then(|node| self.report.scalar(node, "more_than_five"));

        if let Some(node) = fields.optional("prompts") {
            self.named_prompts(node);
        }
        let anytime =
            self.required(&fields, "anytime", "Add `anytime: {\"*\": repeat, 0: person, 9: opt_out}`");
        self.anytime = anytime.map(|node| self.anytime(node)).unwrap_or_default();
        let gates = self
            .required(&fields, "gates", "Add recording_notice, identity and convenient")
            .and_then(|node| self.gates(node));
        let follow_ups_at = fields.optional("follow_ups");
        let questions_at = self.required(&fields, "questions", "Add one to five questions");
        self.read_ids(questions_at, follow_ups_at);
        let questions = questions_at.and_then(|node| self.questions(node));
        let follow_ups = follow_ups_at.map_or_else(|| Some(BTreeMap::new()), |node| self.follow_ups(node));
        let closings = self.required(&fields, "closings", "Add at least one closing");
        let closings = closings.and_then(|node| self.closings(node, questions.as_deref()));
        let replies_at =
            self.required(&fields, "replies", "Add what is said after a wrong key, no key, and in parting");
        let replies = replies_at.map(|node| self.replies(node)).unwrap_or_default();
        if let Some(node) = replies_at {
            let anytime = std::mem::take(&mut self.anytime);
            self.check_replies(&replies, node.place, gates.as_ref(), &anytime);
            self.anytime = anytime;
        }
        let ring_back = match (&gates, &title) {
            (Some(gates), Some(title)) => {
                self.ring_back(fields.optional("ring_back"), gates, title, &replies)
            }
            _ => None,
        };
        self.report_unspoken();
        let (questions, follow_ups) = (questions?, follow_ups?);
        self.check_graph(questions_at?.place, &questions, &follow_ups, reason.is_some());
        Some(Questionnaire {
            id: id?,
            hash,
            title: title?,
            languages: self.languages.clone(),
            estimate: estimate?,
            more_than_five: reason.map(str::to_owned),
            variables: self.variables.clone(),
            prompts: self.prompts.clone(),
            gates: gates?,
            questions: questions.into_iter().map(|placed| placed.node).collect(),
            follow_ups: follow_ups.into_iter().map(|(name, placed)| (name, placed.node)).collect(),
            anytime: self.anytime.clone(),
            replies,
            closings: closings?,
            ring_back: ring_back?,
        })
    }

    fn required<'n>(&mut self, fields: &Fields<'n>, key: &str, remedy: &str) -> Option<&'n Node> {
        fields.required(key, remedy, &mut self.report)
    }

    /// A list of different names.
    fn names(&mut self, node: &Node, what: &str) -> Vec<String> {
        let Value::List(list) = &node.value else {
            self.report.add(
                node.place,
                format!("{what} must be a list"),
                "Write it in brackets, such as [zh, en]",
            );
            return Vec::new();
        };
        if list.is_empty() {
            self.report.add(node.place, format!("{what} is empty"), "Add at least one, or remove the line");
        }
        let mut names = Vec::new();
        for node in list {
            let Some(name) = self.report.name(node, what) else { continue };
            if names.contains(&name) {
                self.report.add(node.place, format!("`{name}` stands twice in {what}"), "Keep one of them");
            }
            names.push(name);
        }
        names
    }

    /// The file's own patience.
    fn patience(&mut self, node: &Node) -> Patience {
        match Fields::of(node, "patience", &PATIENCE, &mut self.report) {
            Some(fields) => self.patience_of(&fields, "patience"),
            None => Patience::default(),
        }
    }

    /// The patience of a station: the file's, except where it says otherwise.
    pub(super) fn patience_of(&mut self, fields: &Fields<'_>, what: &str) -> Patience {
        let file = self.patience;
        let report = &mut self.report;
        let mut number = |key: &str, most: u8, default: u8| {
            let node = fields.optional(key);
            node.and_then(|node| report.number(node, &format!("{key} of {what}"), 0..=most))
                .unwrap_or(default)
        };
        let (retries, repeats) = (number("retries", 5, file.retries), number("repeats", 10, file.repeats));
        let wait = fields
            .optional("wait")
            .and_then(|node| report.span(node, &format!("wait of {what}"), ["1s", "30s"]));
        Patience { retries, wait: wait.unwrap_or(file.wait), repeats }
    }

    /// The patience of a station that the file does not have.
    pub(super) fn own_patience(&self) -> Patience {
        self.patience
    }

    pub(super) fn barge_in(&mut self, fields: &Fields<'_>, default: bool) -> bool {
        fields.optional("barge_in").and_then(|node| self.report.boolean(node, "barge_in")).unwrap_or(default)
    }

    /// Whether keys pressed ahead count: the file's word, except where a station says otherwise.
    pub(super) fn type_ahead(&mut self, fields: &Fields<'_>) -> bool {
        let node = fields.optional("type_ahead");
        node.and_then(|node| self.report.boolean(node, "type_ahead")).unwrap_or(self.type_ahead)
    }

    /// A key that `anytime` has not taken.
    pub(super) fn free_key(&mut self, entry: &Entry, what: &str) -> Option<Key> {
        let key = self.report.key(entry.place, &entry.key)?;
        if self.anytime.contains_key(&key) {
            let remedy = "Use another key here, or another one in anytime";
            self.report.add(entry.place, format!("{what} have {key}, which anytime uses everywhere"), remedy);
        }
        Some(key)
    }
}
