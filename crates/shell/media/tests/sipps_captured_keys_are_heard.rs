//! The RFC 4733 captures that SIPp plays as key presses, sent as SIPp sends them: octet for octet, under an
//! SSRC other than the sound's, and the same packets again when the same key is pressed again. That they are no
//! repetitions is told by the half second or more in which nothing of that SSRC came.

mod common;

use audio::FRAME_TIME;
use common::{call, config};
use media::{Heard, MediaEngine};
use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};

/// Packets of sound behind each key: a second from its last packet on, however late that left.
const PAUSE: u32 = 50;

/// Ethernet, IPv4 and UDP without options.
const LOWER_LAYERS: usize = 14 + 20 + 8;

/// Times since the first packet, and what UDP carried, of a little-endian pcap file.
fn capture(name: &str) -> Vec<(Duration, Vec<u8>)> {
    let path = Path::new("/usr/share/sip-tester").join(name);
    let file = std::fs::read(&path).expect("SIPp's captures are installed with it");
    let number = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap());
    assert_eq!(number(0), 0xA1B2_C3D4, "{}", path.display());
    let mut packets = Vec::new();
    let mut at = 24;
    while at < file.len() {
        let time = Duration::new(u64::from(number(at)), number(at + 4) * 1000);
        let length = number(at + 8) as usize;
        packets.push((time, file[at + 16 + LOWER_LAYERS..at + 16 + length].to_vec()));
        at += 16 + length;
    }
    let first = packets[0].0;
    packets.into_iter().map(|(time, octets)| (time.saturating_sub(first), octets)).collect()
}

#[test]
fn each_played_capture_is_one_key() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let (leg, mut facts, mut peer) = call(&engine, "sipp", false);
    leg.answered();
    for key in ["1", "5", "star", "1", "1", "pound", "0"] {
        let mut packets = capture(&format!("dtmf_2833_{key}.pcap")).into_iter().peekable();
        let (begin, mut behind) = (Instant::now(), 0);
        while behind < PAUSE {
            behind += u32::from(packets.peek().is_none());
            while let Some((_, octets)) = packets.next_if(|(time, _)| *time <= begin.elapsed()) {
                peer.send_raw(&octets);
            }
            peer.send(8, false, &[0xD5; 160]);
            thread::sleep(FRAME_TIME);
        }
    }
    leg.close();
    let told = facts.rest();
    let digits: String = told
        .iter()
        .filter_map(|heard| if let Heard::Key { digit, .. } = heard { Some(*digit) } else { None })
        .collect();
    assert_eq!(digits, "15*11#0");
}
