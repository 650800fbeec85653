//! What is done about keys where peers differ, as data.

use crate::RATE;

/// How keys are heard. Times are samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyPolicy {
    /// When tones in the sound are listened to.
    pub in_band: InBand,
    /// Whether telephone events are taken on a payload type that nobody agreed on, once two packets agree.
    pub unagreed_events: bool,
    /// The same digit told by two ways this far apart, or less, is one press.
    pub together: u64,
    /// A press of which nothing has come for this long is over: its end packets are lost.
    pub lost_end: u64,
    /// A key held longer is taken as released; it still counts once.
    pub longest: u64,
}

/// When tones in the sound are listened to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InBand {
    /// Where the peer has not agreed to telephone events.
    #[default]
    WithoutEvents,
    /// Always: for trunks that agree to events and let tones through instead.
    Always,
    /// Never.
    Never,
}

impl InBand {
    /// Whether to listen, given whether the peer agreed to telephone events.
    pub fn listens(self, events_agreed: bool) -> bool {
        match self {
            Self::WithoutEvents => !events_agreed,
            Self::Always => true,
            Self::Never => false,
        }
    }
}

impl Default for KeyPolicy {
    /// By what was agreed on, events of foreign types taken, 1 s between two ways, 0.5 s without an end, 10 s at most.
    fn default() -> Self {
        let second = u64::from(RATE);
        Self {
            in_band: InBand::default(),
            unagreed_events: true,
            together: second,
            lost_end: second / 2,
            longest: second * 10,
        }
    }
}
