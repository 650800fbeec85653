//! SDES (RFC 4568): keys of SRTP in the `a=crypto` attribute. Keys come from outside; none is ever
//! shown by `Debug` or told in an error.

use std::fmt;

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::Deserialize;
use zeroize::Zeroize;

/// Peers forget the padding of base64, and some write it where none belongs.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Octets of randomness that the longest master key and salt take.
pub const KEY_RANDOMNESS: usize = 30;
/// Octets of every suite's master key.
const KEY: usize = 16;
/// A key that lasts for fewer packets than three hours of speech could end under a call, and we
/// do not change keys by ourselves.
const LEAST_LIFETIME: u64 = 3 * 3600 * 50;

/// A crypto suite that we speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Suite {
    /// RFC 7714: 96-bit salt, 128-bit tag.
    #[serde(rename = "AEAD_AES_128_GCM")]
    AeadAes128Gcm,
    /// RFC 4568 section 6.2.1: 112-bit salt, 80-bit tag; every peer with SDES has it.
    #[serde(rename = "AES_CM_128_HMAC_SHA1_80")]
    AesCm128HmacSha1Tag80,
    /// RFC 4568 section 6.2.2: 112-bit salt, 32-bit tag.
    #[serde(rename = "AES_CM_128_HMAC_SHA1_32")]
    AesCm128HmacSha1Tag32,
}

impl Suite {
    /// All of them, in our order of liking.
    pub const ALL: [Suite; 3] =
        [Suite::AeadAes128Gcm, Suite::AesCm128HmacSha1Tag80, Suite::AesCm128HmacSha1Tag32];

    /// Its registered name.
    pub fn name(self) -> &'static str {
        match self {
            Suite::AeadAes128Gcm => "AEAD_AES_128_GCM",
            Suite::AesCm128HmacSha1Tag80 => "AES_CM_128_HMAC_SHA1_80",
            Suite::AesCm128HmacSha1Tag32 => "AES_CM_128_HMAC_SHA1_32",
        }
    }

    /// Octets of its master salt.
    pub fn salt_len(self) -> usize {
        match self {
            Suite::AeadAes128Gcm => 12,
            Suite::AesCm128HmacSha1Tag80 | Suite::AesCm128HmacSha1Tag32 => 14,
        }
    }

    fn named(name: &str) -> Option<Self> {
        Suite::ALL.into_iter().find(|suite| suite.name().eq_ignore_ascii_case(name))
    }
}

/// Master key and salt of one direction. Wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct MasterKey {
    suite: Suite,
    octets: [u8; KEY_RANDOMNESS],
}

impl MasterKey {
    /// A key from random octets that nobody else has.
    pub fn new(suite: Suite, mut random: [u8; KEY_RANDOMNESS]) -> Self {
        // Octets that the suite does not take must not tell equal keys apart.
        random[KEY + suite.salt_len()..].fill(0);
        Self { suite, octets: random }
    }

    /// What it is for.
    pub fn suite(&self) -> Suite {
        self.suite
    }

    /// The master key.
    pub fn key(&self) -> &[u8; KEY] {
        self.octets.first_chunk().expect("30 octets begin with 16")
    }

    /// The master salt, [`Suite::salt_len`] octets.
    pub fn salt(&self) -> &[u8] {
        &self.octets[KEY..KEY + self.suite.salt_len()]
    }

    fn written(&self) -> &[u8] {
        &self.octets[..KEY + self.suite.salt_len()]
    }

    fn read(suite: Suite, text: &str) -> Option<Self> {
        let mut clear = BASE64.decode(text).ok()?;
        let mut octets = [0; KEY_RANDOMNESS];
        let fits = clear.len() == KEY + suite.salt_len();
        if fits {
            octets[..clear.len()].copy_from_slice(&clear);
        }
        clear.zeroize();
        fits.then_some(Self { suite, octets })
    }
}

impl Drop for MasterKey {
    fn drop(&mut self) {
        self.octets.zeroize();
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({}, …)", self.suite.name())
    }
}

/// The keys of a stream, both of one suite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SrtpKeys {
    /// Protects what we send.
    pub send: MasterKey,
    /// Protects what the peer sends.
    pub receive: MasterKey,
}

