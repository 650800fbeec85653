//! Carries out one call: the only owner of its machine.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, watch};
use uac::{Hop, Input, Output, Snapshot, Uac, Uas, WayState, Ways};

use crate::events::Told;
use crate::leg::{Command, Leg};
use crate::router::{Heard, Mailbox};
use crate::stack::Counted;
use crate::trunk::Trunk;
use crate::{Events, Failure, FailureKind, LegEvent};

/// Events a slow caller may leave unread before provisional responses are left out.
const EVENTS: usize = 64;

/// The machine of a call in either direction.
pub(crate) enum Machine {
    Outbound(Box<Uac>),
    Inbound(Box<Uas>),
}

impl Machine {
    fn handle(&mut self, now: Duration, input: Input) {
        match self {
            Self::Outbound(uac) => uac.handle(now, input),
            Self::Inbound(uas) => uas.handle(now, input),
        }
    }

    fn poll(&mut self) -> Option<Output> {
        match self {
            Self::Outbound(uac) => uac.poll(),
            Self::Inbound(uas) => uas.poll(),
        }
    }

    fn deadline(&self) -> Option<Duration> {
        match self {
            Self::Outbound(uac) => uac.deadline(),
            Self::Inbound(uas) => uas.deadline(),
        }
    }

    fn call_id(&self) -> &str {
        match self {
            Self::Outbound(uac) => uac.call_id(),
            Self::Inbound(uas) => uas.call_id(),
        }
    }

    /// Addresses that may speak in the call.
    fn sources(&self) -> Vec<IpAddr> {
        match self {
            Self::Outbound(uac) => uac.sources().collect(),
            Self::Inbound(uas) => uas.sources().collect(),
        }
    }

    fn is_over(&self) -> bool {
        match self {
            Self::Outbound(uac) => uac.is_over(),
            Self::Inbound(uas) => uas.is_over(),
        }
    }

    fn snapshot(&self, now: Duration) -> Option<Snapshot> {
        match self {
            Self::Outbound(uac) => Some(uac.snapshot(now)),
            Self::Inbound(_) => None,
        }
    }
}

/// Starts the task of a call; the mailbox is where the wire delivers.
pub(crate) fn spawn(trunk: &Trunk, machine: Machine) -> (Leg, Events, Mailbox) {
    let (commands, orders) = mpsc::unbounded_channel();
    let (events, facts) = Events::queue(EVENTS);
    let (mailbox, heard) = trunk.shared.router.open(machine.call_id());
    let counted = trunk.shared.count_leg();
    let (ended, over) = watch::channel(false);
    let task = LegTask {
        trunk: trunk.clone(),
        machine,
        mailbox: mailbox.clone(),
        events,
        at: Instant::now(),
        unread: VecDeque::new(),
        counted: Some(counted),
        ended,
        abandoned: false,
        down: Vec::new(),
    };
    tokio::spawn(task.run(heard, orders));
    let left = mailbox.left();
    (Leg { commands, left, over }, facts, mailbox)
}

struct LegTask {
    trunk: Trunk,
    machine: Machine,
    mailbox: Mailbox,
    events: mpsc::Sender<Box<Told>>,
    /// When that happened which the machine was told last.
    at: Instant,
    /// Events that the caller's channel had no room for.
    unread: VecDeque<Box<Told>>,
    /// Counts the call as open until its terminal event.
    counted: Option<Counted>,
    /// Tells that the terminal event has come.
    ended: watch::Sender<bool>,
    /// The caller has gone; the call is being ended.
    abandoned: bool,
    /// The trunk's ways that are down.
    down: Vec<Hop>,
}

impl LegTask {
    async fn run(
        mut self,
        mut heard: mpsc::Receiver<Box<Heard>>,
        mut orders: mpsc::UnboundedReceiver<Command>,
    ) {
        let shared = self.trunk.shared.clone();
        let mut closing = shared.closing.clone();
        let mut ways = self.trunk.ways();
        self.newly_down(&ways.borrow_and_update());
        let mut commanded = true;
        let mut sources = 0;
        while !shared.stopped.is_cancelled() && self.carry_out().await {
            let clock = shared.clock;
            let own = |input| (Instant::now(), input);
            let (at, input) = tokio::select! {
                biased;
                () = shared.stopped.cancelled() => break,
                command = orders.recv(), if commanded => {
                    commanded = command.is_some();
                    match command {
                        Some(Command::Input(input)) => own(*input),
                        Some(Command::WriteDown(reply)) => {
                            // Whoever asked may have gone.
                            let _ = reply.send(self.machine.snapshot(clock.now()));
                            continue;
                        }
                        None => continue,
                    }
                }
                Some(heard) = heard.recv() => (heard.at, heard.input),
                () = clock.sleep_until(self.machine.deadline()) => own(Input::Tick),
                permit = self.events.reserve(), if !self.unread.is_empty() => {
                    if let (Ok(permit), Some(event)) = (permit, self.unread.pop_front()) {
                        permit.send(event);
                    }
                    continue;
                }
                () = self.events.closed(), if !self.abandoned => {
                    self.abandoned = true;
                    self.unread.clear();
                    own(Input::HangUp(None))
                }
                // What has changed is looked up below.
                Ok(()) = ways.changed() => own(Input::Tick),
                Ok(()) = closing.changed() => own(Input::HangUp(closing.borrow_and_update().clone())),
            };
            self.at = at;
            self.machine.handle(clock.now(), input);
            for way in self.newly_down(&ways.borrow_and_update()) {
                self.machine.handle(clock.now(), Input::WayDown(way));
            }
            if self.machine.sources().len() != sources {
                sources = self.machine.sources().len();
                shared.router.speaks_from(self.machine.call_id(), self.machine.sources().into_iter());
            }
        }
        if !self.machine.is_over() {
            self.at = Instant::now();
            let why = "the SIP stack was stopped before the peer confirmed the end of the call";
            self.tell(LegEvent::Failed(Failure::silent(FailureKind::Cancelled, why)));
        }
        Box::pin(self.retire(heard)).await;
    }

