//! The ciphers under SRTP and SRTCP, with session keys of their own: AES-CM and HMAC-SHA1 (RFC 3711), or AES-GCM
//! (RFC 7714).

use aes::Aes128;
use aes_gcm::{AeadInOut, Aes128Gcm, Nonce, Tag, aead::consts::U12};
use ctr::Ctr128BE;
use ctr::cipher::{InnerIvInit, KeyInit, KeyIvInit, StreamCipher};
use hmac::{Hmac, Mac};
use sha1::Sha1;
use uac::sdp::{MasterKey, Suite};
use zeroize::Zeroizing;

/// GCM's tag.
pub(super) const GCM_TAG: usize = 16;

/// What is derived from a master key for one protocol (RFC 3711 section 4.3.1).
#[derive(Clone, Copy)]
pub(super) struct Labels {
    encryption: u8,
    authentication: u8,
    salt: u8,
}

impl Labels {
    pub(super) const SRTP: Self = Self { encryption: 0, authentication: 1, salt: 2 };
    pub(super) const SRTCP: Self = Self { encryption: 3, authentication: 4, salt: 5 };
}

/// The packet is not from whoever has the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Forged;

/// The session keys of one master key for one protocol. It has no `Debug`.
pub(super) enum Cipher {
    Counter(Counter),
    Gcm(Gcm),
}

impl Cipher {
    pub(super) fn new(master: &MasterKey, labels: Labels) -> Self {
        match master.suite() {
            Suite::AeadAes128Gcm => Self::Gcm(Gcm::new(master, labels)),
            Suite::AesCm128HmacSha1Tag80 | Suite::AesCm128HmacSha1Tag32 => {
                Self::Counter(Counter::new(master, labels))
            }
        }
    }
}

/// AES in counter mode, and HMAC-SHA1.
pub(super) struct Counter {
    aes: Box<Aes128>,
    mac: Box<Hmac<Sha1>>,
    salt: Zeroizing<[u8; 14]>,
}

impl Counter {
    fn new(master: &MasterKey, labels: Labels) -> Self {
        let encryption: Zeroizing<[u8; 16]> = derived(master, labels.encryption);
        let authentication: Zeroizing<[u8; 20]> = derived(master, labels.authentication);
        let mac =
            <Hmac<Sha1> as KeyInit>::new_from_slice(&*authentication).expect("HMAC takes keys of any length");
        Self {
            aes: Box::new(Aes128::new(&(*encryption).into())),
            mac: Box::new(mac),
            salt: derived(master, labels.salt),
        }
    }

    /// RFC 3711 section 4.1.1; the same once more undoes it. `index` has 48 bits.
    pub(super) fn crypt(&self, ssrc: u32, index: u64, payload: &mut [u8]) {
        let mut block = [0; 16];
        block[..14].copy_from_slice(&*self.salt);
        xor(&mut block[4..8], &ssrc.to_be_bytes());
        xor(&mut block[8..14], &index.to_be_bytes()[2..]);
        let core = ctr::CtrCore::inner_iv_init((*self.aes).clone(), &block.into());
        Ctr128BE::from_core(core).apply_keystream(payload);
    }

    /// RFC 3711 section 4.2: over the packet and what counts it.
    pub(super) fn mac(&self, packet: &[u8], count: [u8; 4]) -> Hmac<Sha1> {
        let mut mac = (*self.mac).clone();
        mac.update(packet);
        mac.update(&count);
        mac
    }
}

/// AES-GCM.
pub(super) struct Gcm {
    aead: Box<Aes128Gcm>,
    salt: Zeroizing<[u8; 12]>,
}

impl Gcm {
    fn new(master: &MasterKey, labels: Labels) -> Self {
        let key: Zeroizing<[u8; 16]> = derived(master, labels.encryption);
        Self { aead: Box::new(Aes128Gcm::new(&(*key).into())), salt: derived(master, labels.salt) }
    }

    pub(super) fn seal(&self, ssrc: u32, index: u64, clear: &[u8], payload: &mut [u8]) -> Option<Tag> {
        self.aead.encrypt_inout_detached(&self.nonce(ssrc, index), clear, payload.into()).ok()
    }

    /// A forged payload stays as it is.
    pub(super) fn open(
        &self,
        ssrc: u32,
        index: u64,
        clear: &[u8],
        payload: &mut [u8],
        tag: &[u8],
    ) -> Result<(), Forged> {
        let tag = <&Tag>::try_from(tag).map_err(|_| Forged)?;
        let nonce = self.nonce(ssrc, index);
        self.aead.decrypt_inout_detached(&nonce, clear, payload.into(), tag).map_err(|_| Forged)
    }

    /// RFC 7714 sections 8.1 and 9.1.
    fn nonce(&self, ssrc: u32, index: u64) -> Nonce<U12> {
        let mut nonce = *self.salt;
        xor(&mut nonce[2..6], &ssrc.to_be_bytes());
        xor(&mut nonce[6..12], &index.to_be_bytes()[2..]);
        nonce.into()
    }
}

/// RFC 3711 section 4.3.3 with a key derivation rate of 0; a salt of 96 bits is filled up with zeros
/// (RFC 7714 section 11).
fn derived<const N: usize>(master: &MasterKey, label: u8) -> Zeroizing<[u8; N]> {
    let mut block = [0; 16];
    block[..master.salt().len()].copy_from_slice(master.salt());
    block[7] ^= label;
    let mut octets = Zeroizing::new([0; N]);
    Ctr128BE::<Aes128>::new(&(*master.key()).into(), &block.into()).apply_keystream(&mut *octets);
    octets
}

fn xor(octets: &mut [u8], with: &[u8]) {
    octets.iter_mut().zip(with).for_each(|(octet, with)| *octet ^= with);
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(crate) fn octets(hex: &str) -> Vec<u8> {
        let digits: Vec<u8> = hex.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        let octet = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        digits.chunks(2).map(octet).collect()
    }

    pub(crate) fn master(suite: Suite, hex: &str) -> MasterKey {
        let mut key = [0; 30];
        let octets = octets(hex);
        key[..octets.len()].copy_from_slice(&octets);
        MasterKey::new(suite, key)
    }

    /// The session key and salt of RFC 7714 sections 16 and 17, which are derived from nothing.
    pub(crate) fn gcm_of_rfc_7714() -> Cipher {
        let key: [u8; 16] = std::array::from_fn(|n| n as u8);
        let salt = octets("51756964 2070726f 2071756f").try_into().unwrap();
        Cipher::Gcm(Gcm { aead: Box::new(Aes128Gcm::new(&key.into())), salt: Zeroizing::new(salt) })
    }

    #[test]
    fn session_keys_are_those_of_rfc_3711_appendix_b_3() {
        let key = "E1F97A0D3E018BE0D64FA32C06DE4139 0EC675AD498AFEEBB6960B3AABE6";
        let master = master(Suite::AesCm128HmacSha1Tag80, key);
        let Labels { encryption, authentication, salt } = Labels::SRTP;
        assert_eq!(derived::<16>(&master, encryption).to_vec(), octets("C61E7A93744F39EE10734AFE3FF7A087"));
        assert_eq!(derived::<14>(&master, salt).to_vec(), octets("30CBBC08863D8C85D49DB34A9AE1"));
        let expected = octets("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4");
        assert_eq!(derived::<20>(&master, authentication).to_vec(), expected);
    }
}
