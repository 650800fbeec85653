//! A trunk of two ways, one of which falls silent and comes back.

use std::time::Duration;

use sip::{Hop, Transport, TrunkConfig, WayState};
use tokio::time::Instant;

use crate::sipp::{PATIENCE, Sipp, stack, trunk_to};

#[tokio::test]
async fn a_way_that_falls_silent_is_known_within_four_seconds_and_noticed_when_it_is_back() {
    let (first, second) =
        (Sipp::answering_on("answers_pings").await, Sipp::answering_on("answers_pings").await);
    let ways = [first.address, second.address].map(|address| Hop::resolved(address, Transport::Udp));
    // Only what is doubted is asked in the time of this test.
    let quiet = TrunkConfig {
        options_interval: Duration::from_secs(3600),
        more_peers: vec![second.address.to_string()],
        ..trunk_to(first.address)
    };
    let stack = stack(quiet).await;
    let trunk = stack.trunk("carrier").unwrap();
    let mut known = trunk.ways();
    let both = known.wait_for(|known| ways.iter().all(|way| known.state_of(way) == Some(&WayState::Up)));
    tokio::time::timeout(PATIENCE, both).await.expect("both answer").unwrap();
    assert_eq!(known.borrow().best_first(), ways);

    first.falls_silent();
    let doubted = Instant::now();
    trunk.suspect(&ways[0]);
    let down = known.wait_for(|known| matches!(known.state_of(&ways[0]), Some(WayState::Down { .. })));
    tokio::time::timeout(PATIENCE, down).await.expect("it is down").unwrap();
    // A second of silence came before the doubt.
    assert!(doubted.elapsed() < Duration::from_secs(5), "after {:?}", doubted.elapsed());
    assert_eq!(known.borrow().best_first(), [ways[1].clone(), ways[0].clone()]);
    assert_eq!(trunk.state().borrow().trouble(), None, "the other way takes calls");

    first.speaks_again();
    let up = known.wait_for(|known| known.state_of(&ways[0]) == Some(&WayState::Up));
    tokio::time::timeout(PATIENCE, up).await.expect("it is back").unwrap();
    assert_eq!(known.borrow().best_first(), ways);
}