/// One `a=crypto` attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crypto {
    /// Names the attribute within its stream.
    pub tag: u32,
    /// The key of whoever writes it.
    pub key: MasterKey,
}

/// Why an attribute cannot be used. The texts never repeat what stands in it: it could be the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CryptoFault {
    /// Not `tag suite inline:…`.
    #[error("an a=crypto line is not written as RFC 4568 has it")]
    Malformed,
    /// A suite that we do not speak.
    #[error("its crypto suites are none of ours")]
    Suite,
    /// Not base64, or of a length that the suite does not have.
    #[error("its {} key has the wrong length", .0.name())]
    Key(Suite),
    /// Several master keys, told apart by an MKI in each packet.
    #[error("it wants a master key identifier (MKI), which we do not speak")]
    Mki,
    /// The key ends within a call.
    #[error("its key ends after {0} packets, which is within a call")]
    Lifetime(u64),
    /// `UNENCRYPTED_SRTP` and its like.
    #[error("it wants packets unencrypted or unauthenticated")]
    Weakened,
    /// A session parameter that we must understand and do not.
    #[error("it wants a session parameter (such as KDR or FEC) that we do not speak")]
    Parameter,
}

impl Crypto {
    /// Reads the attribute's value, `1 AES_CM_128_HMAC_SHA1_80 inline:…|2^31`.
    pub fn parse(value: &str) -> Result<Self, CryptoFault> {
        let mut words = value.split_ascii_whitespace();
        let (Some(tag), Some(suite), Some(keys)) = (words.next(), words.next(), words.next()) else {
            return Err(CryptoFault::Malformed);
        };
        let tag = tag.parse().map_err(|_| CryptoFault::Malformed)?;
        let suite = Suite::named(suite).ok_or(CryptoFault::Suite)?;
        let key = key_of(suite, keys)?;
        words.try_for_each(session_parameter)?;
        Ok(Self { tag, key })
    }

    /// The attribute's value, the key in it in the clear.
    pub fn value(&self) -> String {
        format!("{} {} inline:{}", self.tag, self.key.suite.name(), BASE64.encode(self.key.written()))
    }
}

/// `inline:KEY||SALT|lifetime|MKI:length`; lifetime and MKI may be left out.
fn key_of(suite: Suite, keys: &str) -> Result<MasterKey, CryptoFault> {
    if keys.contains(';') {
        return Err(CryptoFault::Mki);
    }
    let method = keys.get(..7).filter(|method| method.eq_ignore_ascii_case("inline:"));
    let info = method.and_then(|_| keys.get(7..)).ok_or(CryptoFault::Malformed)?;
    let mut parts = info.split('|');
    let key = MasterKey::read(suite, parts.next().unwrap_or_default()).ok_or(CryptoFault::Key(suite))?;
    for part in parts {
        if part.contains(':') {
            return Err(CryptoFault::Mki);
        }
        let packets = lifetime(part).ok_or(CryptoFault::Malformed)?;
        if packets < LEAST_LIFETIME {
            return Err(CryptoFault::Lifetime(packets));
        }
    }
    Ok(key)
}

/// `2^31`, or a plain number.
fn lifetime(text: &str) -> Option<u64> {
    match text.strip_prefix("2^") {
        Some(power) => 1_u64.checked_shl(power.parse().ok()?),
        None => text.parse().ok(),
    }
}

/// RFC 4568 section 6.3: what is not understood must be refused, unless marked by `-` as optional.
fn session_parameter(word: &str) -> Result<(), CryptoFault> {
    let name = word.split('=').next().unwrap_or(word);
    let is = |known: &str| name.eq_ignore_ascii_case(known);
    if word.starts_with('-') || is("WSH") || word.eq_ignore_ascii_case("KDR=0") {
        // The window size is a hint, and a rate of 0 is the default.
        Ok(())
    } else if is("UNENCRYPTED_SRTP") || is("UNENCRYPTED_SRTCP") || is("UNAUTHENTICATED_SRTP") {
        Err(CryptoFault::Weakened)
    } else {
        Err(CryptoFault::Parameter)
    }
}
