#![no_main]

#[path = "../properties/sdp.rs"]
mod sdp;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sdp::holds(bytes));
