//! SRTCP: what one key does to an RTCP packet, in place (RFC 3711 section 3.4, RFC 7714 section 9).

use super::cipher::{Cipher, Forged, GCM_TAG, Labels};
use hmac::Mac;
use uac::sdp::MasterKey;

/// What a sealed packet has more than a clear one at most: GCM's tag and the index.
pub(crate) const MOST_TRAILER: usize = GCM_TAG + WORD;
/// The index has 31 bits.
pub(super) const MOST_INDEX: u32 = u32::MAX >> 1;

/// Octets of the first header and its SSRC, which stay in the clear.
const HEADER: usize = 8;
/// Octets of the word behind the packet: whether it is encrypted, and the index.
const WORD: usize = 4;
/// The word's flag of an encrypted packet.
const ENCRYPTED: u32 = 1 << 31;
/// Octets of HMAC-SHA1's tag: the suite whose SRTP has shorter ones saves nothing here (RFC 4568 section 6.2.2).
const MAC_TAG: usize = 10;

/// The session keys of one master key. It has no `Debug`.
pub(super) struct Control(Cipher);

/// Which packet: told in the clear, and believed once it is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Report {
    pub(super) ssrc: u32,
    /// 31 bits.
    pub(super) index: u32,
}

impl Report {
    fn word(self) -> [u8; WORD] {
        (ENCRYPTED | self.index).to_be_bytes()
    }
}

impl Control {
    pub(super) fn new(master: &MasterKey) -> Self {
        Self(Cipher::new(master, Labels::SRTCP))
    }

    /// Encrypts the packet in the first `clear` octets of the room and appends index and tag; answers its length.
    /// `None` where it is none, or the room is too small.
    pub(super) fn seal(&self, room: &mut [u8], clear: usize, index: u32) -> Option<usize> {
        let report = Report { ssrc: ssrc_of(room.get(..clear)?)?, index };
        let (packet, trailer) = room.split_at_mut_checked(clear)?;
        let trailer = trailer.get_mut(..self.trailer())?;
        let (header, payload) = packet.split_first_chunk_mut::<HEADER>()?;
        match &self.0 {
            Cipher::Counter(counter) => {
                counter.crypt(report.ssrc, index.into(), payload);
                let seal = counter.mac(packet, report.word()).finalize().into_bytes();
                let (word, tag) = trailer.split_at_mut(WORD);
                word.copy_from_slice(&report.word());
                tag.copy_from_slice(&seal[..MAC_TAG]);
            }
            Cipher::Gcm(gcm) => {
                let seal = gcm.seal(report.ssrc, index.into(), &associated(*header, report), payload)?;
                let (tag, word) = trailer.split_at_mut(GCM_TAG);
                tag.copy_from_slice(&seal);
                word.copy_from_slice(&report.word());
            }
        }
        Some(clear + self.trailer())
    }

    /// Which packet a datagram says it is; none where it is too short for any.
    pub(super) fn report(&self, datagram: &[u8]) -> Option<Report> {
        let clear = datagram.len().checked_sub(self.trailer())?;
        let word = self.word(datagram.get(clear..)?)?;
        Some(Report { ssrc: ssrc_of(datagram.get(..clear)?)?, index: word & MOST_INDEX })
    }

    /// Checks and decrypts a whole datagram; answers the clear packet's length. A forged one stays as it is. One that
    /// was left in the clear, which nobody agrees on with us, is not from our peer either.
    pub(super) fn open(&self, datagram: &mut [u8], report: Report) -> Result<usize, Forged> {
        let clear = datagram.len().checked_sub(self.trailer()).ok_or(Forged)?;
        let (packet, trailer) = datagram.split_at_mut(clear);
        if self.word(trailer).is_none_or(|word| word.to_be_bytes() != report.word()) {
            return Err(Forged);
        }
        match &self.0 {
            Cipher::Counter(counter) => {
                let mac = counter.mac(packet, report.word());
                mac.verify_truncated_left(&trailer[WORD..]).map_err(|_| Forged)?;
                let payload = packet.get_mut(HEADER..).ok_or(Forged)?;
                counter.crypt(report.ssrc, report.index.into(), payload);
            }
            Cipher::Gcm(gcm) => {
                let (header, payload) = packet.split_first_chunk_mut::<HEADER>().ok_or(Forged)?;
                let clear = associated(*header, report);
                gcm.open(report.ssrc, report.index.into(), &clear, payload, &trailer[..GCM_TAG])?;
            }
        }
        Ok(clear)
    }

    fn trailer(&self) -> usize {
        match &self.0 {
            Cipher::Counter(_) => WORD + MAC_TAG,
            Cipher::Gcm(_) => GCM_TAG + WORD,
        }
    }

