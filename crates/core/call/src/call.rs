//! The state of a call and the dispatch of its inputs.

use std::collections::VecDeque;
use std::time::Duration;

use records::{CallPolicy, Evidence};
use survey::Outcome;

use crate::saving::Ledger;
use crate::span::Span;
use crate::timer::Timers;
use crate::verdict::{Told, Verdict};
use crate::{Course, Input, Limits, Output, Timer};

/// How far a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Not started.
    Idle,
    /// An inbound call is being answered; the caller's side has not confirmed it.
    Answering,
    /// INVITE sent, no ringing yet.
    Dialling,
    /// It rings.
    Ringing,
    /// CANCEL sent, or to be sent.
    Cancelling,
    /// Answered; the interview runs.
    Talking,
    /// The closing has been said; the customer is to hang up first (G4.2).
    Closing,
    /// We hang up, or the signalling does.
    HangingUp,
    /// The leg is gone; the last facts are being made durable.
    Settling,
    /// Nothing more will come.
    Ended,
}

/// One call. See the crate's contract.
#[derive(Debug)]
pub struct Call {
    pub(crate) policy: CallPolicy,
    pub(crate) limits: Limits,
    pub(crate) course: Course,
    /// The customer rang us.
    pub(crate) inbound: bool,
    pub(crate) phase: Phase,
    pub(crate) timers: Timers,
    pub(crate) outputs: VecDeque<Output>,
    pub(crate) ledger: Ledger,
    pub(crate) line: Line,
    pub(crate) talk: Talk,
    pub(crate) told: Told,
    pub(crate) evidence: Evidence,
    /// Why the call ends, once that is decided.
    pub(crate) verdict: Option<Verdict>,
}

/// What the line told before the answer.
#[derive(Debug, Default)]
pub(crate) struct Line {
    /// Any response at all came, 100 included.
    pub(crate) sign_of_life: bool,
    /// A provisional response other than 100 came.
    pub(crate) progress: bool,
    pub(crate) last_status: Option<u16>,
    pub(crate) rings_since: Option<Duration>,
    /// A packet came, in early media or later.
    pub(crate) packet: bool,
}

/// The call while it is answered.
#[derive(Debug, Default)]
pub(crate) struct Talk {
    pub(crate) answered_at: Option<Duration>,
    /// A key came: a person is there, and so are media.
    pub(crate) key: bool,
    pub(crate) outcome: Option<Outcome>,
    pub(crate) plays: u32,
    pub(crate) playing: Option<u32>,
    pub(crate) spans: u32,
    pub(crate) span: Option<Span>,
    /// Where the interview stands, as last spoken.
    pub(crate) at: Option<String>,
    pub(crate) recording_stopped: bool,
}

impl Call {
    /// A call that waits for [`Input::Start`] or [`Input::Arrived`].
    pub fn new(policy: CallPolicy, limits: Limits, course: impl Into<Course>) -> Self {
        Self {
            policy,
            limits,
            course: course.into(),
            inbound: false,
            phase: Phase::Idle,
            timers: Timers::default(),
            outputs: VecDeque::new(),
            ledger: Ledger::default(),
            line: Line::default(),
            talk: Talk::default(),
            told: Told::default(),
            evidence: Evidence::default(),
            verdict: None,
        }
    }

    /// Takes one fact. `now` is the time since the attempt started.
    pub fn handle(&mut self, now: Duration, input: Input) {
        match (self.phase, input) {
            (Phase::Ended, _) => return,
            (_, Input::Saved { seq }) => self.saved(now, seq),
            (_, Input::StoreFailed) => self.store_failed(now),
            (_, Input::SpeechEnded { span, from, to, spoke }) => {
                self.speech_ended(now, span, from, to, spoke);
            }
            (_, Input::Timeout) => self.fire_due(now),
            (Phase::Idle, input) => self.idle(now, &input),
            (Phase::Answering, input) => self.answering(now, input),
            (Phase::Dialling | Phase::Ringing, input) => self.dialling(now, input),
            (Phase::Cancelling, input) => self.cancelling(now, input),
            (Phase::Talking | Phase::Closing, input) => self.talking(now, &input),
            (Phase::HangingUp, Input::PeerHungUp | Input::LegEnded | Input::Failed(_)) => self.leg_down(now),
            (Phase::HangingUp | Phase::Settling, _) => {}
        }
        self.end_when_settled();
    }

    /// The next order, in sequence.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to feed [`Input::Timeout`], since the attempt's start, and why.
    pub fn poll_timeout(&self) -> Option<(Duration, Timer)> {
        self.timers.earliest()
    }

    /// How far the call is.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// The question, follow-up or gate (`gate.<name>`) being asked.
    pub fn question(&self) -> Option<&str> {
        self.talk.at.as_deref().filter(|_| self.phase == Phase::Talking)
    }

    pub(crate) fn out(&mut self, output: Output) {
        self.outputs.push_back(output);
    }

    fn fire_due(&mut self, now: Duration) {
        while let Some(timer) = self.timers.take_due(now) {
            match timer {
                Timer::SetupLimit | Timer::RingTime => self.give_up_waiting(now),
                Timer::Unconfirmed => self.unconfirmed(now),
                Timer::NoMedia => self.no_media(now),
                Timer::LongestCall => self.lasted_too_long(now),
                Timer::NoKey => self.tell_interview(now, survey::Event::SilenceElapsed),
                Timer::HangUpGrace => self.hang_up_after_closing(now),
                Timer::StoreSilent => self.store_failed(now),
                Timer::SpanUnreported => self.span_unreported(now),
                Timer::TeardownUnconfirmed => self.teardown_unconfirmed(now),
            }
        }
    }
}
