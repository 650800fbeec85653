//! The corpus of the fuzz targets and every crash they have found, run through the same properties.

#[allow(clippy::all, clippy::pedantic)]
mod common;
#[path = "../fuzz/properties/digest_challenge.rs"]
mod digest_challenge;
#[path = "../fuzz/properties/sdp.rs"]
mod sdp;
#[path = "../fuzz/properties/sip_machine.rs"]
mod sip_machine;
#[path = "../fuzz/properties/sip_message.rs"]
mod sip_message;

use std::path::Path;

/// Runs every file of a target's folders; says which one it was.
fn replay(target: &str, property: fn(&[u8])) {
    let room = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let mut run = 0;
    for folder in ["corpus", "regressions"].map(|folder| room.join(folder).join(target)) {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            let held = std::panic::catch_unwind(|| property(&bytes));
            assert!(held.is_ok(), "{}", path.display());
            run += 1;
        }
    }
    assert!(run > 0, "{target} has no corpus");
}

#[test]
fn messages() {
    replay("sip_message", sip_message::holds);
}

#[test]
fn calls() {
    replay("sip_machine", sip_machine::holds);
}

#[test]
fn descriptions() {
    replay("sdp", sdp::holds);
}

#[test]
fn challenges() {
    replay("digest_challenge", digest_challenge::holds);
}
