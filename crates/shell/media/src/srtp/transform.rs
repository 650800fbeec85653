//! What one key does to a packet, in place: AES-CM with HMAC-SHA1 (RFC 3711) or AES-GCM (RFC 7714).

use aes::Aes128;
use aes_gcm::{AeadInOut, Aes128Gcm, Nonce, Tag};
use ctr::Ctr128BE;
use ctr::cipher::{InnerIvInit, KeyInit, KeyIvInit, StreamCipher};
use hmac::{Hmac, Mac};
use sha1::Sha1;
use uac::sdp::{MasterKey, Suite};
use zeroize::Zeroizing;

/// The longest authentication tag, GCM's.
pub(crate) const MOST_TAG: usize = 16;

/// Labels of RFC 3711 section 4.3.1.
const ENCRYPTION: u8 = 0;
const AUTHENTICATION: u8 = 1;
const SALT: u8 = 2;

/// The session keys of one master key. It has no `Debug`.
pub(super) struct Transform(Cipher);

enum Cipher {
    Counter { aes: Box<Aes128>, mac: Box<Hmac<Sha1>>, salt: Zeroizing<[u8; 14]>, tag: usize },
    Gcm { aead: Box<Aes128Gcm>, salt: Zeroizing<[u8; 12]> },
}

/// Where a packet stands: all that enters the cipher beside key and text.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// Octets of the header, which stays in the clear.
    pub(super) header: usize,
    pub(super) ssrc: u32,
    /// 48 bits: how often the sequence number wrapped, and the number.
    pub(super) index: u64,
}

impl Place {
    fn rollovers(self) -> [u8; 4] {
        ((self.index >> 16) as u32).to_be_bytes()
    }
}

/// The packet is not from whoever has the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Forged;

impl Transform {
    pub(super) fn new(master: &MasterKey) -> Self {
        let key: Zeroizing<[u8; 16]> = derived(master, ENCRYPTION);
        Self(match master.suite() {
            Suite::AeadAes128Gcm => {
                Cipher::Gcm { aead: Box::new(Aes128Gcm::new(&(*key).into())), salt: derived(master, SALT) }
            }
            Suite::AesCm128HmacSha1Tag80 => counter(master, &key, 10),
            Suite::AesCm128HmacSha1Tag32 => counter(master, &key, 4),
        })
    }

    /// Encrypts the packet in the first `clear` octets of the room and appends the tag; answers its length.
    /// `None` where the room is too small.
    pub(super) fn seal(&self, room: &mut [u8], clear: usize, place: Place) -> Option<usize> {
        match &self.0 {
            Cipher::Counter { aes, mac, salt, tag } => {
                let (packet, rest) = room.split_at_mut_checked(clear)?;
                keystream(aes, salt, place, packet.get_mut(place.header..)?);
                let seal = mac_of(mac, packet, place).finalize().into_bytes();
                rest.get_mut(..*tag)?.copy_from_slice(&seal[..*tag]);
                Some(clear + tag)
            }
            Cipher::Gcm { aead, salt } => {
                let (packet, rest) = room.split_at_mut_checked(clear)?;
                let (header, payload) = packet.split_at_mut_checked(place.header)?;
                let seal = aead.encrypt_inout_detached(&nonce(salt, place), header, payload.into()).ok()?;
                rest.get_mut(..MOST_TAG)?.copy_from_slice(&seal);
                Some(clear + MOST_TAG)
            }
        }
    }

    /// Checks and decrypts a whole datagram; answers the clear packet's length. A forged one stays as it is.
    pub(super) fn open(&self, datagram: &mut [u8], place: Place) -> Result<usize, Forged> {
        let tag = match &self.0 {
            Cipher::Counter { tag, .. } => *tag,
            Cipher::Gcm { .. } => MOST_TAG,
        };
        let clear = datagram.len().checked_sub(tag).filter(|clear| *clear >= place.header).ok_or(Forged)?;
        let (packet, seal) = datagram.split_at_mut(clear);
        match &self.0 {
            Cipher::Counter { aes, mac, salt, .. } => {
                mac_of(mac, packet, place).verify_truncated_left(seal).map_err(|_| Forged)?;
                keystream(aes, salt, place, &mut packet[place.header..]);
            }
            Cipher::Gcm { aead, salt } => {
                let (header, payload) = packet.split_at_mut(place.header);
                let seal = <&Tag>::try_from(&*seal).map_err(|_| Forged)?;
                aead.decrypt_inout_detached(&nonce(salt, place), header, payload.into(), seal)
                    .map_err(|_| Forged)?;
            }
        }
        Ok(clear)
    }
}

