//! Kamailio as a plain peer.

use std::time::Duration;

use sip::{TrunkConfig, TrunkState};

use crate::kamailio::{Kamailio, Setup};
use crate::sipp::{PATIENCE, stack, trunk_to};

#[tokio::test]
async fn a_ping_is_answered() {
    let mut kamailio = Kamailio::start(Setup {
        routes: "request_route { xlog(\"L_ERR\", \"asked by $rm\\n\"); sl_send_reply(\"200\", \"OK\"); }",
        ..Setup::default()
    })
    .await;
    let pinged = TrunkConfig { options_interval: Duration::from_millis(100), ..trunk_to(kamailio.address) };
    let ours = stack(pinged).await;
    kamailio.says("asked by OPTIONS").await;
    let mut state = ours.trunk("carrier").unwrap().state();
    let up = state.wait_for(|state| *state == TrunkState::Reachable);
    tokio::time::timeout(PATIENCE, up).await.expect("in time").unwrap();

    kamailio.kill().await;
    let down = state.wait_for(|state| matches!(state, TrunkState::Unreachable { .. }));
    tokio::time::timeout(PATIENCE, down).await.expect("in time").unwrap();
}