    /// The ways that are down and were not before.
    fn newly_down(&mut self, ways: &Ways) -> Vec<Hop> {
        let down = ways.iter().filter(|way| matches!(way.state, WayState::Down { .. }));
        let down: Vec<Hop> = down.map(|way| way.hop.clone()).collect();
        let newly = down.iter().filter(|way| !self.down.contains(way)).cloned().collect();
        self.down = down;
        newly
    }

    /// Drains the machine; `false` when nothing can come any more.
    async fn carry_out(&mut self) -> bool {
        while let Some(output) = self.machine.poll() {
            match output {
                Output::Request(request, hop) => {
                    let hops = self.ways(&hop);
                    let hops: Vec<&Hop> = hops.iter().collect();
                    let inner = &self.trunk.inner;
                    self.trunk.shared.wire.open(&inner.outlet, request, &hops, &self.mailbox);
                }
                Output::Ack(ack, hop) => {
                    let hops = self.ways(&hop);
                    let hops: Vec<&Hop> = hops.iter().collect();
                    let inner = &self.trunk.inner;
                    // Most of its room is for streams; a call keeps none of it while it waits.
                    Box::pin(self.trunk.shared.wire.send_ack(&inner.outlet, &ack, &hops)).await;
                }
                Output::Respond(key, response) => self.trunk.shared.wire.respond(key, &response),
                Output::Abandon(sent) => self.trunk.shared.wire.abandon(&sent),
                Output::Suspect(way) if self.down.contains(&way) => {
                    self.machine.handle(self.trunk.shared.clock.now(), Input::WayDown(way));
                }
                // Where OPTIONS is turned off, its silence proves nothing.
                Output::Suspect(way) if !self.trunk.inner.config.options_interval.is_zero() => {
                    self.trunk.suspect(&way);
                }
                Output::Suspect(_) => {}
                Output::Event(event) => self.tell(event),
                Output::Done => return false,
            }
        }
        true
    }

    /// A name in the peer's Contact that we cannot resolve is no reason to lose the call: the
    /// trunk itself is the second way.
    fn ways(&self, hop: &Hop) -> [Hop; 2] {
        [hop.clone(), self.trunk.inner.line.first_hop().clone()]
    }

    fn tell(&mut self, event: LegEvent) {
        if matches!(self.machine, Machine::Outbound(_)) {
            self.trunk.fared(&event);
        }
        match &event {
            LegEvent::FailedOver { from, cause } => {
                tracing::warn!(trunk = self.trunk.name(), call_id = self.machine.call_id(), %from, ?cause, "call sent on the trunk's next way");
            }
            LegEvent::Overlapped { on } => {
                tracing::warn!(trunk = self.trunk.name(), call_id = self.machine.call_id(), %on, "a way that was left answers late; what it does is ended");
            }
            _ => {}
        }
        if event.is_terminal() {
            tracing::info!(trunk = self.trunk.name(), call_id = self.machine.call_id(), outcome = ?event, "call ended");
            self.counted = None;
            self.ended.send_replace(true);
        }
        if self.abandoned {
            return;
        }
        let optional = matches!(event, LegEvent::Provisional { .. });
        if optional && self.unread.len() >= EVENTS {
            return;
        }
        let event = Box::new((self.at, event));
        if self.unread.is_empty() {
            match self.events.try_send(event) {
                Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => {}
                Err(mpsc::error::TrySendError::Full(event)) => self.unread.push_back(event),
            }
        } else {
            self.unread.push_back(event);
        }
    }

    /// Leaves nothing behind: the peer's last requests are answered, the caller's last events told.
    async fn retire(mut self, mut heard: mpsc::Receiver<Box<Heard>>) {
        let shared = self.trunk.shared.clone();
        shared.router.close(self.machine.call_id());
        heard.close();
        while let Some(heard) = heard.recv().await {
            if let Input::Request(key, request, _) = heard.input {
                shared.wire.refuse(key, &request);
            }
        }
        while let Some(event) = self.unread.pop_front() {
            tokio::select! {
                biased;
                sent = self.events.send(event) => if sent.is_err() { return },
                () = shared.stopped.cancelled() => return,
            }
        }
    }
}
