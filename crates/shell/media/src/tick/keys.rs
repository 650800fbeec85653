//! The keys of one leg: heard by every way that the policy lets them come, and each press told once.

use crate::Remote;
use audio::{
    KeyChange, KeyPolicy, KeyReceiver, Keypad, OwnKeys, RATE, Stamp, ToneKey, ToneKeys, UnagreedEvents, Way,
};

/// Where a tone begins and ends is known this closely.
const EDGE: i64 = RATE as i64 * 6 / 1000;

pub(super) struct Keys {
    policy: KeyPolicy,
    events: KeyReceiver,
    unagreed: UnagreedEvents,
    /// Only where the sound is listened to.
    tones: Option<Box<ToneKeys>>,
    own: OwnKeys,
    pad: Keypad,
}

/// What became known. Positions are samples on the leg's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyHeard {
    /// A press that no way has told before.
    Pressed { digit: char, way: Way, at: i64 },
    /// That press is over, after so many samples. Told once, and not of presses by INFO.
    Released { digit: char, held: u64 },
    /// A key's tones lie in the sound between these, whether or not another way told the press; told anew with each
    /// packet that has more of them.
    Tone { from: i64, to: i64 },
}

impl Keys {
    pub(super) fn new(policy: KeyPolicy) -> Self {
        Self {
            policy,
            events: KeyReceiver::new(&policy),
            unagreed: UnagreedEvents::default(),
            tones: None,
            own: OwnKeys::default(),
            pad: Keypad::new(policy.together),
        }
    }

    /// Listens to the sound, or not, as an offer and answer have it.
    pub(super) fn agree(&mut self, remote: &Remote) {
        if self.policy.in_band.listens(remote.agreed_to_events()) {
            self.tones.get_or_insert_default();
        } else {
            self.tones = None;
        }
    }

    /// Whether a packet of a type that nobody agreed on is a telephone event.
    pub(super) fn takes(&mut self, payload_type: u8, stamp: &Stamp, payload: &[u8]) -> bool {
        self.policy.unagreed_events && self.unagreed.takes(payload_type, stamp, payload)
    }

    /// A telephone event that begins at `position` came at `now`.
    pub(super) fn event(
        &mut self,
        stamp: &Stamp,
        payload: &[u8],
        (position, now): (i64, i64),
        tell: impl FnMut(KeyHeard),
    ) {
        let change = self.events.receive(now, stamp, payload);
        change.into_iter().for_each(by_event(&mut self.pad, position, now, tell));
    }

    /// The frame that we sent at a position has a key's tones in its own sound.
    pub(super) fn said(&mut self, digit: char, position: i64) {
        self.own.said(digit, position);
    }

    /// Sound that begins at `position`; `explains` tells whether what lies between two positions is our own echo.
    pub(super) fn sound(
        &mut self,
        position: i64,
        samples: &[i16],
        explains: impl Fn(i64, i64) -> bool,
        mut tell: impl FnMut(KeyHeard),
    ) {
        if let Some(tones) = &mut self.tones {
            let end = position + samples.len() as i64;
            let own = &self.own;
            let is_ours = |key: &ToneKey| match *key {
                ToneKey::Pressed { digit, from } => own.may_return(digit, from) && explains(from, end),
                ToneKey::Released { .. } => false,
            };
            {
                let mut by_tone = by_tone(&mut self.pad, &mut tell);
                tones.hear(position, samples, |key| {
                    if !is_ours(&key) {
                        by_tone(key);
                    }
                });
            }
            if let Some(from) = tones.down_since() {
                tell(KeyHeard::Tone { from: from - EDGE, to: end });
            }
        }
    }

    /// The signalling told a press at `at`.
    pub(super) fn info(&mut self, digit: char, at: i64, mut tell: impl FnMut(KeyHeard)) {
        if self.pad.pressed(Way::Info, digit, at) {
            tell(KeyHeard::Pressed { digit, way: Way::Info, at });
        }
    }

    /// What time brings even when nothing comes.
    pub(super) fn tick(&mut self, now: i64, mut tell: impl FnMut(KeyHeard)) {
        self.events.tick(now, by_event(&mut self.pad, now, now, &mut tell));
        if let Some(tones) = &mut self.tones {
            tones.tick(now, by_tone(&mut self.pad, tell));
        }
    }
}

fn by_event(
    pad: &mut Keypad,
    position: i64,
    now: i64,
    mut tell: impl FnMut(KeyHeard),
) -> impl FnMut(KeyChange) {
    move |change| match change {
        KeyChange::Pressed { digit } => {
            if pad.pressed(Way::Event, digit, position) {
                tell(KeyHeard::Pressed { digit, way: Way::Event, at: position });
            }
        }
        KeyChange::Released { digit, held } => {
            if pad.released(Way::Event, digit, now) {
                tell(KeyHeard::Released { digit, held });
            }
        }
    }
}

fn by_tone(pad: &mut Keypad, mut tell: impl FnMut(KeyHeard)) -> impl FnMut(ToneKey) {
    move |change| match change {
        ToneKey::Pressed { digit, from } => {
            if pad.pressed(Way::Tone, digit, from) {
                tell(KeyHeard::Pressed { digit, way: Way::Tone, at: from });
            }
        }
        ToneKey::Released { digit, from, to } => {
            tell(KeyHeard::Tone { from: from - EDGE, to: to + EDGE });
            if pad.released(Way::Tone, digit, to) {
                tell(KeyHeard::Released { digit, held: (to - from).max(0) as u64 });
            }
        }
    }
}
