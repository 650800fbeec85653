//! RTCP: the sums of appendix A.3 and A.8, what a report says, what is learned from the peer's, and when it is due.

use audio::rtcp::{Control, Malformed, Moment, Packets, Reception, Sent, is_rtcp};
use audio::{Header, Packet, PayloadTypes, StreamReceiver};
use proptest::prelude::*;
use std::time::Duration;

const SECOND: i64 = 8000;
const NTP_SECOND: u64 = 1 << 32;
const START: u64 = 3_900_000_000 << 32;

fn moment(millis: u64) -> Moment {
    Moment { at: (millis * 8) as i64, ntp: START + millis * NTP_SECOND / 1000 }
}

/// A receiver that got the packets with these numbers, 20 ms apart, each late by its own delay in samples.
fn received(packets: impl IntoIterator<Item = (u16, i64)>) -> StreamReceiver {
    let mut receiver = StreamReceiver::default();
    for (sequence, late) in packets {
        let timestamp = u32::from(sequence) * 160;
        let header = Header { marker: false, payload_type: 8, sequence, timestamp, ssrc: 77 };
        let arrived = i64::from(sequence) * 160 + late;
        receiver.receive(&Packet { header, payload: &[0xD5; 160] }, &PayloadTypes::default(), arrived);
    }
    receiver
}

#[test]
fn jitter_is_that_of_appendix_a_8() {
    let mut reception = Reception::default();
    let mut expected = 0.0_f64;
    let mut before: Option<i64> = None;
    for n in 0..400_i64 {
        let late = (n * 7919) % 240;
        reception.note((n * 160) as u32, n * 160 + late);
        if let Some(before) = before.replace(late) {
            expected += ((late - before).abs() as f64 - expected) / 16.0;
        }
    }
    assert!((f64::from(reception.jitter()) - expected).abs() <= 1.0, "{} {expected}", reception.jitter());
}

#[test]
fn a_steady_stream_has_no_jitter_and_a_jump_of_its_clock_is_none() {
    let mut reception = Reception::default();
    for n in 0..100_u32 {
        let jump = if n < 50 { 0 } else { 900_000 };
        reception.note(n * 160 + jump, i64::from(n) * 160);
    }
    assert_eq!((reception.jitter(), reception.most_jitter()), (0, 0));
}

#[test]
fn losses_are_those_of_appendix_a_3() {
    let mut reception = Reception::default();
    let first = reception.interval(100, 75);
    assert_eq!((first.fraction_lost, first.lost), (64, 25));
    let second = reception.interval(200, 175);
    assert_eq!((second.fraction_lost, second.lost), (0, 25));
    let doubled = reception.interval(210, 230);
    assert_eq!((doubled.fraction_lost, doubled.lost), (0, -20));
    assert_eq!(reception.interval(210, 230).fraction_lost, 0, "nothing came since");
}

#[test]
fn a_report_tells_what_was_sent_and_what_came() {
    let mut stream = received((0..100).filter(|n| n % 10 != 5).map(|n| (n, i64::from(n % 2) * 80)));
    let mut control = Control::new(0x1234_5678, "attempt@huifang", 1);
    let mut room = [0; 256];
    let sent = Sent { packets: 100, octets: 16_000, timestamp: 4242 };
    let report = control.report(moment(2000), sent, &mut stream, &mut room).unwrap();
    assert!(is_rtcp(report));
    assert_eq!(report.len() % 4, 0);
    let packets = Packets::parse(report).unwrap();
    let reports: Vec<_> = packets.reports().collect();
    assert_eq!(reports.len(), 1);
    assert_eq!(reports[0].ssrc, 0x1234_5678);
    let sender = reports[0].sender.unwrap();
    assert_eq!((sender.packets, sender.octets, sender.timestamp), (100, 16_000, 4242));
    assert_eq!(sender.ntp, moment(2000).ntp);
    let block = reports[0].blocks().next().unwrap();
    assert_eq!((block.ssrc, block.highest, block.lost), (77, 99, 10));
    assert_eq!(block.fraction_lost, 25, "10 of 100, in 256ths");
    assert!((60..=85).contains(&block.jitter), "{}", block.jitter);
    assert_eq!((block.last_report, block.delay), (0, 0), "the peer has sent none");
    assert!(report.windows(15).any(|octets| octets == b"attempt@huifang"));
    let mut room = [0; 256];
    let next = control.report(moment(7000), sent, &mut stream, &mut room).unwrap();
    let blocks = Packets::parse(next).unwrap().reports().next().unwrap().blocks().count();
    assert_eq!(blocks, 0, "nothing came since");
}

#[test]
fn a_leg_that_sent_nothing_reports_as_a_receiver() {
    let mut control = Control::new(1, "x", 1);
    let mut room = [0; 256];
    let mut stream = received([(1, 0)]);
    let report = control.report(moment(0), Sent::default(), &mut stream, &mut room).unwrap();
    assert_eq!(report[1], 201);
}

