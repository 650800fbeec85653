//! Carries out the registration of one trunk, and watches whether our address towards it changes.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use uac::registration::RegistrationOutput;
use uac::{Input, Line, Registrar, Registration, RegistrationState, Ways};

use crate::router::{self, Heard, Mailbox};
use crate::stack::Shared;
use crate::wire::{Outlet, random_seed};

/// A change of network is noticed within this.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// What the trunk and the stack want of a registration.
#[derive(Debug)]
enum Order {
    /// A call was refused as if we were not registered.
    Check,
    /// Give the binding back.
    End,
}

/// A trunk's registration, as its trunk sees it.
#[derive(Debug, Clone)]
pub(crate) struct Registering {
    state: watch::Receiver<RegistrationState>,
    orders: mpsc::Sender<Order>,
}

impl Registering {
    pub(crate) fn state(&self) -> watch::Receiver<RegistrationState> {
        self.state.clone()
    }

    /// Calls need not wait: one check serves them all.
    pub(crate) fn check(&self) {
        let _ = self.orders.try_send(Order::Check);
    }

    /// Gives the binding back; ready when that is done or given up.
    pub(crate) async fn end(mut self) {
        if self.orders.send(Order::End).await.is_ok() {
            // A task that is gone has nothing left to give back.
            let _ = self.state.wait_for(|state| *state == RegistrationState::Ended).await;
        }
    }
}

/// Starts registering over the best of `ways`; the task ends with the stack.
pub(crate) fn spawn(
    shared: Arc<Shared>,
    (name, registrar): (String, Registrar),
    line: Line,
    (outlet, ways): (Arc<Outlet>, watch::Receiver<Ways>),
    state: watch::Sender<RegistrationState>,
) -> Registering {
    let line = Line { ways: ways.borrow().best_first(), ..line };
    let registration = Registration::start(shared.clock.now(), registrar, line.clone(), random_seed());
    let states = state.subscribe();
    let (orders, ordered) = mpsc::channel(8);
    let (mailbox, heard) = router::mailbox();
    let task = RegistrationTask { shared, name, outlet, registration, line, ways, state, mailbox };
    tokio::spawn(task.run(heard, ordered));
    Registering { state: states, orders }
}

struct RegistrationTask {
    shared: Arc<Shared>,
    name: String,
    outlet: Arc<Outlet>,
    registration: Registration,
    line: Line,
    ways: watch::Receiver<Ways>,
    state: watch::Sender<RegistrationState>,
    mailbox: Mailbox,
}

impl RegistrationTask {
    async fn run(mut self, mut heard: mpsc::Receiver<Box<Heard>>, mut ordered: mpsc::Receiver<Order>) {
        let stopped = self.shared.stopped.clone();
        let mut look = tokio::time::interval(LOOK_EVERY);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            self.carry_out();
            let clock = self.shared.clock;
            tokio::select! {
                () = stopped.cancelled() => return,
                Some(heard) = heard.recv() => self.on_heard(heard.input),
                Some(order) = ordered.recv() => match order {
                    Order::Check => self.registration.check(clock.now()),
                    Order::End => self.registration.end(clock.now()),
                },
                Ok(()) = self.ways.changed() => {
                    let ways = self.ways.borrow_and_update().best_first();
                    self.line.ways.clone_from(&ways);
                    self.registration.ways(ways);
                }
                _ = look.tick() => {
                    let local = self.shared.wire.local_towards(self.line.first_hop(), self.line.transport);
                    self.registration.on_local(clock.now(), local);
                }
                () = clock.sleep_until(self.registration.deadline()) => self.registration.on_tick(clock.now()),
            }
        }
    }

    fn on_heard(&mut self, input: Input) {
        let now = self.shared.clock.now();
        match input {
            Input::Response(response, from) => self.registration.on_response(now, &response, from),
            Input::Unreachable(sent, why) => self.registration.on_lost(now, &sent, &why),
            _ => {}
        }
    }

    fn carry_out(&mut self) {
        while let Some(output) = self.registration.poll() {
            match output {
                RegistrationOutput::Request(request, hop) => {
                    self.shared.wire.open(&self.outlet, request, &[&hop], &self.mailbox);
                }
                RegistrationOutput::Abandon(sent) => self.shared.wire.abandon(&sent),
                RegistrationOutput::Warn(warning) => tracing::warn!(trunk = %self.name, "{warning}"),
                RegistrationOutput::State(state) => {
                    self.tell(&state);
                    self.state.send_replace(state);
                }
            }
        }
    }

    /// A refresh is no news.
    fn tell(&self, state: &RegistrationState) {
        let trunk = &self.name;
        match (&*self.state.borrow(), state) {
            (RegistrationState::Registered(before), RegistrationState::Registered(now))
                if before.local == now.local => {}
            (_, RegistrationState::Registered(binding)) => {
                tracing::info!(%trunk, contact = %binding.local, "registered");
            }
            (_, RegistrationState::Failed { reason } | RegistrationState::AuthFailed { reason }) => {
                tracing::warn!(%trunk, "not registered: {reason}");
            }
            (_, RegistrationState::Registering | RegistrationState::Ended) => {
                tracing::info!(%trunk, ?state, "registration");
            }
        }
    }
}
