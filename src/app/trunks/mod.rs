//! The trunks: which one takes the next call, how many lines it has left, and how it stands.

mod lending;
mod line;
mod patience;
mod promise;
mod status;
mod watch;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use parking_lot::Mutex;
use ports::LendingId;
use records::Number;
use sip::{Leg, SipStack, TrunkState};
use tokio::sync::Notify;
use tokio::time::Instant;
use trunk::{NoRoom, Policy, Pool, Room, Route, Spec, Undialable, Want};

use crate::config;
pub(super) use lending::{lend, renew};
pub use line::Line;
pub use promise::Promise;
use promise::Promises;
use watch::Sightings;
pub(super) use watch::watch;

/// One trunk as configured and as the signalling knows it.
pub struct Trunk {
    pub name: String,
    pub config: config::Trunk,
    pub sip: sip::Trunk,
    index: usize,
    /// Calls line up here for their turn.
    turns: tokio::sync::Mutex<()>,
}

/// All trunks.
pub struct Trunks {
    all: Vec<Arc<Trunk>>,
    policy: Policy,
    shared: Arc<Shared>,
    promises: Promises,
    sightings: Mutex<Sightings>,
    /// Our part of the trunks is to be asked for again.
    asked: Notify,
    /// More calls wait than there are lines.
    hungry: AtomicBool,
}

/// What every line holds on to.
struct Shared {
    pool: Mutex<Pool>,
    /// What each trunk's lines are lent to us as; none where nothing is shared.
    lendings: Mutex<Vec<Option<LendingId>>>,
    start: Instant,
    /// A line, a turn or a breaker has changed.
    changed: Notify,
}

/// No trunk takes a call now.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoLine {
    /// There is no trunk.
    #[error("no trunk is configured: add a [trunk.NAME] section with peer and caller")]
    NoTrunk,
    /// No trunk can be used; the text says why, one trunk after the other.
    #[error("no trunk can be used: {0}")]
    NoneUsable(String),
    /// All lines are in use.
    #[error("all lines are in use: wait, or raise lines of [trunk.NAME] if the carrier allows")]
    AllBusy,
    /// The trunks that could be used cannot dial this number.
    #[error(transparent)]
    Undialable(#[from] Undialable),
}

/// A call that looks for a line.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    pub number: &'a Number,
    pub route: Route,
    /// Trunks that this call was tried on.
    pub tried: &'a [String],
}

impl Trunks {
    /// The configured trunks as the signalling knows them. `seed` decides which of equals goes first.
    pub fn new(
        configured: &BTreeMap<String, config::Trunk>,
        fallback: config::Fallback,
        sip: &SipStack,
        seed: u64,
    ) -> Self {
        let known = configured.iter().filter_map(|(name, config)| Some((name, config, sip.trunk(name)?)));
        let all: Vec<Arc<Trunk>> = known
            .enumerate()
            .map(|(index, (name, config, sip))| {
                let (name, config, turns) = (name.clone(), config.clone(), tokio::sync::Mutex::default());
                Arc::new(Trunk { name, config, sip, index, turns })
            })
            .collect();
        let pool = Pool::new(all.iter().map(|trunk| spec(&trunk.config)).collect(), seed);
        Self {
            sightings: Mutex::new(Sightings::new(all.len())),
            asked: Notify::new(),
            hungry: AtomicBool::new(false),
            policy: fallback.policy(),
            shared: Arc::new(Shared {
                pool: Mutex::new(pool),
                lendings: Mutex::new(vec![None; all.len()]),
                start: Instant::now(),
                changed: Notify::new(),
            }),
            promises: Promises::default(),
            all,
        }
    }

    /// Takes a line of the trunk that goes first, with the number in its form.
    pub fn line(&self, wanted: Wanted<'_>) -> Result<Line, NoLine> {
        if self.all.is_empty() {
            return Err(NoLine::NoTrunk);
        }
        let mut forms: Vec<Result<String, Undialable>> =
            self.all.iter().map(|trunk| trunk.config.dialled(wanted.number)).collect();
        let tried = |trunk: &&Arc<Trunk>| wanted.tried.contains(&trunk.name);
        let excluded: Vec<usize> = self
            .all
            .iter()
            .filter(|trunk| tried(trunk) || forms[trunk.index].is_err())
            .map(|trunk| trunk.index)
            .collect();
        let want = Want { route: wanted.route, excluded: &excluded, stand_in: self.policy.on_trunk_failure };
        let chosen = self.shared.pool.lock().choose(self.shared.now(), want, |index| self.is_up(index));
        match chosen {
            Ok(chosen) => {
                let dialled = std::mem::replace(&mut forms[chosen.trunk], Ok(String::new()))?;
                Ok(Line::new(&self.all[chosen.trunk], &self.shared, chosen, dialled))
            }
            Err(NoRoom::AllBusy) => Err(NoLine::AllBusy),
            Err(NoRoom::NoneUsable) => match forms.into_iter().find_map(Result::err) {
                Some(undialable) => Err(undialable.into()),
                None => Err(NoLine::NoneUsable(self.troubles())),
            },
        }
    }

