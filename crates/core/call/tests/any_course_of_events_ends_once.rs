//! Random inputs in random order and time: every call ends exactly once, in bounded time, and keeps its rules.

mod support;

use std::collections::BTreeSet;
use std::time::Duration;

use call::{Call, Failure, FailureKind, Input, Limits, Output, Phase, longest_life};
use proptest::prelude::*;
use records::{CallPolicy, Heard};
use support::{new_call, seconds};

/// What the world does next; numbers in replies are taken from what the call asked for.
#[derive(Clone, Debug)]
enum Deed {
    Feed(Input),
    SavedAll,
    PromptDone,
    SpeechEnded,
}

fn deed() -> impl Strategy<Value = Deed> {
    let heard = prop_oneof![
        Just(Heard::Ringback),
        Just(Heard::Sound),
        Just(Heard::BusyTone),
        Just(Heard::UnobtainableTone)
    ];
    let status = prop_oneof![Just(180), Just(183), Just(181)];
    let key = prop_oneof![
        Just('0'),
        Just('1'),
        Just('2'),
        Just('3'),
        Just('8'),
        Just('9'),
        Just('*'),
        Just('#'),
        Just('A')
    ];
    let setting_up = prop_oneof![
        2 => Just(Input::Trying),
        4 => (status, any::<bool>()).prop_map(|(status, sdp)| Input::Provisional { status, sdp }),
        3 => heard.prop_map(Input::Heard),
        6 => Just(Input::Answered),
        1 => Just(Input::FirstPacket),
    ];
    let going_wrong = prop_oneof![
        Just(Input::NoCommonCodec { why: "no codec in common".to_owned() }),
        Just(Input::LateAnswered),
        Just(Input::LegEnded),
        Just(Input::PeerHungUp),
        Just(Input::NoMedia),
        Just(Input::RecorderFailed),
        Just(Input::StoreFailed),
        Just(Input::OptedOutMeanwhile),
        Just(Input::Start),
        Just(Input::Failed(Failure::response(487, "Request Terminated"))),
        Just(Input::Failed(Failure::response(486, "Busy Here"))),
        Just(Input::Failed(Failure::of(FailureKind::Timeout))),
        any::<bool>().prop_map(|now| Input::Drain { now }),
    ];
    prop_oneof![
        4 => setting_up.prop_map(Deed::Feed),
        12 => key.prop_map(|key| Deed::Feed(Input::Key(key))),
        1 => going_wrong.prop_map(Deed::Feed),
        12 => Just(Deed::SavedAll),
        12 => Just(Deed::PromptDone),
        4 => Just(Deed::SpeechEnded),
    ]
}

/// The rules, watched from outside.
struct Watch {
    call: Call,
    now: Duration,
    unsaved: BTreeSet<u32>,
    play: Option<u32>,
    span: Option<u32>,
    rings_since: Option<Duration>,
    may_cancel_early: bool,
    answered: bool,
    inbound: bool,
    dials: u32,
    cancels: u32,
    hang_ups: u32,
    ended: u32,
}

impl Watch {
    fn new(inbound: bool) -> Self {
        Self {
            inbound,
            call: new_call(),
            now: Duration::ZERO,
            unsaved: BTreeSet::new(),
            play: None,
            span: None,
            rings_since: None,
            may_cancel_early: false,
            answered: false,
            dials: 0,
            cancels: 0,
            hang_ups: 0,
            ended: 0,
        }
    }

    fn feed(&mut self, input: Input) {
        if matches!(input, Input::Provisional { status: 180, .. } | Input::Heard(Heard::Ringback))
            && self.call.phase() == Phase::Dialling
        {
            self.rings_since.get_or_insert(self.now);
        }
        self.may_cancel_early |=
            matches!(input, Input::Drain { .. } | Input::RecorderFailed | Input::OptedOutMeanwhile);
        self.answered |= input == Input::Answered;
        match &input {
            Input::Saved { seq } => {
                self.unsaved.remove(seq);
            }
            Input::StoreFailed => self.unsaved.clear(),
            _ => {}
        }
        let silent_store =
            self.call.poll_timeout().is_some_and(|(_, timer)| timer == call::Timer::StoreSilent);
        if input == Input::Timeout && silent_store {
            self.unsaved.clear();
        }
        self.call.handle(self.now, input);
        while let Some(output) = self.call.poll_output() {
            self.check(output);
        }
    }

