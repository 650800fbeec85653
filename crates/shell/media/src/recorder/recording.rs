//! One recording as its tick sees it. Nothing here touches the disk.

use super::Job;
use crate::{
    Cue, Heard, LegStats,
    fact::{Facts, Reserved},
};
use audio::{Tape, duration_of};
use crossbeam_channel::{Receiver, Sender};

pub(crate) struct Recording {
    id: u64,
    jobs: Sender<Job>,
    spare: Receiver<Vec<i16>>,
    state: State,
    /// The answer's position on the leg's clock.
    zero: i64,
    cues: Vec<Cue>,
    whole: bool,
}

enum State {
    /// The tape lies ready.
    Unanswered(Tape),
    Running(Tape),
    /// Length in samples.
    Stopped(u64),
}

impl Recording {
    pub(super) fn new(id: u64, jobs: Sender<Job>, spare: Receiver<Vec<i16>>) -> Self {
        let state = State::Unanswered(Tape::new());
        Self { id, jobs, spare, state, zero: 0, cues: Vec::new(), whole: true }
    }

    /// The answer: time zero.
    pub(crate) fn start(&mut self, at: i64) {
        let state = std::mem::replace(&mut self.state, State::Stopped(0));
        self.state = match state {
            State::Unanswered(tape) => {
                self.zero = at;
                State::Running(tape)
            }
            state => state,
        };
    }

    pub(crate) fn customer(&mut self, position: i64, samples: &[i16]) {
        if let State::Running(tape) = &mut self.state {
            tape.customer(position - self.zero, samples);
        }
    }

    pub(crate) fn ours(&mut self, position: i64, samples: &[i16]) {
        if let State::Running(tape) = &mut self.state {
            tape.ours(position - self.zero, samples);
        }
    }

    pub(crate) fn mark(&mut self, position: i64, label: String) {
        if let State::Running(_) = &self.state {
            self.cues.push(Cue { at: duration_of((position - self.zero).max(0) as u64), label });
        }
    }

    /// Hands every second that is over to the writer.
    pub(crate) fn tick(&mut self, now: i64, facts: &Facts) {
        loop {
            let State::Running(tape) = &mut self.state else { return };
            if !tape.is_ready(now - self.zero) {
                return;
            }
            let mut piece = self.spare.try_recv().unwrap_or_default();
            tape.take_piece(&mut piece);
            self.hand_over(piece, facts);
        }
    }

    /// Ends the file here.
    pub(crate) fn stop(&mut self, at: i64, facts: &Facts) {
        match std::mem::replace(&mut self.state, State::Stopped(0)) {
            State::Unanswered(_) => {}
            State::Running(tape) => {
                let length = (at - self.zero).max(0) as u64;
                self.state = State::Stopped(length);
                let mut piece = self.spare.try_recv().unwrap_or_default();
                tape.finish(length, &mut piece);
                self.hand_over(piece, facts);
            }
            stopped @ State::Stopped(_) => self.state = stopped,
        }
    }

    pub(crate) fn close(mut self, at: i64, stats: LegStats, facts: &Facts, closed: Reserved) -> Job {
        self.stop(at, facts);
        let length = if let State::Stopped(length) = self.state { length } else { 0 };
        let mut cues = self.cues;
        cues.retain(|cue| cue.at <= duration_of(length));
        cues.sort_by_key(|cue| cue.at);
        Job::Close { id: self.id, cues, stats, whole: self.whole, closed }
    }

    fn hand_over(&mut self, piece: Vec<i16>, facts: &Facts) {
        if !self.whole || piece.is_empty() {
            return;
        }
        if self.jobs.try_send(Job::Piece { id: self.id, piece }).is_err() {
            self.whole = false;
            metrics::counter!("media_recorder_overruns_total").increment(1);
            let error =
                "the disk does not keep up: use a faster one for the staging directory, or allow fewer calls";
            facts.tell(Heard::RecorderFailed { error: error.into() });
        }
    }
}
