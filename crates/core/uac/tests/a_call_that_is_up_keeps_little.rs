//! What a call keeps in memory while people talk.

mod common;

use std::alloc::System;

use common::Call;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const SDP: (&str, &str) = ("Content-Type", "application/sdp");

/// Octets that a machine holds: itself, and on the heap.
fn held(answer: impl Fn(&mut Call)) -> usize {
    let mut call = Call::start();
    answer(&mut call);
    let region = Region::new(ALLOCATOR);
    drop(call.uac);
    let stats = region.change();
    size_of::<uac::Uac>() + stats.bytes_deallocated - stats.bytes_allocated
}

#[test]
fn what_was_needed_to_place_it_is_forgotten_when_it_is_answered() {
    let placed = held(|_| {});
    let rung = held(|call| call.answer("INVITE", 183, "a", &[SDP]));
    let up = held(|call| {
        call.answer("INVITE", 100, "", &[]);
        call.answer("INVITE", 183, "a", &[SDP]);
        call.answer("INVITE", 180, "b", &[]);
        call.answer("INVITE", 200, "a", &[SDP]);
    });
    assert!(up <= 3600 && up < rung, "{placed} placed, {rung} rung, {up} up");
}
