//! Who may speak to us, how much of it is worked on, and who gets an answer. Pure: `now`, the seed
//! and the trunks' addresses come in, verdicts go out, everything is bounded.
//!
//! A message is asked about twice: [`Guard::hear`] before it is read, [`Guard::answer`] before
//! anything is sent to somebody who is no trunk of ours. What a request outside any call is told
//! for its form alone says [`objection`]; what a malformed one is told says [`refusal`].

mod bucket;
mod count;
mod network;
mod policy;
mod scanner;
mod screen;
mod table;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

pub use bucket::Rate;
pub use count::{Counts, Why};
pub use network::Network;
pub use policy::{Policy, Strangers};
pub use scanner::is_scanner;
pub use screen::{EXTENSIONS, objection, refusal};

use bucket::Bucket;
use table::{Purpose, Table};

/// Whose message it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// From the address of one of our trunks.
    Trunk,
    /// From anywhere else.
    Stranger,
}

/// The policy at work.
#[derive(Debug)]
pub struct Guard {
    policy: Policy,
    trunks: BTreeMap<String, Vec<Network>>,
    sources: Table,
    strangers: Table,
    heard: Bucket,
    answered: Bucket,
    counts: Counts,
}

impl Guard {
    /// Starts with no trunk. `seed` must be random: it keeps strangers from choosing which buckets
    /// they share.
    pub fn new(policy: Policy, seed: [u8; 16]) -> Self {
        Self {
            policy,
            trunks: BTreeMap::new(),
            // Apart, so that no stranger can push out a trunk.
            sources: Table::new(seed),
            strangers: Table::new(seed),
            heard: Bucket::default(),
            answered: Bucket::default(),
            counts: Counts::default(),
        }
    }

    /// Sets the addresses that `trunk` may speak from, in place of those it had.
    pub fn trust(&mut self, trunk: &str, addresses: Vec<Network>) {
        self.trunks.insert(trunk.to_owned(), addresses);
    }

    /// Whose address that is.
    pub fn standing(&self, from: IpAddr) -> Standing {
        let from = from.to_canonical();
        let trusted = self.policy.trusted.iter().chain(self.trunks.values().flatten());
        if trusted.into_iter().any(|network| network.contains(from)) {
            Standing::Trunk
        } else {
            Standing::Stranger
        }
    }

    /// Whether a message of `octets` from there is read at all.
    pub fn hear(&mut self, now: Duration, from: IpAddr, octets: usize) -> Result<Standing, Why> {
        let standing = self.standing(from);
        let within = match standing {
            Standing::Trunk => self.hear_trunk(now, from),
            Standing::Stranger => self.hear_stranger(now, from),
        };
        let verdict = if !within {
            Err(if standing == Standing::Trunk { Why::TrunkFlood } else { Why::StrangerFlood })
        } else if octets > self.policy.limits.message {
            Err(Why::TooLarge)
        } else {
            Ok(standing)
        };
        match verdict {
            Ok(_) => self.counts.heard += 1,
            Err(why) => self.counts.drop(why),
        }
        verdict
    }

    /// Whether an answer of `octets` to a message of `asked` octets may go there. `proven` says that
    /// the source address is no invention, as on a connection.
    pub fn answer(
        &mut self,
        now: Duration,
        from: IpAddr,
        proven: bool,
        asked: usize,
        octets: usize,
    ) -> Result<(), Why> {
        let verdict = match (self.standing(from), self.policy.strangers) {
            (Standing::Trunk, _) => Ok(()),
            (Standing::Stranger, Strangers::Drop) => Err(Why::Stranger),
            (Standing::Stranger, Strangers::Refuse) if !proven && octets > asked => Err(Why::Amplifies),
            (Standing::Stranger, Strangers::Refuse) => self.spend_answer(now, from),
        };
        match verdict {
            Ok(()) => self.counts.answered += 1,
            Err(why) => self.counts.drop(why),
        }
        verdict
    }

    /// Enters a message that others dropped.
    pub fn count(&mut self, why: Why) {
        self.counts.drop(why);
    }

    /// What has been done so far.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The policy in force.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    fn hear_trunk(&mut self, now: Duration, from: IpAddr) -> bool {
        self.sources.take(now, Purpose::Hear, Network::single(from), self.policy.trunk_rate)
    }

    /// The source's own share first, so that one of them cannot use up everybody's.
    fn hear_stranger(&mut self, now: Duration, from: IpAddr) -> bool {
        let policy = &self.policy;
        self.strangers.take(now, Purpose::Hear, Network::host(from), policy.stranger_rate)
            && self.heard.take(now, policy.strangers_rate)
    }

    fn spend_answer(&mut self, now: Duration, from: IpAddr) -> Result<(), Why> {
        let policy = &self.policy;
        let within = self.strangers.take(now, Purpose::Answer, Network::host(from), policy.source_answers)
            && self.strangers.take(
                now,
                Purpose::Answer,
                Network::neighbourhood(from),
                policy.network_answers,
            )
            && self.answered.take(now, policy.answers);
        if within { Ok(()) } else { Err(Why::AnswersSpent) }
    }
}
