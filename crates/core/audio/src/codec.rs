//! G.711: one octet a sample, decoded by table, since every received sample passes here.

use audio_codec_algorithms::{decode_alaw, decode_ulaw, encode_alaw, encode_ulaw};
use std::sync::LazyLock;

static FROM_ALAW: LazyLock<[i16; 256]> = LazyLock::new(|| std::array::from_fn(|i| decode_alaw(i as u8)));
static FROM_ULAW: LazyLock<[i16; 256]> = LazyLock::new(|| std::array::from_fn(|i| decode_ulaw(i as u8)));

/// The two codecs every carrier takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Codec {
    /// A-law, payload type 8: the one used in China.
    #[default]
    Pcma,
    /// μ-law, payload type 0.
    Pcmu,
}

impl Codec {
    /// The static payload type (RFC 3551 table 4).
    pub const fn payload_type(self) -> u8 {
        match self {
            Self::Pcma => 8,
            Self::Pcmu => 0,
        }
    }

    /// The codec that owns a static payload type.
    pub const fn of_payload_type(payload_type: u8) -> Option<Self> {
        match payload_type {
            8 => Some(Self::Pcma),
            0 => Some(Self::Pcmu),
            _ => None,
        }
    }

    /// The encoding name in `a=rtpmap` lines.
    pub const fn encoding_name(self) -> &'static str {
        match self {
            Self::Pcma => "PCMA",
            Self::Pcmu => "PCMU",
        }
    }

    /// The octet nearest to silence.
    pub const fn silence(self) -> u8 {
        match self {
            Self::Pcma => 0xD5,
            Self::Pcmu => 0xFF,
        }
    }

    /// Decodes as many octets as both slices hold and returns how many.
    pub fn decode(self, payload: &[u8], samples: &mut [i16]) -> usize {
        let table = self.table();
        for (sample, &octet) in samples.iter_mut().zip(payload) {
            *sample = table[usize::from(octet)];
        }
        payload.len().min(samples.len())
    }

    /// The sample of each octet.
    pub(crate) fn table(self) -> &'static [i16; 256] {
        match self {
            Self::Pcma => &FROM_ALAW,
            Self::Pcmu => &FROM_ULAW,
        }
    }

    /// What an octet of this law is in the other: the nearest there is.
    pub fn said_in(self, other: Self, octet: u8) -> u8 {
        if self == other { octet } else { other.encode(self.table()[usize::from(octet)]) }
    }

    /// One sample as one octet.
    pub fn encode(self, sample: i16) -> u8 {
        match self {
            Self::Pcma => encode_alaw(sample),
            Self::Pcmu => encode_ulaw(sample),
        }
    }
}
