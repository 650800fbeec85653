#![no_main]

#[path = "../properties/sip_message.rs"]
mod sip_message;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sip_message::holds(bytes));
