//! Carries out one call: the only owner of its machine.

use std::collections::VecDeque;

use tokio::sync::{mpsc, watch};
use uac::{Hop, Input, Output, Snapshot, Uac, WayState, Ways};

use crate::leg::Leg;
use crate::router::Mailbox;
use crate::stack::Counted;
use crate::trunk::Trunk;
use crate::{Failure, FailureKind, LegEvent};

/// Events a slow caller may leave unread before provisional responses are left out.
const EVENTS: usize = 64;

/// Starts the task of a call.
pub(crate) fn spawn(trunk: &Trunk, uac: Uac) -> (Leg, mpsc::Receiver<LegEvent>) {
    let (commands, orders) = mpsc::unbounded_channel();
    let (events, facts) = mpsc::channel(EVENTS);
    let (snapshot, snapshots) = watch::channel(uac.snapshot(trunk.shared.clock.now()));
    let (mailbox, heard) = trunk.shared.router.open(uac.call_id());
    let counted = trunk.shared.count_leg();
    let (ended, over) = watch::channel(false);
    let task = LegTask {
        trunk: trunk.clone(),
        uac,
        mailbox,
        events,
        unread: VecDeque::new(),
        snapshot,
        counted: Some(counted),
        ended,
        abandoned: false,
        down: Vec::new(),
    };
    tokio::spawn(task.run(heard, orders));
    (Leg { commands, snapshots, over }, facts)
}

struct LegTask {
    trunk: Trunk,
    uac: Uac,
    mailbox: Mailbox,
    events: mpsc::Sender<LegEvent>,
    /// Events that the caller's channel had no room for.
    unread: VecDeque<LegEvent>,
    snapshot: watch::Sender<Snapshot>,
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
    async fn run(mut self, mut heard: mpsc::Receiver<Input>, mut orders: mpsc::UnboundedReceiver<Input>) {
        let shared = self.trunk.shared.clone();
        let mut closing = shared.closing.clone();
        let mut ways = self.trunk.ways();
        self.newly_down(&ways.borrow_and_update());
        let mut commanded = true;
        let mut sources = 0;
        while !shared.stopped.is_cancelled() && self.carry_out().await {
            let clock = shared.clock;
            let input = tokio::select! {
                biased;
                () = shared.stopped.cancelled() => break,
                order = orders.recv(), if commanded => {
                    commanded = order.is_some();
                    let Some(order) = order else { continue };
                    order
                }
                Some(input) = heard.recv() => input,
                () = clock.sleep_until(self.uac.deadline()) => Input::Tick,
                permit = self.events.reserve(), if !self.unread.is_empty() => {
                    if let (Ok(permit), Some(event)) = (permit, self.unread.pop_front()) {
                        permit.send(event);
                    }
                    continue;
                }
                () = self.events.closed(), if !self.abandoned => {
                    self.abandoned = true;
                    self.unread.clear();
                    Input::HangUp(None)
                }
                // What has changed is looked up below.
                Ok(()) = ways.changed() => Input::Tick,
                Ok(()) = closing.changed() => Input::HangUp(closing.borrow_and_update().clone()),
            };
            self.uac.handle(clock.now(), input);
            for way in self.newly_down(&ways.borrow_and_update()) {
                self.uac.handle(clock.now(), Input::WayDown(way));
            }
            if self.uac.sources().len() != sources {
                sources = self.uac.sources().len();
                shared.router.speaks_from(self.uac.call_id(), self.uac.sources());
            }
            // Before the caller is told anything, so that it can write down what it is told of.
            self.snapshot.send_replace(self.uac.snapshot(clock.now()));
        }
        if !self.uac.is_over() {
            let why = "the SIP stack was stopped before the peer confirmed the end of the call";
            self.tell(LegEvent::Failed(Failure::silent(FailureKind::Cancelled, why)));
        }
        self.retire(heard).await;
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
        while let Some(output) = self.uac.poll() {
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
                    self.trunk.shared.wire.send_ack(&inner.outlet, &ack, &hops).await;
                }
                Output::Respond(key, response) => self.trunk.shared.wire.respond(key, &response),
                Output::Abandon(sent) => self.trunk.shared.wire.abandon(&sent),
                Output::Suspect(way) if self.down.contains(&way) => {
                    self.uac.handle(self.trunk.shared.clock.now(), Input::WayDown(way));
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
        self.trunk.fared(&event);
        match &event {
            LegEvent::FailedOver { from, cause } => {
                tracing::warn!(trunk = self.trunk.name(), call_id = self.uac.call_id(), %from, ?cause, "call sent on the trunk's next way");
            }
            LegEvent::Overlapped { on } => {
                tracing::warn!(trunk = self.trunk.name(), call_id = self.uac.call_id(), %on, "a way that was left answers late; what it does is ended");
            }
            _ => {}
        }
        if event.is_terminal() {
            tracing::info!(trunk = self.trunk.name(), call_id = self.uac.call_id(), outcome = ?event, "call ended");
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
    async fn retire(mut self, mut heard: mpsc::Receiver<Input>) {
        let shared = self.trunk.shared.clone();
        shared.router.close(self.uac.call_id());
        heard.close();
        while let Some(input) = heard.recv().await {
            if let Input::Request(key, request, _) = input {
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
