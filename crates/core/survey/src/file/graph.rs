//! The graph as a whole: it moves forward, everything in it is reached, and it is short.

use super::questions::Placed;
use super::reader::Reader;
use crate::{FollowUp, Next, Place, Question};
use std::collections::{BTreeMap, BTreeSet};

/// Rule G4.2.
const MOST_QUESTIONS: usize = 5;

type Questions = [Placed<Question>];
type FollowUps = BTreeMap<String, Placed<FollowUp>>;

impl Reader {
    pub(super) fn check_graph(
        &mut self,
        place: Place,
        questions: &Questions,
        follow_ups: &FollowUps,
        overridden: bool,
    ) {
        self.check_ids(questions);
        self.check_number(place, questions, overridden);
        let reached = Reached::from_first(questions, follow_ups);
        for (place, from, to) in &reached.backward {
            let remedy = "Lead to a later question, or to `closing`";
            self.report.add(*place, format!("{from} leads back to {to}, so no path is sure to end"), remedy);
        }
        for question in
            questions.iter().filter(|question| !reached.questions.contains(question.node.id.as_str()))
        {
            let remedy = "Let a `then` lead to it, or remove it";
            self.report.add(
                question.place,
                format!("question `{}` is never reached", question.node.id),
                remedy,
            );
        }
        for (name, follow_up) in
            follow_ups.iter().filter(|(name, _)| !reached.follow_ups.contains(name.as_str()))
        {
            let remedy = format!("Let a key lead to it with `then: {name}`, or remove it");
            self.report.add(follow_up.place, format!("follow-up `{name}` is never reached"), remedy);
        }
    }

    fn check_ids(&mut self, questions: &Questions) {
        let mut seen = BTreeSet::new();
        for Placed { node, place } in questions {
            if !seen.insert(&node.id) {
                self.report.add(
                    *place,
                    format!("two questions have the id `{}`", node.id),
                    "Give each its own",
                );
            }
            if self.follow_up_ids.contains(&node.id) || node.id == "closing" {
                let remedy = "Give the question another id";
                self.report.add(
                    *place,
                    format!("the id `{}` already names a follow-up or the closing", node.id),
                    remedy,
                );
            }
        }
    }

    fn check_number(&mut self, place: Place, questions: &Questions, overridden: bool) {
        if questions.len() > MOST_QUESTIONS && !overridden {
            let remedy = "Split it over several calls, or add `more_than_five:` with your reason";
            let message = format!(
                "{} questions are more than the {MOST_QUESTIONS} a call may ask (rule G4.2)",
                questions.len()
            );
            self.report.add(place, message, remedy);
        }
        if !questions.is_empty() && !questions.iter().any(|question| question.node.mandatory) {
            let remedy = "Leave `mandatory: false` out of at least one";
            self.report.add(
                place,
                "no question is mandatory, so a call without any answer would count as a success",
                remedy,
            );
        }
    }
}

/// What can be reached from the first question.
#[derive(Default)]
struct Reached<'q> {
    questions: BTreeSet<&'q str>,
    follow_ups: BTreeSet<&'q str>,
    /// Where, from what, to what a path leads back.
    backward: BTreeSet<(Place, String, String)>,
}

impl<'q> Reached<'q> {
    fn from_first(questions: &'q Questions, follow_ups: &'q FollowUps) -> Self {
        let mut reached = Self::default();
        let mut ahead = BTreeSet::from([0]);
        while let Some(index) = ahead.pop_first() {
            let Some(Placed { node: question, place }) = questions.get(index) else { continue };
            if !reached.questions.insert(&question.id) {
                continue;
            }
            if !question.mandatory {
                ahead.insert(index + 1);
            }
            for choice in question.keys.values() {
                let from = format!("question `{}`", question.id);
                reached.follow(
                    &choice.then,
                    (index, *place, from),
                    (questions, follow_ups),
                    &mut ahead,
                    &mut Vec::new(),
                );
            }
        }
        reached
    }

    /// Notes where `next` leads from the question at `index`; `path` holds the follow-ups on the way.
    fn follow(
        &mut self,
        next: &'q Next,
        (index, place, from): (usize, Place, String),
        (questions, follow_ups): (&'q Questions, &'q FollowUps),
        ahead: &mut BTreeSet<usize>,
        path: &mut Vec<&'q str>,
    ) {
        match next {
            Next::Closing => {}
            Next::Following => drop(ahead.insert(index + 1)),
            Next::Question(to) if *to > index => drop(ahead.insert(*to)),
            Next::Question(to) => {
                let to = questions
                    .get(*to)
                    .map(|question| format!("question `{}`", question.node.id))
                    .unwrap_or_default();
                self.backward.insert((place, from, to));
            }
            Next::FollowUp(name) if path.contains(&name.as_str()) => {
                self.backward.insert((place, from, format!("follow-up `{name}`")));
            }
            Next::FollowUp(name) => {
                let Some(Placed { node: follow_up, place }) = follow_ups.get(name) else { return };
                self.follow_ups.insert(name);
                path.push(name);
                let from = format!("follow-up `{name}`");
                self.follow(&follow_up.then, (index, *place, from), (questions, follow_ups), ahead, path);
            }
        }
    }
}
