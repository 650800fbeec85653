//! The running stack: one endpoint and its trunks.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use uac::{RegistrationState, Timing, Transport};

use crate::clock::Clock;
use crate::config::{SipConfig, TrunkConfig};
use crate::error::SipError;
use crate::inbound::{Doors, Inbound};
use crate::registration_task::{self, Registering};
use crate::router::Router;
use crate::trunk::{Trunk, TrunkInner};
use crate::wire::{Outlet, Stopped, Wire};
use crate::{probe_task, resolution};

/// One endpoint with its trunks. Dropping it stops it at once; [`SipStack::shutdown`] ends the
/// calls first.
#[derive(Debug)]
pub struct SipStack {
    shared: Arc<Shared>,
    trunks: HashMap<String, Arc<TrunkInner>>,
    close: watch::Sender<Option<String>>,
}

/// What all tasks of a stack share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) wire: Wire,
    pub(crate) router: Arc<Router>,
    doors: Arc<Doors>,
    pub(crate) clock: Clock,
    pub(crate) timing: Timing,
    pub(crate) stopped: Stopped,
    /// Changes once, when all calls are to be ended; carries the Reason header.
    pub(crate) closing: watch::Receiver<Option<String>>,
    open: Arc<watch::Sender<usize>>,
}

/// What a stack has in hand. All of it is zero 64·T1 after the last call has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// Calls without a terminal event yet.
    pub legs: usize,
    /// Calls that still take messages: the legs, and those that ended less than 64·T1 ago.
    pub dialogs: usize,
    /// Client and server transactions under way, pings aside.
    pub transactions: usize,
}

/// How a shutdown went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shutdown {
    /// Calls that were open when it began.
    pub open: usize,
    /// Of these, calls whose end was not confirmed within the grace.
    pub unconfirmed: usize,
}

/// Counts one open call while it lives.
#[derive(Debug)]
pub(crate) struct Counted(Arc<watch::Sender<usize>>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.send_modify(|open| *open -= 1);
    }
}

impl Shared {
    pub(crate) fn count_leg(&self) -> Counted {
        self.open.send_modify(|open| *open += 1);
        Counted(self.open.clone())
    }
}

impl SipStack {
    /// Binds the endpoint and starts pinging the trunks. A trunk that does not answer is no error
    /// here; its state tells.
    pub async fn start(mut config: SipConfig, trunks: Vec<TrunkConfig>) -> Result<Self, SipError> {
        config.guard.trusted.extend(trunks.iter().flat_map(|trunk| trunk.sources.iter().copied()));
        let timing = config.timing();
        let router = Arc::new(Router::default());
        let doors = Arc::new(Doors::default());
        let wire = Wire::start(&config, timing, router.clone(), doors.clone()).await?;
        let (close, closing) = watch::channel(None);
        let shared = Arc::new(Shared {
            stopped: wire.stopped(),
            wire,
            router,
            doors,
            clock: Clock::start(),
            timing,
            closing,
            open: Arc::new(watch::channel(0).0),
        });
        shared.doors.belong_to(&shared);
        let mut stack = Self { shared, trunks: HashMap::new(), close };
        for trunk in trunks {
            stack.add_trunk(trunk, &config.user_agent)?;
        }
        Ok(stack)
    }

    fn add_trunk(&mut self, config: TrunkConfig, user_agent: &str) -> Result<(), SipError> {
        if self.trunks.contains_key(&config.name) {
            return Err(SipError::SameName { trunk: config.name });
        }
        let mut line = config.line(user_agent)?;
        line.local = self.shared.wire.local_towards(line.configured_hop(), line.transport);
        let outlet = Arc::new(Outlet::new(&config, &line)?);
        let hosts = (config.hosts()?, line.transport);
        let places = resolution::spawn(self.shared.clone(), config.name.clone(), hosts, outlet.clone());
        line.ways = places.borrow().ways();
        let way_out = (outlet.clone(), places.clone());
        let registrar = config.registrar()?;
        let (registration, registered) = watch::channel(RegistrationState::Registering);
        let registered = registrar.is_some().then_some(registered);
        let probing = probe_task::spawn(self.shared.clone(), &config, line.clone(), way_out, registered);
        let registering = registrar.map(|registrar| {
            let way_out = (outlet.clone(), probing.ways.clone());
            let registrar = (config.name.clone(), registrar);
            registration_task::spawn(self.shared.clone(), registrar, line.clone(), way_out, registration)
        });
        let name = config.name.clone();
        let inner = Arc::new(TrunkInner { config, line, outlet, places, probing, registering });
        self.shared.doors.admit_from(inner.clone());
        self.trunks.insert(name, inner);
        Ok(())
    }

    /// The calls that come in over our trunks, from now on; see [`Inbound`]. Until this is called, and when the
    /// receiver is dropped, they are refused with 403.
    pub fn incoming(&self) -> mpsc::Receiver<Inbound> {
        self.shared.doors.open()
    }

    /// The first UDP address bound.
    pub fn local_addr(&self) -> SocketAddr {
        self.shared.wire.local_addr()
    }

    /// All addresses bound for a transport.
    pub fn listens(&self, transport: Transport) -> Vec<SocketAddr> {
        self.shared.wire.listens(transport)
    }

    /// The trunk of that name.
    pub fn trunk(&self, name: &str) -> Option<Trunk> {
        let inner = self.trunks.get(name)?.clone();
        Some(Trunk { shared: self.shared.clone(), inner })
    }

    /// What became of the messages that came in, and why some had no effect.
    pub fn guard_counts(&self) -> uac::guard::Counts {
        self.shared.wire.counts()
    }

    /// Calls without a terminal event yet.
    pub fn open_legs(&self) -> usize {
        *self.shared.open.borrow()
    }

    /// What it has in hand.
    pub fn load(&self) -> Load {
        let transactions = self.shared.wire.transactions();
        Load { legs: self.open_legs(), dialogs: self.shared.router.len(), transactions }
    }

    /// Ends all calls (CANCEL or BYE), waits for their confirmation, at most for `grace`, then
    /// stops the endpoint. Calls dialled after this are ended at once.
    pub async fn shutdown(&self, grace: Duration) -> Shutdown {
        let open = self.open_legs();
        self.close.send_replace(Some("SIP;cause=503;text=\"shutting down\"".to_owned()));
        let mut count = self.shared.open.subscribe();
        let all_ended = count.wait_for(|open| *open == 0);
        // Either way the count tells what is left.
        let _ = tokio::time::timeout(grace, all_ended).await;
        let unconfirmed = self.open_legs();
        self.unregister().await;
        self.shared.wire.stop();
        Shutdown { open, unconfirmed }
    }
}

impl SipStack {
    /// Gives all registrations back, each within two seconds.
    async fn unregister(&self) {
        let registered = self.trunks.values().filter_map(|trunk| trunk.registering.clone());
        let ending: JoinSet<()> = registered.map(Registering::end).collect();
        ending.join_all().await;
    }
}

impl Drop for SipStack {
    fn drop(&mut self) {
        self.shared.wire.stop();
    }
}
