#![no_main]

#[path = "../properties/digest_challenge.rs"]
mod digest_challenge;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| digest_challenge::holds(bytes));
