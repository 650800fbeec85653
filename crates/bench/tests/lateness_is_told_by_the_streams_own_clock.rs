//! Late, lost and unsent packets of streams, by table: times in milliseconds, virtual.

use bench::report::Tally;
use bench::rtp::{FRAME, HEADER, Header, Listener, PACKET, PCMA, SILENCE};

const MS: i64 = 1_000_000;

/// A packet: its number and frame in the stream, and when it arrived.
type Packet = (u16, u32, f64);

/// Hears packets of a stream whose numbers wrap at once, and ends it where told.
fn heard(packets: &[Packet], end: Option<i64>) -> Tally {
    let mut listener = Listener::default();
    for (number, frame, at) in packets {
        let header = Header {
            marker: false,
            payload_type: PCMA,
            sequence: 65_534_u16.wrapping_add(*number),
            timestamp: (u32::MAX - 200).wrapping_add(frame * FRAME as u32),
            ssrc: 7,
        };
        let mut packet = [SILENCE; PACKET];
        header.write(packet.first_chunk_mut::<HEADER>().unwrap());
        listener.hear(&packet, (at * MS as f64) as i64);
    }
    if let Some(end) = end {
        listener.end(0, end * MS);
    }
    listener.tally
}

#[test]
fn packets_are_late_and_lost_as_the_table_says() {
    // Packets; late > 5 ms, late > 20 ms, lost, odd.
    let table: [(&str, &[Packet], [u64; 4]); 10] = [
        ("in time", &[(0, 0, 0.0), (1, 1, 20.0), (2, 2, 40.0), (3, 3, 60.0)], [0, 0, 0, 0]),
        ("4.9 ms is not late", &[(0, 0, 0.0), (1, 1, 24.9)], [0, 0, 0, 0]),
        ("5.1 ms is late", &[(0, 0, 0.0), (1, 1, 25.1), (2, 2, 40.0)], [1, 0, 0, 0]),
        ("20.1 ms is very late", &[(0, 0, 0.0), (1, 1, 40.1), (2, 2, 41.0)], [1, 1, 0, 0]),
        (
            "one delay for good is one late packet each",
            &[(0, 0, 0.0), (1, 1, 26.0), (2, 2, 46.0)],
            [2, 0, 0, 0],
        ),
        (
            "a late beginning ties the clock only till less delay",
            &[(0, 0, 9.0), (1, 1, 20.0), (2, 2, 49.0)],
            [1, 0, 0, 0],
        ),
        ("a gap of numbers is lost", &[(0, 0, 0.0), (3, 3, 60.0)], [0, 0, 2, 0]),
        ("a frame never sent is lost too", &[(0, 0, 0.0), (1, 3, 60.0)], [0, 0, 2, 0]),
        ("twice is odd", &[(0, 0, 0.0), (0, 0, 0.1), (1, 1, 20.0)], [0, 0, 0, 1]),
        ("behind its time is odd, and was lost", &[(0, 0, 0.0), (2, 2, 40.0), (1, 1, 41.0)], [0, 0, 1, 1]),
    ];
    for (what, packets, [late, very_late, lost, odd]) in table {
        let tally = heard(packets, None);
        let found = [tally.late_5ms, tally.late_20ms, tally.lost, tally.odd];
        assert_eq!(found, [late, very_late, lost, odd], "{what}");
        assert_eq!(tally.received + tally.odd, packets.len() as u64, "{what}");
    }
}

#[test]
fn a_stream_that_stops_early_has_lost_what_was_to_come() {
    let packets = [(0, 0, 0.0), (1, 1, 20.0)];
    for (end, lost) in [(39, 0), (59, 0), (61, 1), (120, 4)] {
        assert_eq!(heard(&packets, Some(end)).lost, lost, "ends after {end} ms");
    }
    assert_eq!(heard(&[], Some(1000)).lost, 49, "a stream that never began");
}

#[test]
fn another_stream_and_another_form_are_odd() {
    let mut listener = Listener::default();
    let mut packet = [SILENCE; PACKET];
    let header = Header { marker: true, payload_type: PCMA, sequence: 1, timestamp: 160, ssrc: 1 };
    header.write(packet.first_chunk_mut::<HEADER>().unwrap());
    listener.hear(&packet, 0);
    let other = Header { sequence: 2, timestamp: 320, ssrc: 2, ..header };
    other.write(packet.first_chunk_mut::<HEADER>().unwrap());
    listener.hear(&packet, 20 * MS);
    let ulaw = Header { payload_type: 0, ssrc: 1, ..other };
    ulaw.write(packet.first_chunk_mut::<HEADER>().unwrap());
    listener.hear(&packet, 20 * MS);
    listener.hear(&packet[..100], 20 * MS);
    listener.hear(b"none", 20 * MS);
    assert_eq!((listener.tally.received, listener.tally.odd), (1, 4));
}
