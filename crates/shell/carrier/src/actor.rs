//! A virtual customer on the phone: walks through their steps, one tick of 20 ms after the other. Pure.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use crate::ear::Ear;
use crate::rtp::{Frame, KeyFrame, event_code};
use crate::script::{Habits, Speech, Step};
use crate::sound::{Sound, Voice};

const TICK: Duration = Duration::from_millis(20);
/// A key is held for 160 ms.
const HELD: u16 = 8;
/// Its end is told three times (RFC 4733 section 2.5.1.4).
const ENDS: u16 = 3;
/// So long after a key went down the prompt that it answers may still be on its way; what comes later is the next one.
const HEARD_OUT: u16 = 5;
/// Pause between two keys.
const BETWEEN_KEYS: u32 = 12;
/// Nobody stays longer than this.
const LONGEST_STAY: u32 = 30 * 60 * 50;

/// Something worth a line in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    /// A prompt was heard to its end, or until a key cut it short.
    HeardPrompt,
    /// A key went down.
    Pressed(char),
    /// Began to speak.
    Spoke,
    /// Waited for a prompt in vain.
    LostPatience,
}

/// What one tick brings.
#[derive(Debug, PartialEq)]
pub(crate) struct Tick {
    pub(crate) frame: Frame,
    pub(crate) deed: Option<Deed>,
    pub(crate) hang_up: bool,
}

#[derive(Debug)]
enum Doing {
    /// About to take the next step.
    Next,
    Waiting {
        for_end: bool,
        ticks: u32,
    },
    Sounding {
        ticks: u32,
    },
    Pressing {
        keys: VecDeque<char>,
        tick: u16,
    },
    Pausing {
        keys: VecDeque<char>,
        ticks: u32,
    },
    Staying {
        ticks: u32,
    },
    Done,
}

/// A customer during an answered call.
#[derive(Debug)]
pub(crate) struct Actor {
    steps: VecDeque<Step>,
    doing: Doing,
    ear: Ear,
    voice: Voice,
    habits: Habits,
    clips: BTreeMap<String, Arc<[i16]>>,
}

impl Actor {
    /// Ready at the moment of answer.
    pub(crate) fn new(
        steps: &[Step],
        habits: Habits,
        clips: BTreeMap<String, Arc<[i16]>>,
        seed: u32,
    ) -> Self {
        Self {
            steps: steps.iter().flat_map(unfold).collect(),
            doing: Doing::Next,
            ear: Ear::default(),
            voice: Voice::new(seed),
            habits,
            clips,
        }
    }

    /// 20 ms go by, in which `heard` was the loudness of what arrived.
    pub(crate) fn tick(&mut self, heard: Option<f32>) -> Tick {
        self.ear.hear(heard);
        let deed = self.advance();
        let frame = self.frame();
        Tick { frame, deed, hang_up: matches!(self.doing, Doing::Done) }
    }

    fn advance(&mut self) -> Option<Deed> {
        match &mut self.doing {
            Doing::Next => self.next_step(),
            Doing::Waiting { for_end, ticks } => {
                *ticks += 1;
                let patience = ticks_of(self.habits.patience.0);
                let arrived = if *for_end {
                    self.ear.prompt_ended(ticks_of(self.habits.prompt_end.0))
                } else {
                    self.ear.well_into_a_prompt()
                };
                if arrived {
                    self.ear.forget();
                    self.doing = Doing::Next;
                    return Some(Deed::HeardPrompt);
                }
                if *ticks > patience && self.ear.silent_for(patience) {
                    self.doing = Doing::Done;
                    return Some(Deed::LostPatience);
                }
                None
            }
            Doing::Sounding { ticks } => {
                *ticks = ticks.saturating_sub(1);
                if *ticks == 0 {
                    self.voice.start(Sound::Floor);
                    return self.next_step();
                }
                None
            }
            Doing::Pressing { keys, tick } => {
                *tick += 1;
                if *tick == HEARD_OUT {
                    self.ear.forget();
                }
                if *tick == HELD + ENDS {
                    let keys = std::mem::take(keys);
                    self.doing = Doing::Pausing { keys, ticks: BETWEEN_KEYS };
                }
                None
            }
            Doing::Pausing { keys, ticks } => {
                *ticks = ticks.saturating_sub(1);
                if *ticks > 0 {
                    return None;
                }
                let keys = std::mem::take(keys);
                self.press(keys)
            }
            Doing::Staying { ticks } => {
                *ticks += 1;
                if *ticks > LONGEST_STAY {
                    self.doing = Doing::Done;
                }
                None
            }
            Doing::Done => None,
        }
    }

    fn next_step(&mut self) -> Option<Deed> {
        let (doing, deed) = match self.steps.pop_front() {
            Some(Step::WaitForPromptEnd) => (Doing::Waiting { for_end: true, ticks: 0 }, None),
            Some(Step::WaitForPrompt) => (Doing::Waiting { for_end: false, ticks: 0 }, None),
            Some(Step::Press(keys) | Step::PressDuringPrompt(keys)) => {
                return self.press(keys.as_str().chars().collect());
            }
            Some(Step::Say(speech)) => {
                let (sound, ticks) = self.sound_of(&speech);
                self.voice.start(sound);
                (Doing::Sounding { ticks }, Some(Deed::Spoke))
            }
            Some(Step::Silence(span)) => (Doing::Sounding { ticks: ticks_of(span.0) }, None),
            Some(Step::Beep(span)) => {
                self.voice.start(Sound::Beep);
                (Doing::Sounding { ticks: ticks_of(span.0) }, None)
            }
            Some(Step::StayUntilHungUp) => (Doing::Staying { ticks: 0 }, None),
            Some(Step::HangUp) | None => (Doing::Done, None),
        };
        self.doing = doing;
        deed
    }

