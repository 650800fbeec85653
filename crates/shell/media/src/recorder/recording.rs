//! One recording as its tick sees it. Nothing here touches the disk.

use super::{Job, early::Early, marks::Marks};
use crate::{
    Heard, LegStats,
    fact::{Facts, Reserved},
};
use audio::{Codec, FRAME, Piece, Tape, Way};
use crossbeam_channel::{Receiver, Sender};
use records::{KeyTones, KeyWay, Marker};

pub(crate) struct Recording {
    id: u64,
    jobs: Sender<Job>,
    spare: Receiver<Piece>,
    state: State,
    /// The answer's position on the leg's clock.
    zero: i64,
    marks: Marks,
    key_tones: KeyTones,
    whole: bool,
    /// Samples of the pieces that were handed over.
    written: u64,
}

enum State {
    /// The tape lies ready; what is heard meanwhile may be evidence.
    Unanswered(Tape, Early),
    Running(Tape),
    Stopped,
}

impl Recording {
    pub(super) fn new(id: u64, jobs: Sender<Job>, spare: Receiver<Piece>) -> Self {
        let state = State::Unanswered(Tape::new(), Early::default());
        let (marks, key_tones) = (Marks::default(), KeyTones::default());
        Self { id, jobs, spare, state, zero: 0, marks, key_tones, whole: true, written: 0 }
    }

    pub(crate) fn key_tones(&mut self, key_tones: KeyTones) {
        self.key_tones = key_tones;
    }

    /// The answer: time zero. What was heard since is laid on the tape.
    pub(crate) fn start(&mut self, at: i64, facts: &Facts) {
        let (tape, early) = match std::mem::replace(&mut self.state, State::Stopped) {
            State::Unanswered(tape, early) => (tape, early),
            state => {
                self.state = state;
                return;
            }
        };
        self.zero = at;
        self.state = State::Running(tape);
        let (from, sound) = early.since(at);
        for (position, sound) in (from..).step_by(FRAME).zip(sound.chunks(FRAME)) {
            self.tick(position, facts);
            self.customer(position, Codec::Pcma, sound);
        }
    }

    pub(crate) fn customer(&mut self, position: i64, law: Codec, sound: &[u8]) {
        match &mut self.state {
            State::Unanswered(_, early) => early.hear(position, law, sound),
            State::Running(tape) => tape.customer(position - self.zero, law, sound),
            State::Stopped => {}
        }
    }

    /// Noise that stands for the customer's silence.
    pub(crate) fn noise(&mut self, position: i64, samples: &[i16]) {
        if let State::Running(tape) = &mut self.state {
            tape.noise(position - self.zero, samples);
        }
    }

    /// Something was made out there. Before the answer the sound around it is kept.
    pub(crate) fn heard(&mut self, position: i64, what: &str) {
        let marker = Marker::Heard { what: what.to_owned() };
        match &mut self.state {
            State::Unanswered(_, early) => early.pin(position, marker),
            _ => self.mark(position, &marker),
        }
    }

    pub(crate) fn ours(&mut self, position: i64, law: Codec, sound: &[u8]) {
        if let State::Running(tape) = &mut self.state {
            tape.ours(position - self.zero, law, sound);
        }
    }

    /// The customer's sound between the two positions was sent and has not come.
    pub(crate) fn missing(&mut self, (from, to): (i64, i64)) {
        if let State::Running(tape) = &mut self.state {
            tape.missing(from - self.zero, to - self.zero);
        }
    }

    /// Between the two positions nothing came, and no number says that anything was sent.
    pub(crate) fn nothing(&mut self, from: i64, to: i64) {
        if let State::Running(_) = &self.state {
            self.marks.nothing(from - self.zero, to - from);
        }
    }

    /// A key is, or was, down between the two positions; told as often as more of it is known.
    pub(crate) fn key_down(&mut self, from: i64, to: i64) {
        if let (State::Running(tape), KeyTones::Masked) = (&mut self.state, self.key_tones) {
            tape.mask_key(from - self.zero, to - self.zero);
        }
    }

    /// A key was pressed.
    pub(crate) fn key(&mut self, position: i64, digit: char, way: Way) {
        let by = match way {
            Way::Event => KeyWay::Event,
            Way::Tone => KeyWay::Tone,
            Way::Info => KeyWay::Info,
        };
        let marker = match self.key_tones {
            KeyTones::Kept => Marker::Key { digit, by },
            KeyTones::Masked => Marker::MaskedKey,
        };
        self.mark(position, &marker);
    }

    pub(crate) fn mark(&mut self, position: i64, marker: &Marker) {
        if let State::Running(_) = &self.state {
            self.marks.set(position - self.zero, marker);
        }
    }

    /// What a prompt is called.
    pub(crate) fn name_prompt(&mut self, play: u32, name: String) {
        self.marks.name_prompt(play, name);
    }

    /// Which prompt the frame at a position is of, and whether it is its last one.
    pub(crate) fn says(&mut self, play: Option<u32>, done: bool, position: i64) {
        if let State::Running(_) = &self.state {
            self.marks.says(play, done, position - self.zero);
        }
    }

    /// Hands every piece that is over to the writer.
    pub(crate) fn tick(&mut self, now: i64, facts: &Facts) {
        loop {
            let State::Running(tape) = &mut self.state else { return };
            if !tape.is_ready(now - self.zero) {
                return;
            }
            let mut piece = self.spare.try_recv().unwrap_or_default();
            tape.take_piece(&mut piece);
            self.write(piece, facts);
        }
    }

    /// Ends the file here.
    pub(crate) fn stop(&mut self, at: i64, facts: &Facts) {
        match std::mem::replace(&mut self.state, State::Stopped) {
            State::Unanswered(_, early) if early.is_pinned() => {
                if self.jobs.try_send(Job::Early { id: self.id, early: Box::new(early) }).is_err() {
                    tracing::warn!(
                        "the evidence of what was heard before the answer is not kept: the disk lags"
                    );
                }
            }
            State::Unanswered(..) | State::Stopped => {}
            State::Running(tape) => {
                let length = (at - self.zero).max(0) as u64;
                let mut piece = self.spare.try_recv().unwrap_or_default();
                let lost = tape.finish(length, &mut piece);
                self.marks.end(&lost, length);
                if length < self.written {
                    // The end is told so late that pieces have left which reach further.
                    self.hand_over(Job::Cut { id: self.id, length }, facts);
                } else if piece.samples() > 0 {
                    self.write(piece, facts);
                }
            }
        }
    }

    pub(crate) fn close(mut self, at: i64, stats: LegStats, facts: &Facts, closed: Reserved) -> Job {
        self.stop(at, facts);
        Job::Close { id: self.id, cues: self.marks.fresh(), stats, whole: self.whole, closed }
    }

    fn write(&mut self, piece: Piece, facts: &Facts) {
        if self.whole {
            self.written += piece.samples() as u64;
            let cues = self.marks.fresh();
            self.hand_over(Job::Piece { id: self.id, piece, cues }, facts);
        }
    }

    fn hand_over(&mut self, job: Job, facts: &Facts) {
        if self.whole && self.jobs.try_send(job).is_err() {
            self.whole = false;
            metrics::counter!("media_recorder_overruns_total").increment(1);
            let error =
                "the disk does not keep up: use a faster one for the staging directory, or allow fewer calls";
            facts.tell(Heard::RecorderFailed { error: error.into() });
        }
    }
}