    fn check(&mut self, output: Output) {
        assert_eq!(self.ended, 0, "{output:?} after the end");
        match output {
            Output::Dial | Output::Answer => self.dials += 1,
            Output::Cancel => self.cancelled(),
            Output::HangUp => {
                self.hang_ups += 1;
                assert!(self.answered || self.inbound, "hung up what was not answered");
            }
            Output::Play { play, .. } => {
                assert!(self.unsaved.is_empty(), "a prompt before {:?} were durable", self.unsaved);
                assert_eq!(self.hang_ups, 0, "a prompt after the hang-up");
                self.play = Some(play);
            }
            Output::RecordSpan { span, .. } => self.span = Some(span),
            Output::Save(fact) => assert!(self.unsaved.insert(fact.seq), "a number given twice"),
            Output::Ended(_) => {
                self.ended += 1;
                assert_eq!(self.call.poll_timeout(), None);
            }
            Output::StopPlay | Output::StopSpan { .. } | Output::StopRecording | Output::Mark(_) => {}
        }
    }

    fn cancelled(&mut self) {
        self.cancels += 1;
        assert!(!self.call.phase().eq(&Phase::Talking), "an answered call is not cancelled");
        let since = self.rings_since.unwrap_or_default();
        let ring_time = CallPolicy::default().ring_time;
        assert!(
            self.may_cancel_early || self.now >= since + ring_time,
            "cancelled after {:?}",
            self.now.saturating_sub(since)
        );
    }

    /// Fires the timers due until then.
    fn wait_until(&mut self, until: Duration) {
        let mut fired = 0;
        while let Some((at, _)) = self.call.poll_timeout().filter(|(at, _)| *at <= until) {
            fired += 1;
            assert!(fired < 100_000, "timers without end");
            self.now = self.now.max(at);
            self.feed(Input::Timeout);
        }
        self.now = self.now.max(until);
    }

    fn carry_out(&mut self, deed: &Deed) {
        match deed {
            Deed::Feed(input) => self.feed(input.clone()),
            Deed::SavedAll => {
                for seq in self.unsaved.clone() {
                    self.feed(Input::Saved { seq });
                }
            }
            Deed::PromptDone => {
                if let Some(play) = self.play {
                    self.feed(Input::PromptDone { play });
                }
            }
            Deed::SpeechEnded => {
                if let Some(span) = self.span {
                    self.feed(Input::SpeechEnded { span, from: seconds(1), to: seconds(3), spoke: true });
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn any_course_of_events_ends_once(
        course in prop::collection::vec((0_u64..8000, deed()), 0..120),
        pace in prop_oneof![Just(1_u64), Just(10), Just(100)],
        inbound in prop_oneof![3 => Just(false), 1 => Just(true)],
    ) {
        let mut watch = Watch::new(inbound);
        watch.feed(if inbound { Input::Arrived } else { Input::Start });
        for (pause, deed) in &course {
            watch.wait_until(watch.now + Duration::from_millis(pause / pace));
            watch.carry_out(deed);
        }
        let policy = CallPolicy::default();
        let bound = longest_life(&policy, &Limits::default());
        watch.wait_until(bound.max(watch.now));
        prop_assert_eq!(watch.ended, 1, "still {:?} after {:?}", watch.call.phase(), watch.now);
        for (_, deed) in &course {
            watch.carry_out(deed);
        }
        prop_assert_eq!((watch.ended, watch.dials), (1, 1));
        prop_assert!(watch.cancels <= 1 && watch.hang_ups <= 1);
    }
}
