//! Carries out the OPTIONS ping of one trunk.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use uac::probe::ProbeOutput;
use uac::{Input, Line, Probe, TrunkState};

use crate::config::TrunkConfig;
use crate::router::{self, Mailbox};
use crate::stack::Shared;
use crate::wire::random_seed;

/// How a call fared at the peer.
#[derive(Debug)]
pub(crate) enum Fared {
    /// It was not refused for its credentials.
    Accepted,
    /// It was, and this is why.
    Refused(String),
}

/// Starts pinging; the task ends with the stack.
pub(crate) fn spawn(
    shared: Arc<Shared>,
    config: &TrunkConfig,
    line: Line,
) -> (watch::Receiver<TrunkState>, mpsc::Sender<Fared>) {
    let (state, states) = watch::channel(TrunkState::Unknown);
    let (fared, outcomes) = mpsc::channel(64);
    let probe = Probe::start(shared.clock.now(), line, config.options_interval, random_seed());
    let (mailbox, heard) = router::mailbox();
    let task = ProbeTask { shared, probe, state, mailbox, name: config.name.clone() };
    tokio::spawn(task.run(heard, outcomes));
    (states, fared)
}

struct ProbeTask {
    shared: Arc<Shared>,
    probe: Probe,
    state: watch::Sender<TrunkState>,
    mailbox: Mailbox,
    name: String,
}

impl ProbeTask {
    async fn run(mut self, mut heard: mpsc::Receiver<Input>, mut outcomes: mpsc::Receiver<Fared>) {
        let stopped = self.shared.stopped.clone();
        loop {
            self.carry_out().await;
            let clock = self.shared.clock;
            tokio::select! {
                () = stopped.cancelled() => return,
                Some(input) = heard.recv() => self.on_heard(input),
                Some(outcome) = outcomes.recv() => match outcome {
                    Fared::Accepted => self.probe.on_call_accepted(),
                    Fared::Refused(why) => self.probe.on_call_refused(&why),
                },
                () = clock.sleep_until(self.probe.deadline()) => self.probe.on_tick(clock.now()),
            }
        }
    }

    fn on_heard(&mut self, input: Input) {
        let now = self.shared.clock.now();
        match input {
            Input::Response(response, _) => self.probe.on_response(now, &response),
            Input::Unreachable(sent, why) => self.probe.on_lost(now, &sent, &why),
            _ => {}
        }
    }

    async fn carry_out(&mut self) {
        while let Some(output) = self.probe.poll() {
            match output {
                ProbeOutput::Request(request, hop) => {
                    self.shared.wire.open(request, &[&hop], &self.mailbox).await;
                }
                ProbeOutput::Abandon(sent) => self.shared.wire.abandon(&sent),
                ProbeOutput::State(state) => {
                    tracing::info!(trunk = %self.name, ?state, "trunk state");
                    self.state.send_replace(state);
                }
            }
        }
    }
}
