//! The places a trunk can be reached at, and what is known of each.

use std::net::IpAddr;
use std::time::Duration;

use crate::line::Hop;

/// One place a trunk can be reached at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// The place: an address, or a name that is not resolved yet.
    pub hop: Hop,
    /// What is known of it.
    pub state: WayState,
    /// Since when, on the clock of the machines' `now`.
    pub since: Duration,
}

/// What is known of one way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum WayState {
    /// Not asked yet, or not heard of for a while where nothing is ever asked.
    #[default]
    Unknown,
    /// It answers.
    Up,
    /// It does not answer, or says that it is out of service.
    Down {
        /// Why.
        why: String,
    },
}

impl WayState {
    /// Up before unknown before down.
    fn rank(&self) -> u8 {
        match self {
            Self::Up => 0,
            Self::Unknown => 1,
            Self::Down { .. } => 2,
        }
    }
}

/// The ways of one trunk in the order they were resolved, best first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ways(Vec<Way>);

impl Ways {
    /// Ways of which nothing is known yet. A place named twice is one way.
    pub fn unknown(now: Duration, hops: impl IntoIterator<Item = Hop>) -> Self {
        let mut ways: Vec<Way> = Vec::new();
        for hop in hops {
            if ways.iter().all(|way| way.hop != hop) {
                ways.push(Way { hop, state: WayState::Unknown, since: now });
            }
        }
        Self(ways)
    }

    /// In the order of resolution.
    pub fn iter(&self) -> impl Iterator<Item = &Way> {
        self.0.iter()
    }

    /// The order in which a request tries them: those up first, the unknown next, those down
    /// last, each kind in the order of resolution. None is left out: a way that does not answer
    /// pings may yet take calls when all others fail.
    pub fn best_first(&self) -> Vec<Hop> {
        let mut ways: Vec<&Way> = self.0.iter().collect();
        ways.sort_by_key(|way| way.state.rank());
        ways.into_iter().map(|way| way.hop.clone()).collect()
    }

    /// The same for hops in another order, such as one drawn by weight for one call.
    pub fn arranged(&self, mut hops: Vec<Hop>) -> Vec<Hop> {
        hops.sort_by_key(|hop| self.state_of(hop).unwrap_or(&WayState::Unknown).rank());
        hops
    }

    /// Whether one of them is up.
    pub fn any_up(&self) -> bool {
        self.0.iter().any(|way| way.state == WayState::Up)
    }

    /// Whether there are ways and all of them are down.
    pub fn all_down(&self) -> bool {
        !self.0.is_empty() && self.0.iter().all(|way| matches!(way.state, WayState::Down { .. }))
    }

    /// What is known of that way.
    pub fn state_of(&self, hop: &Hop) -> Option<&WayState> {
        self.0.iter().find(|way| way.hop == *hop).map(|way| &way.state)
    }

    /// Whether one of them is at that address.
    pub fn has_address(&self, address: IpAddr) -> bool {
        self.0.iter().any(|way| way.hop.host.parse() == Ok(address))
    }

    /// `host: why` of each way that is down.
    pub fn troubles(&self) -> String {
        let told = self.0.iter().filter_map(|way| match &way.state {
            WayState::Down { why } => Some(format!("{}: {why}", way.hop)),
            WayState::Unknown | WayState::Up => None,
        });
        told.collect::<Vec<_>>().join("; ")
    }

    /// Notes what was learnt of the way at `index`.
    pub(crate) fn learn(&mut self, now: Duration, index: usize, state: WayState) {
        if let Some(way) = self.0.get_mut(index) {
            if way.state.rank() != state.rank() {
                way.since = now;
            }
            way.state = state;
        }
    }

    /// The place of a way in the order of resolution.
    pub(crate) fn position(&self, hop: &Hop) -> Option<usize> {
        self.0.iter().position(|way| way.hop == *hop)
    }

    pub(crate) fn hop(&self, index: usize) -> &Hop {
        &self.0[index].hop
    }
}
