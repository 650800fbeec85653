//! Spoken answers: the interview asks for a span, the media side tells where it lies in the recording.

use std::time::Duration;

use records::{Noted, SpokenSpan};
use survey::Event;

use crate::call::Call;
use crate::{Output, Timer};

/// The span being recorded, or recorded last.
#[derive(Debug)]
pub(crate) struct Span {
    number: u32,
    /// Since the answer: stands in for the recording's offset when the media side never reports.
    began: Duration,
    bounds: Option<Bounds>,
    /// The question and tag the interview wants it saved under, before its bounds are known.
    wanted: Option<(String, String)>,
}

#[derive(Clone, Copy, Debug)]
struct Bounds {
    from: Duration,
    to: Duration,
    spoke: bool,
}

impl Call {
    pub(crate) fn record_span(&mut self, now: Duration, tag: String, max: Duration, end_silence: Duration) {
        self.talk.spans += 1;
        let number = self.talk.spans;
        self.talk.span = Some(Span { number, began: self.since_answer(now), bounds: None, wanted: None });
        self.timers.set(Timer::SpanUnreported, now + max + self.limits.span_report);
        self.out(Output::RecordSpan { span: number, tag, max, end_silence });
    }

    pub(crate) fn stop_span(&mut self, now: Duration) {
        if let Some(Span { number, bounds: None, .. }) = self.talk.span {
            self.timers.set(Timer::SpanUnreported, now + self.limits.span_report);
            self.out(Output::StopSpan { span: number });
        }
    }

    pub(crate) fn speech_ended(
        &mut self,
        now: Duration,
        span: u32,
        from: Duration,
        to: Duration,
        spoke: bool,
    ) {
        if self.talk.span.as_ref().is_some_and(|open| open.number == span) {
            self.bound_span(now, Bounds { from, to: to.max(from), spoke });
        }
    }

    /// Our own clock stands in. A person is to listen, so it counts as spoken.
    pub(crate) fn span_unreported(&mut self, now: Duration) {
        let to = self.since_answer(now);
        if let Some(Span { number, began, .. }) = self.talk.span {
            self.out(Output::StopSpan { span: number });
            self.bound_span(now, Bounds { from: began, to, spoke: true });
        }
    }

    fn bound_span(&mut self, now: Duration, bounds: Bounds) {
        let Some(span) = self.talk.span.as_mut().filter(|span| span.bounds.is_none()) else { return };
        span.bounds = Some(bounds);
        self.timers.stop(Timer::SpanUnreported);
        match span.wanted.take() {
            Some((question, tag)) => self.save_span(now, question, tag, bounds),
            None => self.tell_interview(now, Event::SpeechEnded),
        }
    }

    /// The interview wants the span kept: at once when its bounds are known, else when they are.
    pub(crate) fn keep_span(&mut self, now: Duration, question: String, tag: String) {
        let Some(span) = &mut self.talk.span else { return };
        match span.bounds {
            Some(bounds) => self.save_span(now, question, tag, bounds),
            None => span.wanted = Some((question, tag)),
        }
    }

    fn save_span(&mut self, now: Duration, question: String, tag: String, bounds: Bounds) {
        let span = SpokenSpan {
            question,
            tag,
            from_ms: bounds.from.as_millis() as u64,
            to_ms: bounds.to.as_millis() as u64,
            spoke: bounds.spoke,
        };
        self.note_for_interview(now, Noted::Spoken(span));
    }

    /// Whether a span's bounds are still on their way to be saved.
    pub(crate) fn span_awaited(&self) -> bool {
        self.talk.span.as_ref().is_some_and(|span| span.wanted.is_some())
    }

    fn since_answer(&self, now: Duration) -> Duration {
        now.saturating_sub(self.talk.answered_at.unwrap_or(now))
    }
}
