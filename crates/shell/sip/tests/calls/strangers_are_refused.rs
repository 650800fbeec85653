//! Requests that belong to no call of ours.

use crate::sipp::{Sipp, free_address, stack, trunk_to};

#[tokio::test]
async fn a_stranger_gets_options_and_nothing_else() {
    let stack = stack(trunk_to(free_address())).await;
    Sipp::calling("stranger", stack.local_addr()).plays_to_its_end().await;
}
