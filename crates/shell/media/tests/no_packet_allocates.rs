//! Two seconds of a recorded call with a prompt: nothing is allocated and nothing freed, in any thread.

mod common;

use audio::{Clip, Codec, FRAME, FRAME_TIME, HEADER_LEN, Header};
use common::{Peer, call, config};
use media::{Heard, MediaEngine};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::{alloc::System, sync::Arc, thread, time::Instant};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Until the first pieces have come back from the writer.
const WARM_UP: u16 = 125;
const COUNTED: u16 = 100;

#[test]
fn nothing_is_allocated_for_a_packet_or_a_piece_of_a_recording() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let (leg, mut facts, peer) = call(&engine, "counted", true);
    leg.answered();
    leg.play(1, "long", Arc::new(Clip::from_pcm(&vec![3000; FRAME * usize::from(WARM_UP + COUNTED) * 2])));
    let packets: Vec<[u8; HEADER_LEN + FRAME]> = (0..WARM_UP + COUNTED).map(packet).collect();
    let (warm_up, counted) = packets.split_at(usize::from(WARM_UP));
    send(&peer, warm_up);
    let region = Region::new(ALLOCATOR);
    send(&peer, counted);
    let change = region.change();
    leg.close();
    let heard = facts.rest();
    let Some(Heard::Closed(Some(recording))) = heard.last() else { panic!("no recording: {heard:?}") };
    assert_eq!(recording.stats.received, u64::from(WARM_UP + COUNTED));
    assert_eq!((change.allocations, change.reallocations, change.deallocations), (0, 0, 0));
}

fn packet(number: u16) -> [u8; HEADER_LEN + FRAME] {
    let payload_type = Codec::Pcma.payload_type();
    let timestamp = u32::from(number) * FRAME as u32;
    let mut packet = std::array::from_fn(|n| Codec::Pcma.encode((n as i16 - 80) * 300));
    let header = Header { marker: number == 0, payload_type, sequence: number, timestamp, ssrc: 5 };
    header.write(packet.first_chunk_mut().unwrap());
    packet
}

fn send(peer: &Peer, packets: &[[u8; HEADER_LEN + FRAME]]) {
    let begin = Instant::now();
    for (n, packet) in (0..).zip(packets) {
        thread::sleep((begin + FRAME_TIME * n).saturating_duration_since(Instant::now()));
        peer.send_raw(packet);
    }
}