    fn press(&mut self, keys: VecDeque<char>) -> Option<Deed> {
        let Some(key) = keys.front().copied() else { return self.next_step() };
        self.doing = Doing::Pressing { keys, tick: 0 };
        Some(Deed::Pressed(key))
    }

    fn sound_of(&self, speech: &Speech) -> (Sound, u32) {
        match speech {
            Speech::Murmur(span) => (Sound::Murmur, ticks_of(span.0)),
            Speech::Clip(name) => {
                let clip = self.clips.get(name).cloned().unwrap_or_default();
                let ticks = clip.len().div_ceil(crate::rtp::FRAME) as u32;
                (Sound::Clip(clip), ticks)
            }
        }
    }

    fn frame(&mut self) -> Frame {
        let Doing::Pressing { keys, tick } = &mut self.doing else { return Frame::Audio(self.voice.frame()) };
        let code = keys.front().copied().and_then(event_code).unwrap_or_default();
        if *tick + 1 == HELD + ENDS {
            keys.pop_front();
        }
        let held = (*tick + 1).min(HELD) * crate::rtp::FRAME as u16;
        Frame::Key(KeyFrame { code, tick: *tick, held, end: *tick >= HELD })
    }
}

/// Pressing during a prompt is waiting for one, then pressing.
fn unfold(step: &Step) -> Vec<Step> {
    match step {
        Step::PressDuringPrompt(keys) => vec![Step::WaitForPrompt, Step::Press(keys.clone())],
        other => vec![other.clone()],
    }
}

/// Ticks in a time, at least one.
pub(crate) fn ticks_of(span: Duration) -> u32 {
    (span.as_millis() / TICK.as_millis()).max(1) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::{Keys, Span};

    fn keys(text: &str) -> Keys {
        Keys::try_from(text.to_owned()).unwrap()
    }

    /// Plays loudness to a customer, and writes down what they do with the tick number.
    fn watch(steps: &[Step], line: impl Fn(u32) -> Option<f32>, ticks: u32) -> Vec<(u32, String)> {
        let mut actor = Actor::new(steps, Habits::default(), BTreeMap::new(), 1);
        let mut seen = Vec::new();
        for now in 0..ticks {
            let tick = actor.tick(line(now));
            seen.extend(tick.deed.map(|deed| (now, format!("{deed:?}"))));
            if tick.hang_up {
                seen.push((now, "HangUp".into()));
                break;
            }
        }
        seen
    }

    fn speech_between(from: u32, to: u32) -> impl Fn(u32) -> Option<f32> {
        move |now| (from..to).contains(&now).then_some(-20.0)
    }

    #[test]
    fn a_key_is_pressed_when_the_prompt_has_ended() {
        let steps = [Step::WaitForPromptEnd, Step::Press(keys("1")), Step::HangUp];
        let seen = watch(&steps, speech_between(10, 100), 400);
        let deeds: Vec<&str> = seen.iter().map(|(_, deed)| deed.as_str()).collect();
        assert_eq!(deeds, ["HeardPrompt", "Pressed('1')", "HangUp"]);
        assert_eq!([seen[0].0, seen[1].0], [139, 140], "40 ticks after tick 99, the last that was loud");
    }

    #[test]
    fn barging_in_does_not_wait_for_the_end() {
        let steps = [Step::PressDuringPrompt(keys("2")), Step::HangUp];
        let seen = watch(&steps, speech_between(10, 1000), 400);
        let pressed = seen.iter().find(|(_, deed)| deed.starts_with("Pressed")).unwrap();
        assert!((30..45).contains(&pressed.0), "{seen:?}");
    }

    #[test]
    fn a_customer_who_hears_nothing_loses_patience() {
        let seen = watch(&[Step::WaitForPromptEnd, Step::Press(keys("1"))], |_| None, 4000);
        assert_eq!(
            seen.iter().map(|(_, deed)| deed.as_str()).collect::<Vec<_>>(),
            ["LostPatience", "HangUp"]
        );
    }

    #[test]
    fn each_key_is_held_ended_three_times_and_kept_apart_from_the_next() {
        let mut actor = Actor::new(&[Step::Press(keys("19"))], Habits::default(), BTreeMap::new(), 1);
        let frames: Vec<Frame> = (0..60).map(|_| actor.tick(None).frame).collect();
        let of = |code| {
            let keys = frames.iter().filter_map(|frame| match frame {
                Frame::Key(key) if key.code == code => Some((key.held, key.end)),
                _ => None,
            });
            keys.collect::<Vec<_>>()
        };
        for code in [1, 9] {
            let (held, ends): (Vec<_>, Vec<_>) = of(code).into_iter().partition(|(_, end)| !end);
            assert_eq!(held.len(), 8);
            assert_eq!(held.first(), Some(&(160, false)));
            assert_eq!(ends, [(1280, true); 3]);
        }
    }

    #[test]
    fn speaking_lasts_as_long_as_written() {
        let steps = [Step::Say(Speech::Murmur(Span::ms(1000))), Step::HangUp];
        let seen = watch(&steps, |_| None, 200);
        assert_eq!(seen, [(0, "Spoke".to_owned()), (50, "HangUp".to_owned())]);
    }
}
