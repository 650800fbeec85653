//! What is made out on a leg by ear, for as long as that is of use: see `hearing`.

use crate::{Found, Heard, fact::Facts, recorder::Recording};
use audio::duration_of;
use hearing::{Answered, Bench, Echo, Finding, Library, Limits, Listener, What};
use std::sync::Arc;

/// What all legs of a thread listen with, in turn.
pub(super) struct Room {
    bench: Bench,
    library: Arc<Library>,
}

impl Room {
    pub(super) fn new(library: Arc<Library>) -> Self {
        Self { bench: Bench::default(), library }
    }
}

/// One leg's listener; dropped when it has nothing more to tell.
pub(crate) struct Listening {
    listener: Option<Box<Listener>>,
    answered: Option<i64>,
}

impl Listening {
    pub(crate) fn new(limits: Limits, library: &Library) -> Self {
        Self { listener: Some(Box::new(Listener::new(limits, library))), answered: None }
    }

    pub(super) fn answered(&mut self, at: i64) {
        self.answered.get_or_insert(at);
        if let Some(listener) = &mut self.listener {
            listener.answered(at);
        }
    }

    /// Hears the samples at a position.
    pub(super) fn hear(
        &mut self,
        (position, samples): (i64, &[i16]),
        echo: &Echo,
        room: &mut Room,
        facts: &Facts,
        mut recording: Option<&mut Recording>,
    ) {
        let Some(listener) = &mut self.listener else { return };
        let Room { bench, library } = room;
        let answered = self.answered;
        listener.hear(position, samples, (library, bench), echo, |finding| {
            if let Some(recording) = recording.as_deref_mut().filter(|_| is_worth_a_mark(&finding)) {
                recording.heard(finding.from, &words(finding.what, library));
            }
            tell(finding, answered, facts);
        });
        if listener.is_done() {
            self.listener = None;
        }
    }

    /// A key was pressed at a position, which only people do.
    pub(super) fn key(&mut self, position: i64, facts: &Facts) {
        let answered = self.answered;
        if let Some(listener) = &mut self.listener {
            listener.key(position, |finding| tell(finding, answered, facts));
        }
        if answered.is_some() {
            self.listener = None;
        }
    }
}

fn is_worth_a_mark(finding: &Finding) -> bool {
    finding.confidence > 0 && finding.what != What::Answered(Answered::Unknown)
}

fn words(what: What, library: &Library) -> String {
    match what {
        What::Announcement(clip) => format!("{} {}", what.words(), library.name(clip)),
        _ => what.words().to_owned(),
    }
}

fn tell(finding: Finding, answered: Option<i64>, facts: &Facts) {
    let Finding { what, from, to, confidence } = finding;
    let since = |position: i64| duration_of((position - answered.unwrap_or(0)).max(0) as u64);
    facts.tell(Heard::Found(Box::new(Found {
        what,
        confidence,
        answered: answered.is_some(),
        from: since(from),
        to: since(to),
    })));
}
