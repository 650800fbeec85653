#![no_main]

#[path = "../../tests/common/mod.rs"]
mod common;
#[path = "../properties/sip_machine.rs"]
mod sip_machine;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sip_machine::holds(bytes));