fn counter(master: &MasterKey, key: &[u8; 16], tag: usize) -> Cipher {
    let authentication: Zeroizing<[u8; 20]> = derived(master, AUTHENTICATION);
    let mac =
        <Hmac<Sha1> as KeyInit>::new_from_slice(&*authentication).expect("HMAC takes keys of any length");
    Cipher::Counter {
        aes: Box::new(Aes128::new(&(*key).into())),
        mac: Box::new(mac),
        salt: derived(master, SALT),
        tag,
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

/// RFC 3711 section 4.1.1.
fn keystream(aes: &Aes128, salt: &[u8; 14], place: Place, payload: &mut [u8]) {
    let mut block = [0; 16];
    block[..14].copy_from_slice(salt);
    xor(&mut block[4..8], &place.ssrc.to_be_bytes());
    xor(&mut block[8..14], &place.index.to_be_bytes()[2..]);
    let core = ctr::CtrCore::inner_iv_init(aes.clone(), &block.into());
    Ctr128BE::from_core(core).apply_keystream(payload);
}

/// RFC 3711 section 4.2: over the packet and the rollover counter.
fn mac_of(mac: &Hmac<Sha1>, packet: &[u8], place: Place) -> Hmac<Sha1> {
    let mut mac = mac.clone();
    mac.update(packet);
    mac.update(&place.rollovers());
    mac
}

/// RFC 7714 section 8.1.
fn nonce(salt: &[u8; 12], place: Place) -> Nonce<aes_gcm::aead::consts::U12> {
    let mut nonce = *salt;
    xor(&mut nonce[2..6], &place.ssrc.to_be_bytes());
    xor(&mut nonce[6..12], &place.index.to_be_bytes()[2..]);
    nonce.into()
}

fn xor(octets: &mut [u8], with: &[u8]) {
    octets.iter_mut().zip(with).for_each(|(octet, with)| *octet ^= with);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn octets(hex: &str) -> Vec<u8> {
        let digits: Vec<u8> = hex.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        let octet = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        digits.chunks(2).map(octet).collect()
    }

    fn master(suite: Suite, hex: &str) -> MasterKey {
        let mut key = [0; 30];
        let octets = octets(hex);
        key[..octets.len()].copy_from_slice(&octets);
        MasterKey::new(suite, key)
    }

    fn seals_to(transform: &Transform, clear: &str, place: Place, sealed: &str) {
        let (clear, sealed) = (octets(clear), octets(sealed));
        let mut room = [0; 100];
        room[..clear.len()].copy_from_slice(&clear);
        let length = transform.seal(&mut room, clear.len(), place).unwrap();
        assert_eq!(room[..length], sealed);
        assert_eq!(transform.open(&mut room[..length], place), Ok(clear.len()));
        assert_eq!(room[..clear.len()], clear);
    }

    #[test]
    fn session_keys_are_those_of_rfc_3711_appendix_b_3() {
        let key = "E1F97A0D3E018BE0D64FA32C06DE4139 0EC675AD498AFEEBB6960B3AABE6";
        let master = master(Suite::AesCm128HmacSha1Tag80, key);
        assert_eq!(derived::<16>(&master, ENCRYPTION).to_vec(), octets("C61E7A93744F39EE10734AFE3FF7A087"));
        assert_eq!(derived::<14>(&master, SALT).to_vec(), octets("30CBBC08863D8C85D49DB34A9AE1"));
        let authentication = octets("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4");
        assert_eq!(derived::<20>(&master, AUTHENTICATION).to_vec(), authentication);
    }

    /// The reference packets of libsrtp's own `srtp_driver`.
    #[test]
    fn packets_are_those_of_libsrtp() {
        let clear = "800f1234 decafbad cafebabe abababab abababab abababab abababab";
        let place = Place { header: 12, ssrc: 0xcafe_babe, index: 0x1234 };
        let counter = "E1F97A0D3E018BE0D64FA32C06DE4139 0EC675AD498AFEEBB6960B3AABE6";
        let transform = Transform::new(&master(Suite::AesCm128HmacSha1Tag80, counter));
        let sealed = "800f1234 decafbad cafebabe 4e55dc4c e79978d8 8ca4d215 949d2402 b78d6acc99ea179b8dbb";
        seals_to(&transform, clear, place, sealed);
        let gcm = "000102030405060708090a0b0c0d0e0f a0a1a2a3a4a5a6a7a8a9aaab";
        let transform = Transform::new(&master(Suite::AeadAes128Gcm, gcm));
        let sealed = "800f1234 decafbad cafebabe c5002ede 04cfdd2e b91159e0 880aa06e d2976826 f796b201 df3131a1 27e8a392";
        seals_to(&transform, clear, place, sealed);
    }

    #[test]
    fn gcm_is_that_of_rfc_7714_section_16_1_1() {
        let key: [u8; 16] = std::array::from_fn(|n| n as u8);
        let salt = octets("51756964 2070726f 2071756f").try_into().unwrap();
        let aead = Box::new(Aes128Gcm::new(&key.into()));
        let transform = Transform(Cipher::Gcm { aead, salt: Zeroizing::new(salt) });
        let clear = "8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973 20646976 69736120 696e2070 \
            61727465 73207472 6573";
        let sealed = "8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f 42a5f47a \
            51c7d19b 36de3adf 8833899d 7f27beb1 6a9152cf 765ee439 0cce";
        seals_to(&transform, clear, Place { header: 12, ssrc: 0x5501_a0b2, index: 0xf17b }, sealed);
    }

    #[test]
    fn a_changed_octet_is_found_and_nothing_is_touched() {
        for suite in Suite::ALL {
            let transform = Transform::new(&MasterKey::new(suite, [7; 30]));
            let place = Place { header: 12, ssrc: 1, index: 70_000 };
            let mut room = [0x80; 60];
            let length = transform.seal(&mut room, 32, place).unwrap();
            for at in 0..length {
                let mut forged = room;
                forged[at] ^= 1;
                let before = forged;
                assert_eq!(transform.open(&mut forged[..length], place), Err(Forged), "octet {at}");
                assert_eq!(forged, before);
            }
            for short in 0..length {
                assert_eq!(transform.open(&mut room[..short], place), Err(Forged), "cut to {short}");
            }
            let earlier = Place { index: 70_000 - 65_536, ..place };
            assert_eq!(
                transform.open(&mut room[..length], earlier),
                Err(Forged),
                "another turn of the number"
            );
        }
    }
}
