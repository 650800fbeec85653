//! The trunks: which one takes the next call, and how many lines it has left.

use std::sync::Arc;

use ports::TrunkStatus;
use sip::{SipStack, TrunkState};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::pace::Pace;
use crate::config;

/// One trunk with its lines.
pub struct Trunk {
    pub name: String,
    pub config: config::Trunk,
    pub sip: sip::Trunk,
    pub pace: Pace,
    lines: Arc<Semaphore>,
}

/// All trunks, in the order they are to be used.
pub struct Trunks(Vec<Arc<Trunk>>);

/// One call's hold on a line; dropped, the line is free again.
pub struct Line {
    pub trunk: Arc<Trunk>,
    _permit: OwnedSemaphorePermit,
}

/// No trunk takes a call now.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoLine {
    /// There is no trunk.
    #[error("no trunk is configured: add a [trunk.NAME] section with peer and caller")]
    NoTrunk,
    /// Every trunk is down; the text says why, one trunk after the other.
    #[error("no trunk can be reached: {0}")]
    AllDown(String),
    /// All lines are in use.
    #[error("all lines are in use: wait, or raise lines of [trunk.NAME] if the carrier allows")]
    AllBusy,
}

impl Trunks {
    /// The configured trunks as the signalling knows them.
    pub fn new(config: &std::collections::BTreeMap<String, config::Trunk>, sip: &SipStack) -> Self {
        let mut trunks: Vec<Arc<Trunk>> = config
            .iter()
            .filter_map(|(name, config)| {
                Some(Arc::new(Trunk {
                    name: name.clone(),
                    sip: sip.trunk(name)?,
                    pace: Pace::per_second(config.cps),
                    lines: Arc::new(Semaphore::new(config.lines as usize)),
                    config: config.clone(),
                }))
            })
            .collect();
        trunks.sort_by_key(|trunk| trunk.config.priority);
        Self(trunks)
    }

    /// A line of the first trunk that is up and has one.
    pub fn line(&self) -> Result<Line, NoLine> {
        if self.0.is_empty() {
            return Err(NoLine::NoTrunk);
        }
        let mut up = self.0.iter().filter(|trunk| trunk.trouble().is_none()).peekable();
        if up.peek().is_none() {
            return Err(NoLine::AllDown(self.troubles()));
        }
        up.find_map(|trunk| {
            let permit = Arc::clone(&trunk.lines).try_acquire_owned().ok()?;
            Some(Line { trunk: Arc::clone(trunk), _permit: permit })
        })
        .ok_or(NoLine::AllBusy)
    }

    /// Lines of trunks that are up and not in use.
    pub fn free_lines(&self) -> usize {
        self.0
            .iter()
            .filter(|trunk| trunk.trouble().is_none())
            .map(|trunk| trunk.lines.available_permits())
            .sum()
    }

    /// Calls per second over all trunks that are up.
    pub fn cps(&self) -> u32 {
        self.0.iter().filter(|trunk| trunk.trouble().is_none()).map(|trunk| trunk.config.cps).sum()
    }

    /// Whether any call can be placed at all, busy lines aside.
    pub fn ready(&self) -> Result<(), NoLine> {
        match self.line() {
            Ok(_) | Err(NoLine::AllBusy) => Ok(()),
            Err(no_line) => Err(no_line),
        }
    }

    /// For console and API.
    pub fn status(&self) -> Vec<TrunkStatus> {
        self.0
            .iter()
            .map(|trunk| {
                let trouble = trunk.trouble();
                let free = trunk.lines.available_permits() as u32;
                TrunkStatus {
                    name: trunk.name.clone(),
                    reachable: trouble.is_none(),
                    trouble,
                    lines: trunk.config.lines,
                    lines_busy: trunk.config.lines.saturating_sub(free),
                }
            })
            .collect()
    }

    /// Waits until every trunk has answered or failed its first OPTIONS, so that readiness means something.
    pub async fn probed(&self) {
        for trunk in &self.0 {
            let mut state = trunk.sip.state();
            // An ended signalling stack is known as well.
            let _ = state.wait_for(|state| !matches!(state, TrunkState::Unknown)).await;
        }
    }

    fn troubles(&self) -> String {
        let said = |trunk: &Arc<Trunk>| trunk.trouble().map(|why| format!("trunk.{}: {why}", trunk.name));
        self.0.iter().filter_map(said).collect::<Vec<_>>().join("; ")
    }
}

impl Trunk {
    /// What is wrong with the trunk and what to do about it, if anything.
    fn trouble(&self) -> Option<String> {
        match &*self.sip.state().borrow() {
            TrunkState::Reachable => None,
            TrunkState::Unknown => Some("it has not answered OPTIONS yet: wait some seconds".to_owned()),
            TrunkState::Unreachable { reason } | TrunkState::AuthFailed { reason } => Some(reason.clone()),
        }
    }
}
