//! The call-progress tones of China's network (GF 002-9002): one frequency, 450 Hz, told apart by their cadence.

/// What the network tells the caller by 450 Hz.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tone {
    /// 1 s on, 4 s off: it rings.
    Ringback,
    /// 0.35 s on, 0.35 s off: the subscriber is busy.
    Busy,
    /// 0.7 s on, 0.7 s off: the network is.
    Congestion,
    /// Three times 0.1 s on and off, then 0.4 s: no such number.
    Unobtainable,
}

impl Tone {
    /// The tone in words that do not change: recordings are marked with them.
    pub fn words(self) -> &'static str {
        match self {
            Self::Ringback => "ring-back tone",
            Self::Busy => "busy tone",
            Self::Congestion => "congestion tone",
            Self::Unobtainable => "number unobtainable tone",
        }
    }
}
