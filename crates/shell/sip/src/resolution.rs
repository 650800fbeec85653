//! Where a trunk is, looked up in the background as often as the answers ask for: no call waits for
//! a name server.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use uac::srv::Target;
use uac::{Hop, Transport, srv};

use crate::stack::Shared;
use crate::wire::{Found, Outlet, Unresolved, random_seed};

/// Answers are not asked for more often than this, whatever their life.
const SHORTEST: Duration = Duration::from_secs(1);
/// Nor more seldom.
const LONGEST: Duration = Duration::from_secs(3600);
/// How soon a failure is followed by another try, at first and at most.
const FIRST_RETRY: Duration = Duration::from_secs(1);
const LAST_RETRY: Duration = Duration::from_secs(30);

/// What is known of where a trunk is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    /// Empty while nothing is known.
    targets: Vec<Target>,
    transport: Transport,
}

impl Places {
    /// Every address, those of better targets first.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        let mut targets: Vec<&Target> = self.targets.iter().collect();
        targets.sort_by_key(|target| target.priority);
        targets.into_iter().flat_map(|target| target.addresses.iter().copied()).collect()
    }

    /// The ways to them in an order drawn anew for each call, best first (RFC 2782).
    pub(crate) fn ways(&self) -> Vec<Hop> {
        srv::order(&self.targets, self.transport, &mut random_seed())
    }
}

/// Starts looking up `hosts`, given in order of preference. What needs no name server is known at
/// once. The task ends with the stack.
pub(crate) fn spawn(
    shared: Arc<Shared>,
    trunk: String,
    (hosts, transport): (Vec<Hop>, Transport),
    outlet: Arc<Outlet>,
) -> watch::Receiver<Places> {
    let (sender, places) = watch::channel(Places { targets: Vec::new(), transport });
    let known = vec![Vec::new(); hosts.len()];
    let mut task = Resolution { shared, trunk, hosts, transport, outlet, known, sender };
    for (known, host) in task.known.iter_mut().zip(&task.hosts) {
        let address = host.address(transport).into_iter();
        known.extend(address.map(|address| Target { priority: 0, weight: 0, addresses: vec![address] }));
    }
    task.publish();
    if task.hosts.iter().any(|host| host.address(transport).is_none()) {
        tokio::spawn(task.run());
    }
    places
}

struct Resolution {
    shared: Arc<Shared>,
    trunk: String,
    hosts: Vec<Hop>,
    transport: Transport,
    outlet: Arc<Outlet>,
    /// What each host was last resolved to.
    known: Vec<Vec<Target>>,
    sender: watch::Sender<Places>,
}

impl Resolution {
    async fn run(mut self) {
        let stopped = self.shared.stopped.clone();
        let mut retry = FIRST_RETRY;
        loop {
            let (until, complete) = self.look_up().await;
            self.publish();
            let again = if complete {
                retry = FIRST_RETRY;
                until.clamp(Instant::now() + SHORTEST, Instant::now() + LONGEST)
            } else {
                let again = Instant::now() + retry;
                retry = (retry * 2).min(LAST_RETRY);
                again
            };
            tokio::select! {
                () = stopped.cancelled() => return,
                () = tokio::time::sleep_until(again) => {}
            }
        }
    }

    /// Looks all hosts up: until when what they gave holds, and whether all gave something.
    async fn look_up(&mut self) -> (Instant, bool) {
        let mut until = Instant::now() + LONGEST;
        let mut complete = true;
        for (known, host) in self.known.iter_mut().zip(&self.hosts) {
            match self.shared.wire.places(host, self.transport).await {
                Ok(Found { targets, until: end }) => {
                    until = until.min(end.into());
                    *known = targets;
                }
                Err(error) => {
                    complete = false;
                    let (trunk, kept) = (&self.trunk, known.len());
                    tracing::warn!(trunk, %error, kept, "a trunk's host was not resolved");
                    // A name server that is away says nothing against what it said before.
                    if matches!(error, Unresolved::Nowhere(_)) {
                        known.clear();
                    }
                }
            }
        }
        (until, complete)
    }

    fn publish(&self) {
        let mut hosts: HashMap<SocketAddr, String> = HashMap::new();
        let mut targets = Vec::new();
        for (rank, (known, host)) in (0_u32..).zip(self.known.iter().zip(&self.hosts)) {
            for target in known {
                for address in &target.addresses {
                    hosts.entry(*address).or_insert_with(|| host.host.clone());
                }
                // Later hosts go after every target of earlier ones.
                targets.push(Target { priority: rank << 16 | target.priority, ..target.clone() });
            }
        }
        let addresses: Vec<IpAddr> = hosts.keys().map(SocketAddr::ip).collect();
        self.shared.wire.admit(&self.trunk, addresses);
        self.outlet.resolved(hosts);
        let places = Places { targets, transport: self.transport };
        self.sender.send_if_modified(|told| {
            let changed = *told != places;
            *told = places;
            changed
        });
    }
}
