//! SRTP: what one key does to an RTP packet, in place (RFC 3711 section 3.1, RFC 7714 section 8).

use super::cipher::{Cipher, Forged, GCM_TAG, Labels};
use hmac::Mac;
use uac::sdp::{MasterKey, Suite};

/// The longest authentication tag, GCM's.
pub(crate) const MOST_TAG: usize = GCM_TAG;

/// The session keys of one master key. It has no `Debug`.
pub(super) struct Transform {
    cipher: Cipher,
    tag: usize,
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

impl Transform {
    pub(super) fn new(master: &MasterKey) -> Self {
        let tag = match master.suite() {
            Suite::AeadAes128Gcm => GCM_TAG,
            Suite::AesCm128HmacSha1Tag80 => 10,
            Suite::AesCm128HmacSha1Tag32 => 4,
        };
        Self { cipher: Cipher::new(master, Labels::SRTP), tag }
    }

    /// Encrypts the packet in the first `clear` octets of the room and appends the tag; answers its length.
    /// `None` where the room is too small.
    pub(super) fn seal(&self, room: &mut [u8], clear: usize, place: Place) -> Option<usize> {
        let Place { header, ssrc, index } = place;
        let (packet, rest) = room.split_at_mut_checked(clear)?;
        let tag = rest.get_mut(..self.tag)?;
        match &self.cipher {
            Cipher::Counter(counter) => {
                counter.crypt(ssrc, index, packet.get_mut(header..)?);
                let seal = counter.mac(packet, place.rollovers()).finalize().into_bytes();
                tag.copy_from_slice(&seal[..self.tag]);
            }
            Cipher::Gcm(gcm) => {
                let (header, payload) = packet.split_at_mut_checked(header)?;
                tag.copy_from_slice(&gcm.seal(ssrc, index, header, payload)?);
            }
        }
        Some(clear + self.tag)
    }

    /// Checks and decrypts a whole datagram; answers the clear packet's length. A forged one stays as it is.
    pub(super) fn open(&self, datagram: &mut [u8], place: Place) -> Result<usize, Forged> {
        let Place { header, ssrc, index } = place;
        let clear = datagram.len().checked_sub(self.tag).filter(|clear| *clear >= header).ok_or(Forged)?;
        let (packet, seal) = datagram.split_at_mut(clear);
        match &self.cipher {
            Cipher::Counter(counter) => {
                let mac = counter.mac(packet, place.rollovers());
                mac.verify_truncated_left(seal).map_err(|_| Forged)?;
                counter.crypt(ssrc, index, &mut packet[header..]);
            }
            Cipher::Gcm(gcm) => {
                let (header, payload) = packet.split_at_mut(header);
                gcm.open(ssrc, index, header, payload, seal)?;
            }
        }
        Ok(clear)
    }
}

#[cfg(test)]
mod tests {
    use super::super::cipher::tests::{gcm_of_rfc_7714, master, octets};
    use super::*;

    fn seals_to(transform: &Transform, clear: &str, place: Place, sealed: &str) {
        let (clear, sealed) = (octets(clear), octets(sealed));
        let mut room = [0; 100];
        room[..clear.len()].copy_from_slice(&clear);
        let length = transform.seal(&mut room, clear.len(), place).unwrap();
        assert_eq!(room[..length], sealed);
        assert_eq!(transform.open(&mut room[..length], place), Ok(clear.len()));
        assert_eq!(room[..clear.len()], clear);
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
        let transform = Transform { cipher: gcm_of_rfc_7714(), tag: GCM_TAG };
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
