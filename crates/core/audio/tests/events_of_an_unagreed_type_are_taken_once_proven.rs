//! Gateways that send telephone events on a payload type of their own.

use audio::{Stamp, UnagreedEvents};

fn stamp(sequence: u64, timestamp: u64) -> Stamp {
    Stamp { stream: 1, sequence, timestamp, marker: false }
}

#[test]
fn the_second_packet_of_a_press_proves_its_type_and_the_next_press_needs_none() {
    let mut events = UnagreedEvents::default();
    assert!(!events.takes(97, &stamp(1, 800), &[5, 10, 0, 160]));
    assert!(events.takes(97, &stamp(2, 800), &[5, 10, 1, 64]));
    assert!(events.takes(97, &stamp(9, 8000), &[7, 10, 0, 160]));
    assert!(!events.takes(98, &stamp(10, 8000), &[7, 10, 0, 160]), "another type is another matter");
}

#[test]
fn a_press_is_proven_in_whatever_order_its_packets_come() {
    let mut events = UnagreedEvents::default();
    assert!(!events.takes(97, &stamp(3, 800), &[5, 10, 2, 0]));
    assert!(events.takes(97, &stamp(1, 800), &[5, 10, 0, 160]));
    let mut events = UnagreedEvents::default();
    assert!(!events.takes(97, &stamp(3, 800), &[5, 0x8A, 2, 0]));
    assert!(events.takes(97, &stamp(4, 800), &[5, 0x8A, 2, 0]), "an end sent again");
}

#[test]
fn what_is_not_made_like_an_event_is_none() {
    let table: [(&str, u8, Stamp, &[u8]); 9] = [
        ("another moment", 97, stamp(2, 960), &[5, 10, 1, 64]),
        ("another stream", 97, Stamp { stream: 2, ..stamp(2, 800) }, &[5, 10, 1, 64]),
        ("another key", 97, stamp(2, 800), &[6, 10, 1, 64]),
        ("shorter than before", 97, stamp(2, 800), &[5, 10, 0, 80]),
        ("far off in the sequence", 97, stamp(40, 800), &[5, 10, 1, 64]),
        ("no key", 97, stamp(2, 800), &[16, 10, 1, 64]),
        ("the reserved bit", 97, stamp(2, 800), &[5, 0x4A, 1, 64]),
        ("a static type", 13, stamp(2, 800), &[5, 10, 1, 64]),
        ("five octets", 97, stamp(2, 800), &[5, 10, 1, 64, 0]),
    ];
    for (name, payload_type, second, payload) in table {
        let mut events = UnagreedEvents::default();
        assert!(!events.takes(97, &stamp(1, 800), &[5, 10, 0, 160]));
        assert!(!events.takes(payload_type, &second, payload), "{name}");
    }
}
