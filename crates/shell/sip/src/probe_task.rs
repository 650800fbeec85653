//! Carries out the OPTIONS pings of one trunk, and publishes its ways and its state.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use uac::probe::ProbeOutput;
use uac::{Hop, Input, Line, Probe, RegistrationState, TrunkState, Ways};

use crate::config::TrunkConfig;
use crate::resolution::Places;
use crate::router::{self, Heard, Mailbox};
use crate::stack::Shared;
use crate::wire::{Outlet, random_seed};

/// What calls tell about a trunk.
#[derive(Debug)]
pub(crate) enum Told {
    /// A call was not refused for its credentials.
    Accepted,
    /// A call was, and this is why.
    Refused(String),
    /// A call heard nothing from that way.
    Silent(Hop),
    /// A call heard from that way.
    Heard(Hop),
}

/// A trunk's probe, as its trunk sees it.
#[derive(Debug)]
pub(crate) struct Probing {
    pub(crate) state: watch::Receiver<TrunkState>,
    pub(crate) ways: watch::Receiver<Ways>,
    tell: mpsc::Sender<Told>,
}

impl Probing {
    /// The probe needs the tendency, not each call: what does not fit is left out.
    pub(crate) fn tell(&self, told: Told) {
        let _ = self.tell.try_send(told);
    }
}

/// Starts pinging; the task ends with the stack. A trunk with a `registration` is usable only while
/// registered.
pub(crate) fn spawn(
    shared: Arc<Shared>,
    config: &TrunkConfig,
    line: Line,
    (outlet, places): (Arc<Outlet>, watch::Receiver<Places>),
    registration: Option<watch::Receiver<RegistrationState>>,
) -> Probing {
    let configured = line.configured_hop().clone();
    let mut probe = Probe::start(shared.clock.now(), line, config.options_interval, random_seed());
    if let Some(registration) = &registration {
        probe.on_registration(registration.borrow().clone());
    }
    let (state, states) = watch::channel(probe.state());
    let (ways, all_ways) = watch::channel(probe.ways().clone());
    let (tell, told) = mpsc::channel(256);
    let (mailbox, heard) = router::mailbox();
    let name = config.name.clone();
    let task = ProbeTask { shared, outlet, configured, probe, registration, state, ways, mailbox, name };
    tokio::spawn(task.run(heard, told, places));
    Probing { state: states, ways: all_ways, tell }
}

struct ProbeTask {
    shared: Arc<Shared>,
    outlet: Arc<Outlet>,
    /// What is asked while no place of it is known.
    configured: Hop,
    probe: Probe,
    registration: Option<watch::Receiver<RegistrationState>>,
    state: watch::Sender<TrunkState>,
    ways: watch::Sender<Ways>,
    mailbox: Mailbox,
    name: String,
}

impl ProbeTask {
    async fn run(
        mut self,
        mut heard: mpsc::Receiver<Box<Heard>>,
        mut told: mpsc::Receiver<Told>,
        mut places: watch::Receiver<Places>,
    ) {
        let stopped = self.shared.stopped.clone();
        loop {
            self.carry_out();
            let clock = self.shared.clock;
            tokio::select! {
                () = stopped.cancelled() => return,
                Some(heard) = heard.recv() => self.on_heard(heard.input),
                Some(told) = told.recv() => self.on_told(told),
                Ok(()) = places.changed() => {
                    let ways = places.borrow_and_update().ways();
                    let ways = if ways.is_empty() { vec![self.configured.clone()] } else { ways };
                    self.probe.replace(clock.now(), ways);
                }
                state = changed(&mut self.registration) => self.probe.on_registration(state),
                () = clock.sleep_until(self.probe.deadline()) => self.probe.on_tick(clock.now()),
            }
        }
    }

    fn on_heard(&mut self, input: Input) {
        let now = self.shared.clock.now();
        match input {
            Input::Response(response, from) => self.probe.on_response(now, &response, from),
            Input::Unreachable(sent, why) => self.probe.on_lost(now, &sent, &why),
            _ => {}
        }
    }

    fn on_told(&mut self, told: Told) {
        let now = self.shared.clock.now();
        match told {
            Told::Accepted => self.probe.on_call_accepted(),
            Told::Refused(why) => self.probe.on_call_refused(now, &why),
            Told::Silent(hop) => self.probe.suspect(now, &hop),
            Told::Heard(hop) => self.probe.on_call_heard(now, &hop),
        }
    }

    fn carry_out(&mut self) {
        while let Some(output) = self.probe.poll() {
            match output {
                ProbeOutput::Request(request, hop) => {
                    self.shared.wire.open(&self.outlet, request, &[&hop], &self.mailbox);
                }
                ProbeOutput::Abandon(sent) => self.shared.wire.abandon(&sent),
                ProbeOutput::Ways(ways) => drop(self.ways.send_replace(ways)),
                ProbeOutput::State(state) => {
                    tracing::info!(trunk = %self.name, ?state, "trunk state");
                    self.state.send_replace(state);
                }
            }
        }
    }
}

/// The registration's next state; never without one.
async fn changed(registration: &mut Option<watch::Receiver<RegistrationState>>) -> RegistrationState {
    if let Some(registration) = registration
        && registration.changed().await.is_ok()
    {
        return registration.borrow_and_update().clone();
    }
    std::future::pending().await
}
