//! A call that was written down is ended by the next process.

use std::net::SocketAddr;
use std::time::Duration;

use sip::{LegEvent, SipConfig, SipStack, Snapshot, TrunkConfig};

use crate::sipp::{Sipp, answer, dial, last, stack, trunk_to};

/// A stack on the address of one that is just being stopped; SIPp answers to nowhere else.
async fn stack_at(bind: SocketAddr, trunk: TrunkConfig) -> SipStack {
    for _ in 0..1000 {
        let config = SipConfig { bind, ..SipConfig::default() };
        match SipStack::start(config, vec![trunk.clone()]).await {
            Ok(stack) => return stack,
            Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    }
    panic!("{bind} was not released");
}

#[tokio::test]
async fn a_call_read_back_from_its_snapshot_can_be_hung_up() {
    let sipp = Sipp::answering("answers_and_waits").await;
    let before = stack(trunk_to(sipp.address)).await;
    let (leg, mut events) = dial(&before);
    answer(&mut events).await;
    let written = serde_json::to_string(&leg.snapshot().await).unwrap();
    assert!(!written.contains("secret"), "no password is written");
    let address = before.local_addr();
    drop(before);

    let after = stack_at(address, trunk_to(sipp.address)).await;
    let snapshot: Snapshot = serde_json::from_str(&written).unwrap();
    let (leg, mut events) = after.trunk("carrier").unwrap().resume(snapshot);
    leg.hang_up(None);
    assert_eq!(last(&mut events).await, LegEvent::Ended { confirmed: true });
    sipp.plays_to_its_end().await;
}
