//! The running stack gives each torture message the verdict of the table in the `uac` room.

#[path = "../../../../core/uac/tests/torture/mod.rs"]
mod torture;

use torture::{Verdict, cases};

use crate::raw::{Raw, settled};
use crate::sipp::{free_address, stack, trunk_to};

#[tokio::test]
async fn every_message_gets_its_verdict_on_the_wire() {
    let stack = stack(trunk_to(free_address())).await;
    for case in cases() {
        eprintln!("{}", case.name);
        let peer = Raw::trunk(&stack).await;
        peer.send(&case.bytes).await;
        let Verdict::Answer(status, header) = &case.verdict else {
            settled(&stack).await;
            assert_eq!(peer.unread(), Vec::<String>::new(), "{}", case.name);
            continue;
        };
        let answer = loop {
            let answer = peer.receive().await;
            // An INVITE may be told first that it is being worked on.
            if !answer.starts_with("SIP/2.0 1") {
                break answer;
            }
        };
        assert!(answer.starts_with(&format!("SIP/2.0 {status} ")), "{}: {answer}", case.name);
        if let Some(header) = header {
            assert!(answer.contains(&format!("\r\n{header}: ")), "{}: {answer}", case.name);
        }
    }
    assert_eq!(stack.open_legs(), 0);
}
