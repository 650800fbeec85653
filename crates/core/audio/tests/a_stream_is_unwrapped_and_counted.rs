//! RFC 3550 appendix A.1: sequence numbers and timestamps without their wraps, losses, and new starts.

use audio::{Arrival, Codec, Counts, Header, Packet, PayloadTypes, Refused, Stamp, StreamReceiver};

const TYPES: PayloadTypes =
    PayloadTypes { audio: 8, codec: Codec::Pcma, telephone_events: [Some(101), None] };

fn receive(receiver: &mut StreamReceiver, ssrc: u32, sequence: u16, now: i64) -> Result<Stamp, Refused> {
    let payload_type = 8;
    let timestamp = u32::from(sequence).wrapping_mul(160);
    let header = Header { marker: false, payload_type, sequence, timestamp, ssrc };
    match receiver.receive(&Packet { header, payload: &[0xD5; 160] }, &TYPES, now) {
        Arrival::Audio { stamp, .. }
        | Arrival::Event { stamp, .. }
        | Arrival::Noise { stamp, .. }
        | Arrival::Foreign { stamp, .. } => Ok(stamp),
        Arrival::Refused(why) => Err(why),
    }
}

fn counts_after(sequences: impl IntoIterator<Item = u16>) -> Counts {
    let mut receiver = StreamReceiver::default();
    for sequence in sequences {
        let _ = receive(&mut receiver, 1, sequence, 0);
    }
    receiver.counts()
}

#[test]
fn numbers_go_on_over_their_wraps() {
    let mut receiver = StreamReceiver::default();
    let mut last: Option<Stamp> = None;
    for n in 0..200_000_u32 {
        let header = Header {
            marker: false,
            payload_type: 8,
            sequence: (n + 65_000) as u16,
            timestamp: (n * 160).wrapping_add(u32::MAX - 1000),
            ssrc: 1,
        };
        let arrival = receiver.receive(&Packet { header, payload: &[] }, &TYPES, 0);
        let Arrival::Audio { stamp, .. } = arrival else { panic!("{arrival:?}") };
        if let Some(last) = last {
            assert_eq!(stamp.sequence, last.sequence + 1);
            assert_eq!(stamp.timestamp, last.timestamp + 160);
        }
        last = Some(stamp);
    }
    assert_eq!(receiver.counts(), Counts { received: 200_000, ..Counts::default() });
}

#[test]
fn losses_duplicates_and_late_packets_are_told_apart() {
    let table: [(&[u16], Counts); 5] = [
        (&[1, 2, 5], Counts { received: 3, lost: 2, ..Counts::default() }),
        (&[1, 2, 2, 1, 3], Counts { received: 3, duplicates: 2, ..Counts::default() }),
        (&[1, 3, 2, 4], Counts { received: 4, reordered: 1, ..Counts::default() }),
        (&[10, 9, 12], Counts { received: 3, lost: 1, reordered: 1, ..Counts::default() }),
        (&[10, 9, 11], Counts { received: 3, reordered: 1, ..Counts::default() }),
    ];
    for (sequences, counts) in table {
        assert_eq!(counts_after(sequences.iter().copied()), counts, "{sequences:?}");
    }
}

#[test]
fn a_new_ssrc_is_a_new_stream_and_no_loss() {
    let mut receiver = StreamReceiver::default();
    let first = receive(&mut receiver, 1, 100, 0).unwrap();
    let second = receive(&mut receiver, 2, 50_000, 0).unwrap();
    assert_ne!(first.stream, second.stream);
    assert_eq!(receiver.counts(), Counts { received: 2, restarts: 1, ..Counts::default() });
}

#[test]
fn two_senders_at_once_are_two_streams_and_stay_so() {
    let mut receiver = StreamReceiver::default();
    let (one, other) = (receive(&mut receiver, 1, 0, 0).unwrap(), receive(&mut receiver, 2, 500, 0).unwrap());
    for n in 1..50 {
        assert_eq!(receive(&mut receiver, 1, n, 0).unwrap().stream, one.stream);
        assert_eq!(receive(&mut receiver, 2, 500 + n, 0).unwrap().stream, other.stream);
    }
    assert_eq!(receiver.counts(), Counts { received: 100, restarts: 1, ..Counts::default() });
}

#[test]
fn a_fifth_sender_takes_the_place_of_the_longest_silent() {
    let mut receiver = StreamReceiver::default();
    let first = receive(&mut receiver, 1, 0, 0).unwrap();
    for ssrc in 2..=5 {
        receive(&mut receiver, ssrc, 0, i64::from(ssrc)).unwrap();
    }
    assert_ne!(receive(&mut receiver, 1, 1, 6).unwrap().stream, first.stream);
    assert_eq!(receiver.counts().restarts, 5);
}

#[test]
fn old_numbers_after_a_pause_are_a_sender_that_began_anew() {
    let mut receiver = StreamReceiver::default();
    let first = receive(&mut receiver, 1, 100, 0).unwrap();
    assert_eq!(receive(&mut receiver, 1, 100, 4000), Err(Refused::Duplicate));
    let again = receive(&mut receiver, 1, 100, 8001).unwrap();
    assert_ne!(again.stream, first.stream);
    assert_eq!(
        receive(&mut receiver, 1, 101, 16_500).unwrap().stream,
        again.stream,
        "a pause alone changes nothing"
    );
}

#[test]
fn one_stray_number_is_refused_and_two_in_line_are_a_new_start() {
    let mut receiver = StreamReceiver::default();
    let first = receive(&mut receiver, 1, 100, 0).unwrap();
    assert_eq!(receive(&mut receiver, 1, 40_000, 0), Err(Refused::OutOfLine));
    assert_eq!(receive(&mut receiver, 1, 101, 0).unwrap().stream, first.stream);
    assert_eq!(
        receive(&mut receiver, 1, 40_001, 0),
        Err(Refused::OutOfLine),
        "another stray one, not in line"
    );
    assert_eq!(receive(&mut receiver, 1, 30_000, 0), Err(Refused::OutOfLine));
    assert_ne!(receive(&mut receiver, 1, 30_001, 0).unwrap().stream, first.stream);
    assert_eq!(receiver.counts().lost, 0);
}

#[test]
fn payload_types_decide_what_a_packet_is() {
    let mut receiver = StreamReceiver::default();
    let mut arrival = |sequence, payload_type| {
        let header = Header { marker: false, payload_type, sequence, timestamp: 0, ssrc: 1 };
        match receiver.receive(&Packet { header, payload: &[] }, &TYPES, 0) {
            Arrival::Audio { codec, .. } => format!("{codec:?}"),
            Arrival::Event { .. } => "event".into(),
            Arrival::Noise { .. } => "noise".into(),
            Arrival::Foreign { payload_type, .. } => format!("foreign {payload_type}"),
            Arrival::Refused(why) => format!("{why:?}"),
        }
    };
    let table = [(8, "Pcma"), (0, "Pcmu"), (101, "event"), (13, "noise"), (96, "foreign 96")];
    for (sequence, (payload_type, is)) in (1..).zip(table) {
        assert_eq!(arrival(sequence, payload_type), is, "payload type {payload_type}");
    }
    assert_eq!(receiver.counts().foreign, 1);
    assert_eq!(receiver.counts().received, 5);
}
