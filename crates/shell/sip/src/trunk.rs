//! One trunk of a running stack.

use std::net::IpAddr;
use std::sync::Arc;

use tokio::sync::watch;
use uac::{Hop, Line, RegistrationState, Snapshot, Timing, TrunkState, Uac, Ways};

use crate::config::TrunkConfig;
use crate::leg::{Dial, Leg};
use crate::leg_task::{self, Machine};
use crate::probe_task::{Probing, Told};
use crate::registration_task::Registering;
use crate::resolution::Places;
use crate::stack::Shared;
use crate::wire::{Outlet, random_seed};
use crate::{Events, Failure, FailureKind, LegEvent};

/// A trunk: dial through it, watch its state.
#[derive(Debug, Clone)]
pub struct Trunk {
    pub(crate) shared: Arc<Shared>,
    pub(crate) inner: Arc<TrunkInner>,
}

#[derive(Debug)]
pub(crate) struct TrunkInner {
    pub(crate) config: TrunkConfig,
    /// As configured; [`Trunk::line`] is as things stand.
    pub(crate) line: Line,
    pub(crate) outlet: Arc<Outlet>,
    pub(crate) places: watch::Receiver<Places>,
    pub(crate) probing: Probing,
    pub(crate) registering: Option<Registering>,
}

impl TrunkInner {
    /// Whether the trunk's side sends from that address: its peer or proxy, or as configured.
    pub(crate) fn speaks_from(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let ways = self.probing.ways.borrow().best_first();
        let ways = ways.iter().chain(&self.line.proxy).chain([&self.line.peer]);
        let mut addresses = ways.filter_map(|way| way.host.parse::<IpAddr>().ok());
        addresses.any(|known| known.to_canonical() == address)
            || self.config.sources.iter().any(|network| network.contains(address))
    }
}

impl Trunk {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.inner.config.name
    }

    /// Calls that the carrier allows at a time.
    pub fn lines(&self) -> u32 {
        self.inner.config.lines
    }

    /// Whether it can be used, as last seen by OPTIONS and calls.
    pub fn state(&self) -> watch::Receiver<TrunkState> {
        self.inner.probing.state.clone()
    }

    /// The places it is reached at, and which of them answer.
    pub fn ways(&self) -> watch::Receiver<Ways> {
        self.inner.probing.ways.clone()
    }

    /// A call heard nothing from that way: it is asked at once whether it is alive.
    pub fn suspect(&self, way: &Hop) {
        self.inner.probing.tell(Told::Silent(way.clone()));
    }

    /// A call heard from that way: it is alive.
    pub fn heard_from(&self, way: &Hop) {
        self.inner.probing.tell(Told::Heard(way.clone()));
    }

    /// Where it is, as last looked up; empty while that is not known.
    pub fn places(&self) -> watch::Receiver<Places> {
        self.inner.places.clone()
    }

    /// How its registration stands; `None` for a trunk that is not registered.
    pub fn registration(&self) -> Option<watch::Receiver<RegistrationState>> {
        self.inner.registering.as_ref().map(Registering::state)
    }

    /// The line as a call that starts now uses it.
    pub(crate) fn line(&self) -> Line {
        let drawn = self.inner.places.borrow().ways();
        let known = self.inner.probing.ways.borrow();
        let ways = if drawn.is_empty() { known.best_first() } else { known.arranged(drawn) };
        let mut line = Line { ways, ..self.inner.line.clone() };
        if let Some(registration) = self.registration()
            && let RegistrationState::Registered(binding) = &*registration.borrow()
        {
            line.local = binding.local.clone();
            line.service_route.clone_from(&binding.service_route);
        }
        line
    }

    /// Places a call. The events come in order, exactly one terminal event last. A full receiver
    /// does not hold up the call; events wait for their turn.
    pub fn dial(&self, dial: Dial) -> (Leg, Events) {
        let (now, seed) = (self.shared.clock.now(), random_seed());
        let Dial { number, call_id, offer } = dial;
        let dial = uac::Dial { number, call_id, offer };
        self.start(Uac::dial(now, self.line(), self.timing(), seed, &dial))
    }

    /// Takes up a call that was written down, after a restart: it can be ended, and what the peer
    /// still sends is answered.
    pub fn resume(&self, snapshot: Snapshot) -> (Leg, Events) {
        let (now, seed) = (self.shared.clock.now(), random_seed());
        self.start(Uac::restore(now, self.line(), self.timing(), seed, snapshot))
    }

    fn timing(&self) -> Timing {
        Timing { silence: self.inner.config.silence, ..self.shared.timing }
    }

    fn start(&self, uac: Uac) -> (Leg, Events) {
        let (leg, events, _) = leg_task::spawn(self, Machine::Outbound(Box::new(uac)));
        (leg, events)
    }

    /// Tells the probe how a call fared at the peer.
    pub(crate) fn fared(&self, event: &LegEvent) {
        if let (LegEvent::Failed(Failure { status: Some(401 | 403 | 407), .. }), Some(registering)) =
            (event, &self.inner.registering)
        {
            registering.check();
        }
        let told = match event {
            LegEvent::Provisional { .. } | LegEvent::Answered { .. } => Told::Accepted,
            LegEvent::Failed(Failure { kind: FailureKind::Auth, detail, .. }) => {
                Told::Refused(detail.clone().unwrap_or_default())
            }
            _ => return,
        };
        self.inner.probing.tell(told);
    }
}
