//! The places that resolution finds for a trunk, and the order to try them in (RFC 2782).

use std::net::SocketAddr;

use crate::line::{Hop, Transport};
use crate::seed::Seed;

/// One target of a service record, or one host that was named without a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Lower goes first.
    pub priority: u32,
    /// Share among the targets of one priority; 0 is hardly ever first.
    pub weight: u16,
    /// Where it is, in the order that its addresses are tried.
    pub addresses: Vec<SocketAddr>,
}

/// All places of all targets: by priority, within one priority drawn by weight, each target once,
/// each address once.
pub fn order(targets: &[Target], transport: Transport, seed: &mut Seed) -> Vec<Hop> {
    let mut waiting: Vec<&Target> = targets.iter().collect();
    // Those of weight 0 stand first, as the draw wants them.
    waiting.sort_by_key(|target| (target.priority, target.weight != 0));
    let mut ways: Vec<Hop> = Vec::new();
    while let Some(first) = waiting.first() {
        let peers = waiting.iter().take_while(|target| target.priority == first.priority).count();
        let drawn = waiting.remove(draw(&waiting[..peers], seed));
        for address in &drawn.addresses {
            let way = Hop::resolved(*address, transport);
            if !ways.contains(&way) {
                ways.push(way);
            }
        }
    }
    ways
}

/// RFC 2782: the first whose running sum of weights reaches a number drawn from 0 to their total.
fn draw(targets: &[&Target], seed: &mut Seed) -> usize {
    let total: u64 = targets.iter().map(|target| u64::from(target.weight)).sum();
    let drawn = seed.number(total);
    let mut sum = 0;
    let reached = targets.iter().position(|target| {
        sum += u64::from(target.weight);
        sum >= drawn
    });
    reached.unwrap_or(0)
}