/// We report, the peer hears it 30 ms later, holds it for 100 ms and reports, and its way back takes 50 ms.
#[test]
fn the_round_trip_is_what_passed_less_what_the_peer_held() {
    let (mut ours, mut theirs) = (Control::new(1, "a", 1), Control::new(2, "b", 2));
    let (mut our_stream, mut their_stream) = (StreamReceiver::default(), StreamReceiver::default());
    let packet = |ssrc, receiver: &mut StreamReceiver| {
        let header = Header { marker: false, payload_type: 8, sequence: 9, timestamp: 0, ssrc };
        receiver.receive(&Packet { header, payload: &[0xD5; 160] }, &PayloadTypes::default(), 0);
    };
    packet(2, &mut our_stream);
    packet(1, &mut their_stream);
    let sent = Sent { packets: 1, octets: 160, timestamp: 0 };
    let mut room = [0; 256];
    let first = ours.report(moment(1000), sent, &mut our_stream, &mut room).unwrap();
    theirs.take(first, moment(1030).ntp).unwrap();
    let mut room = [0; 256];
    let second = theirs.report(moment(1130), sent, &mut their_stream, &mut room).unwrap();
    ours.take(second, moment(1180).ntp).unwrap();
    let quality = ours.quality();
    let trip = quality.round_trip.unwrap();
    assert!(trip.abs_diff(Duration::from_millis(80)) < Duration::from_millis(1), "{trip:?}");
    assert_eq!((quality.reports, quality.peer_lost), (1, Some(0)));
    assert_eq!(theirs.quality().round_trip, None, "its report was not answered yet");
}

#[test]
fn a_goodbye_is_said_by_those_who_have_reported() {
    let mut control = Control::new(5, "x", 3);
    let mut stream = StreamReceiver::default();
    let mut room = [0; 256];
    assert!(control.goodbye(moment(0), Sent::default(), &mut stream, &mut room).is_none());
    control.report(moment(0), Sent::default(), &mut stream, &mut room).unwrap();
    let bye = control.goodbye(moment(10), Sent::default(), &mut stream, &mut room).unwrap();
    let packets = Packets::parse(bye).unwrap();
    assert!(packets.says_goodbye(5) && !packets.says_goodbye(6));
}

#[test]
fn reports_come_about_every_5_s_and_legs_do_not_report_together() {
    let mut firsts = Vec::new();
    for seed in 1..=200_u64 {
        let mut control = Control::new(1, "x", seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        control.start(0);
        let (mut stream, mut times) = (StreamReceiver::default(), Vec::new());
        for at in (0..600 * SECOND).step_by(160) {
            if control.is_due(at) {
                times.push(at);
                control
                    .report(Moment { at, ntp: START }, Sent::default(), &mut stream, &mut [0; 256])
                    .unwrap();
            }
        }
        let gaps: Vec<i64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let mean = gaps.iter().sum::<i64>() / gaps.len() as i64;
        // Section 6.3.1: from 0.5 to 1.5 times 5 s, over e - 3/2.
        assert!((3 * SECOND..6 * SECOND).contains(&mean), "seed {seed}: {mean}");
        assert!(gaps.iter().all(|gap| (2 * SECOND..=7 * SECOND).contains(gap)), "seed {seed}");
        firsts.push(times[0]);
    }
    firsts.sort_unstable();
    let most_together = firsts.windows(10).filter(|ten| ten[9] == ten[0]).count();
    assert_eq!(most_together, 0, "ten of 200 legs report in the same tick");
}

#[test]
fn what_is_no_report_is_refused() {
    let table: [(&[u8], Malformed); 7] = [
        (b"", Malformed::NoReport),
        (&[0x80, 8, 0, 1], Malformed::NoReport),
        (&[0x80, 202, 0, 1, 0, 0, 0, 1], Malformed::NoReport),
        (&[0x40, 201, 0, 1, 0, 0, 0, 1], Malformed::NoReport),
        (&[0xA0, 201, 0, 1, 0, 0, 0, 1], Malformed::NoReport),
        (&[0x80, 201, 0, 2, 0, 0, 0, 1], Malformed::Length),
        (&[0x80, 201, 0, 1, 0, 0, 0, 1, 0x80], Malformed::Length),
    ];
    for (octets, why) in table {
        assert_eq!(Packets::parse(octets).err(), Some(why), "{octets:?}");
    }
    assert!(Packets::parse(&[0x80, 201, 0, 1, 0, 0, 0, 1]).is_ok());
    // It promises a block that it does not carry.
    let short = [0x81, 201, 0, 1, 0, 0, 0, 1];
    assert_eq!(Packets::parse(&short).unwrap().reports().count(), 0);
}

proptest! {
    #[test]
    fn any_octets_are_read_without_a_panic(mut octets in prop::collection::vec(any::<u8>(), 0..200), whole: bool) {
        if whole && octets.len() >= 8 {
            // One packet over all of them, so that what is behind the checks is reached as well.
            octets.truncate(octets.len() / 4 * 4);
            octets[0] = 0x80 | octets[0] & 0x1F;
            octets[1] = 200 + octets[1] % 2;
            let words = (octets.len() / 4 - 1) as u16;
            octets[2..4].copy_from_slice(&words.to_be_bytes());
            prop_assert!(Packets::parse(&octets).is_ok());
        }
        let mut control = Control::new(1, "x", 1);
        let _ = control.take(&octets, START);
        if let Ok(packets) = Packets::parse(&octets) {
            for report in packets.reports() {
                prop_assert!(report.blocks().count() <= 31);
            }
            packets.says_goodbye(1);
        }
    }
}
