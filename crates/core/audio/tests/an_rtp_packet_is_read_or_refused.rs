//! RFC 3550 section 5.1, with everything a peer may lawfully put before and behind the payload.

use audio::{HEADER_LEN, Header, Malformed, Packet};
use proptest::prelude::*;

const HEADER: Header =
    Header { marker: true, payload_type: 101, sequence: 65535, timestamp: 0xDEAD_BEEF, ssrc: 0x0102_0304 };

fn datagram(first: u8, behind_header: &[u8]) -> Vec<u8> {
    let mut head = [0; HEADER_LEN];
    HEADER.write(&mut head);
    head[0] = first;
    [&head[..], behind_header].concat()
}

#[test]
fn what_stands_around_the_payload_is_taken_off() {
    let table: [(u8, &[u8]); 5] = [
        (0x80, &[7, 8]),
        (0x82, &[0, 0, 0, 1, 0, 0, 0, 2, 7, 8]),
        (0x90, &[0xBE, 0xDE, 0, 1, 9, 9, 9, 9, 7, 8]),
        (0xA0, &[7, 8, 0, 0, 3]),
        (0xB1, &[0, 0, 0, 1, 0xBE, 0xDE, 0, 1, 9, 9, 9, 9, 7, 8, 1]),
    ];
    for (first, octets) in table {
        let datagram = datagram(first, octets);
        assert_eq!(Packet::parse(&datagram), Ok(Packet { header: HEADER, payload: &[7, 8] }), "{first:#x}");
    }
}

#[test]
fn what_is_no_rtp_is_refused() {
    let table: [(u8, &[u8], Malformed); 7] = [
        (0x00, &[7, 8], Malformed::Version),
        (0x40, &[7, 8], Malformed::Version),
        (0x8F, &[0; 59], Malformed::Short),
        (0x90, &[0, 0, 0], Malformed::Short),
        (0x90, &[0, 0, 0, 2, 1, 2, 3, 4], Malformed::Short),
        (0xA0, &[7, 8, 4], Malformed::Padding),
        (0xA0, &[7, 8, 0], Malformed::Padding),
    ];
    for (first, octets, why) in table {
        assert_eq!(Packet::parse(&datagram(first, octets)), Err(why), "{first:#x} {octets:?}");
    }
    assert_eq!(Packet::parse(&[0x80; 11]), Err(Malformed::Short));
    let mut report = datagram(0x80, &[0; 16]);
    report[1] = 200;
    assert_eq!(Packet::parse(&report), Err(Malformed::Rtcp));
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        marker: bool, payload_type in 0..64_u8, sequence: u16, timestamp: u32, ssrc: u32, payload: Vec<u8>,
    ) {
        let header = Header { marker, payload_type, sequence, timestamp, ssrc };
        let mut datagram = [0; HEADER_LEN];
        header.write(&mut datagram);
        let datagram = [&datagram[..], &payload].concat();
        prop_assert_eq!(Packet::parse(&datagram), Ok(Packet { header, payload: &payload }));
    }

    #[test]
    fn no_datagram_is_too_strange(octets: Vec<u8>) {
        if let Ok(packet) = Packet::parse(&octets) {
            prop_assert!(packet.payload.len() + HEADER_LEN <= octets.len());
        }
    }
}