    /// It stands before a MAC, which covers it, and behind GCM's tag.
    fn word(&self, trailer: &[u8]) -> Option<u32> {
        let word = match &self.0 {
            Cipher::Counter(_) => trailer.first_chunk(),
            Cipher::Gcm(_) => trailer.last_chunk(),
        };
        word.map(|word| u32::from_be_bytes(*word))
    }
}

fn ssrc_of(packet: &[u8]) -> Option<u32> {
    packet.get(4..HEADER)?.try_into().ok().map(u32::from_be_bytes)
}

/// What GCM covers without encrypting it (RFC 7714 section 9.2).
fn associated(header: [u8; HEADER], report: Report) -> [u8; HEADER + WORD] {
    let mut clear = [0; HEADER + WORD];
    clear[..HEADER].copy_from_slice(&header);
    clear[HEADER..].copy_from_slice(&report.word());
    clear
}

#[cfg(test)]
mod tests {
    use super::super::cipher::tests::{gcm_of_rfc_7714, master, octets};
    use super::*;
    use uac::sdp::Suite;

    fn seals_to(control: &Control, clear: &str, index: u32, sealed: &str) {
        let (clear, sealed) = (octets(clear), octets(sealed));
        let mut room = [0; 100];
        room[..clear.len()].copy_from_slice(&clear);
        let length = control.seal(&mut room, clear.len(), index).unwrap();
        assert_eq!(room[..length], sealed);
        let report = control.report(&room[..length]).unwrap();
        assert_eq!(report.index, index);
        assert_eq!(control.open(&mut room[..length], report), Ok(clear.len()));
        assert_eq!(room[..clear.len()], clear);
    }

    /// The reference packets of libsrtp's own `srtp_driver`.
    #[test]
    fn packets_are_those_of_libsrtp() {
        let clear = "81c8000b cafebabe abababab abababab abababab abababab";
        let counter = "E1F97A0D3E018BE0D64FA32C06DE4139 0EC675AD498AFEEBB6960B3AABE6";
        let sealed = "81c8000b cafebabe 7128035b e487b9bd bef89041 f977a5a8 80000001 993e08cd54d6c1230798";
        for suite in [Suite::AesCm128HmacSha1Tag80, Suite::AesCm128HmacSha1Tag32] {
            seals_to(&Control::new(&master(suite, counter)), clear, 1, sealed);
        }
        let gcm = "000102030405060708090a0b0c0d0e0f a0a1a2a3a4a5a6a7a8a9aaab";
        let sealed = "81c8000b cafebabe c98b8b5d f0392a55 852b6c21 ac8e7025 c52c6fbe a2b3b446 ea31123b a88ce61e 80000001";
        seals_to(&Control::new(&master(Suite::AeadAes128Gcm, gcm)), clear, 1, sealed);
    }

    #[test]
    fn gcm_is_that_of_rfc_7714_section_17_1() {
        let clear = "81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61 deadbeef deadbeef \
            deadbeef deadbeef deadbeef";
        let sealed = "81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d c676a5f1 730d6fda \
            4ce09b46 86303ded 0bb9275b c84aa458 96cf4d2f c5abf872 45d9eade 800005d4";
        seals_to(&Control(gcm_of_rfc_7714()), clear, 0x5d4, sealed);
    }

    #[test]
    fn a_changed_octet_is_found_and_nothing_is_touched() {
        for suite in Suite::ALL {
            let control = Control::new(&MasterKey::new(suite, [7; 30]));
            let mut room = [0x80; 60];
            let length = control.seal(&mut room, 32, MOST_INDEX).unwrap();
            for at in 0..length {
                let mut forged = room;
                forged[at] ^= 1;
                let before = forged;
                let report = control.report(&forged[..length]).unwrap();
                assert_eq!(control.open(&mut forged[..length], report), Err(Forged), "octet {at}");
                assert_eq!(forged, before);
            }
            for short in 0..length {
                let opened = control.report(&room[..short]).map(|report| {
                    let mut cut = room;
                    control.open(&mut cut[..short], report)
                });
                assert!(matches!(opened, None | Some(Err(Forged))), "cut to {short}");
            }
        }
    }

    /// The flag is covered by the tag: by a peer that has the key, and sends its reports in the clear.
    #[test]
    fn a_packet_in_the_clear_is_not_heard_though_its_tag_fits() {
        let key = MasterKey::new(Suite::AesCm128HmacSha1Tag80, [7; 30]);
        let control = Control::new(&key);
        let Cipher::Counter(counter) = &control.0 else { panic!("{:?}", key.suite()) };
        let clear = octets("80c90001 0000004d");
        let word = 5_u32.to_be_bytes();
        let seal = counter.mac(&clear, word).finalize().into_bytes();
        let mut datagram = [&clear[..], &word, &seal[..MAC_TAG]].concat();
        let report = control.report(&datagram).unwrap();
        assert_eq!(report, Report { ssrc: 77, index: 5 });
        assert_eq!(control.open(&mut datagram, report), Err(Forged));
    }
}