    /// Takes a line of the trunk of that name for a call that has come in over it.
    pub fn came_in(&self, name: &str, leg: &Leg) -> Result<Line, NoLine> {
        let trunk = self.all.iter().find(|trunk| trunk.name == name).ok_or(NoLine::NoTrunk)?;
        let chosen = self.shared.pool.lock().came_in(trunk.index).map_err(|_| NoLine::AllBusy)?;
        Ok(Line::came_in(trunk, &self.shared, chosen, leg))
    }

    /// Calls that may be promised to further tasks.
    pub fn room(&self) -> Room {
        let stand_in = self.policy.on_trunk_failure;
        let room = self.shared.pool.lock().room(self.shared.now(), stand_in, |index| self.is_up(index));
        let promised = self.promises.given();
        let Room { lines, calls } = room;
        Room { lines: lines.saturating_sub(promised), calls: calls.saturating_sub(promised) }
    }

    /// Lines that were promised and not taken yet.
    pub fn promised(&self) -> u32 {
        self.promises.given()
    }

    /// Counts a line as promised until the task has taken one.
    pub fn promise(&self) -> Promise {
        self.promises.give()
    }

    /// Whether any call can be placed at all, busy lines aside.
    pub fn ready(&self) -> Result<(), NoLine> {
        if self.all.is_empty() {
            return Err(NoLine::NoTrunk);
        }
        let stand_in = self.policy.on_trunk_failure;
        let usable =
            self.shared.pool.lock().any_usable(self.shared.now(), stand_in, |index| self.is_up(index));
        if usable { Ok(()) } else { Err(NoLine::NoneUsable(self.troubles())) }
    }

    /// When trunks stand in for each other.
    pub fn policy(&self) -> Policy {
        self.policy
    }

    /// Whether the trunk of that name is used by policy only.
    pub fn is_fallback(&self, name: &str) -> bool {
        self.all.iter().any(|trunk| trunk.name == name && trunk.config.fallback)
    }

    /// Waits until every trunk has answered or failed its first OPTIONS, so that readiness means something.
    pub async fn probed(&self) {
        for trunk in &self.all {
            let mut state = trunk.sip.state();
            // An ended signalling stack is known as well.
            let _ = state.wait_for(|state| !matches!(state, TrunkState::Unknown)).await;
        }
    }

    fn is_up(&self, index: usize) -> bool {
        self.all[index].trouble().is_none()
    }

    fn troubles(&self) -> String {
        let said = |trunk: &Arc<Trunk>| {
            let why = trunk.trouble().or_else(|| self.resting(trunk.index))?;
            Some(format!("trunk.{}: {why}", trunk.name))
        };
        self.all.iter().filter_map(said).collect::<Vec<_>>().join("; ")
    }

    /// Why calls do not go over a trunk that answers.
    fn resting(&self, index: usize) -> Option<String> {
        let rests = self.shared.pool.lock().breaker(index).rests(self.shared.now())?;
        let seconds = rests.as_secs_f64().ceil();
        Some(format!(
            "its calls failed, so it is left alone: one call tries it in {seconds} s. Look at the attempts for the \
             cause and ask the carrier"
        ))
    }
}

impl Trunk {
    /// What is wrong with the trunk and what to do about it, if anything.
    fn trouble(&self) -> Option<String> {
        self.sip.state().borrow().trouble().map(str::to_owned)
    }

    /// Whether it has failed to answer OPTIONS.
    pub(super) fn is_down(&self) -> bool {
        matches!(&*self.sip.state().borrow(), TrunkState::Unreachable { .. })
    }

    /// Ready once the trunk no longer answers.
    pub(super) async fn down(&self) {
        let mut state = self.sip.state();
        if state.wait_for(|state| matches!(state, TrunkState::Unreachable { .. })).await.is_err() {
            // The signalling has ended, and its calls tell so themselves.
            std::future::pending::<()>().await;
        }
    }
}

impl Shared {
    /// Since these trunks were made.
    fn now(&self) -> Duration {
        self.start.elapsed()
    }
}

fn spec(config: &config::Trunk) -> Spec {
    Spec {
        lines: config.lines,
        cps: config.cps,
        priority: config.priority,
        weight: config.weight,
        fallback: config.fallback,
        breaker: config.breaker.figures(),
    }
}
