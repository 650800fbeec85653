//! The stream connections: one to each place, opened when it is first wanted and shared by all
//! calls, opened again with back-off when it broke; and those that peers open to us.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::Instant;
use uac::{Sent, Transport};

use super::Stopped;
use super::addresses::Addresses;
use super::client::{Broken, Ongoing};
use super::intake::Intake;
use super::link::{Link, Runner, Stream};
use super::outlet::Outlet;
use super::post::Post;
use super::tls;
use super::way::Way;

/// How long connecting and shaking hands may take together: a ping waits 3 s, and a call has 6 s to
/// find another way.
const OPENING: Duration = Duration::from_millis(2500);
/// How long data may stay unacknowledged by a host that has vanished.
const UNACKNOWLEDGED: Duration = Duration::from_secs(4);
/// Waiting time after the first failure, doubled by each further one.
const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(4);
/// Most places remembered; beyond, those without a connection are forgotten.
const PLACES: usize = 1024;

/// What makes a connection fit for a request: one trunk's trust is not another's.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Place {
    transport: Transport,
    to: SocketAddr,
    /// The outlet whose certificates were checked.
    trust: usize,
}

#[derive(Default)]
struct Slot {
    link: Mutex<Option<Link>>,
    trying: tokio::sync::Mutex<Trying>,
}

#[derive(Default)]
struct Trying {
    failures: u32,
    again: Option<Instant>,
    why: String,
}

/// All stream connections of a stack.
pub(super) struct Streams {
    pub(super) intake: Arc<Intake>,
    pub(super) ongoing: Arc<Ongoing>,
    pub(super) addresses: Arc<Addresses>,
    pub(super) stopped: Stopped,
    pub(super) keep_alive: Duration,
    places: Mutex<HashMap<Place, Arc<Slot>>>,
    opened: AtomicU64,
}

impl Streams {
    pub(super) fn new(
        (intake, ongoing, addresses): (Arc<Intake>, Arc<Ongoing>, Arc<Addresses>),
        stopped: Stopped,
        keep_alive: Duration,
    ) -> Self {
        let (places, opened) = (Mutex::default(), AtomicU64::new(0));
        Self { intake, ongoing, addresses, stopped, keep_alive, places, opened }
    }

    /// The connection to that place, if it is up.
    pub(super) fn up(&self, outlet: &Arc<Outlet>, transport: Transport, to: SocketAddr) -> Option<Link> {
        let slot = self.places.lock().get(&place(outlet, transport, to))?.clone();
        slot.up()
    }

    /// The connection to that place, opened if need be; else why it cannot be.
    pub(super) async fn link(
        self: &Arc<Self>,
        outlet: &Arc<Outlet>,
        transport: Transport,
        to: SocketAddr,
    ) -> Result<Link, String> {
        let slot = self.slot(place(outlet, transport, to));
        if let Some(link) = slot.up() {
            return Ok(link);
        }
        // One tries, the others wait for what comes of it.
        let mut trying = slot.trying.lock().await;
        if let Some(link) = slot.up() {
            return Ok(link);
        }
        if trying.again.is_some_and(|again| Instant::now() < again) {
            return Err(trying.why.clone());
        }
        match self.open(outlet, transport, to).await {
            Ok(link) => {
                *trying = Trying::default();
                *slot.link.lock() = Some(link.clone());
                Ok(link)
            }
            Err(why) => {
                trying.fail(&why);
                Err(why)
            }
        }
    }

    fn slot(&self, place: Place) -> Arc<Slot> {
        let mut places = self.places.lock();
        if places.len() >= PLACES {
            places.retain(|_, slot| slot.up().is_some());
        }
        places.entry(place).or_default().clone()
    }

    async fn open(
        self: &Arc<Self>,
        outlet: &Arc<Outlet>,
        transport: Transport,
        to: SocketAddr,
    ) -> Result<Link, String> {
        if self.stopped.is_cancelled() {
            return Err("the SIP stack has stopped".to_owned());
        }
        let connected = AtomicBool::new(false);
        let late = || {
            if connected.load(Ordering::Relaxed) {
                format!("{to} does not shake hands: is it a port for TLS?")
            } else {
                format!("{to} does not take a connection: check the network and the carrier")
            }
        };
        let opening = tokio::time::timeout(OPENING, async {
            let stream = connect(to, self.addresses.source_to(transport, to.ip())).await?;
            connected.store(true, Ordering::Relaxed);
            let from = stream.local_addr().map_err(|error| error.to_string())?;
            let runner = self.runner(transport, from, to).await?;
            if transport != Transport::Tls {
                return Ok(self.start(runner, stream, outlet.clone(), |_| None));
            }
            let (trust, name) = outlet.trust(to)?;
            let stream = trust.connect(stream, &name, to).await?;
            // In TLS 1.3 a refusal of our own certificate is only heard here.
            let explain = move |error: &std::io::Error| Some(tls::said(error, &name, to));
            Ok(self.start(runner, stream, outlet.clone(), explain))
        });
        opening.await.map_err(|_| late())?
    }

    async fn runner(&self, transport: Transport, from: SocketAddr, to: SocketAddr) -> Result<Runner, String> {
        let id = self.opened.fetch_add(1, Ordering::Relaxed);
        let closed = self.stopped.child_token();
        let mut runner = Runner::new((id, transport, from, to), self.intake.clone(), closed).await?;
        runner.local = self.addresses.seen_by(transport, to.ip(), Some(from));
        Ok(runner)
    }

    fn start(
        self: &Arc<Self>,
        mut runner: Runner,
        stream: impl Stream + 'static,
        outlet: Arc<Outlet>,
        explain: impl Fn(&std::io::Error) -> Option<String> + Send + Sync + 'static,
    ) -> Link {
        runner.keep_alive = Some(self.keep_alive);
        let link = runner.link.clone();
        tracing::debug!(to = %link.to, transport = %link.transport, "connection opened");
        let streams = self.clone();
        let task = async move {
            let link = runner.link.clone();
            let why = runner.run(stream, explain).await.to_string();
            tracing::info!(to = %link.to, transport = %link.transport, why, "connection ended");
            streams.ended(&link, &why, &outlet).await;
        };
        tokio::spawn(task);
        link
    }

    /// What was asked by it and not answered has failed. An INVITE that rings may yet be answered by
    /// another connection, and requests in calls are repeated there, if the peer is still there:
    /// whether it is, the next connection tells.
    async fn ended(self: &Arc<Self>, link: &Link, why: &str, outlet: &Arc<Outlet>) {
        let Broken { ringing, unanswered } = self.ongoing.broken(link.id, why);
        if !ringing && unanswered.is_empty() {
            return;
        }
        let next = self.link(outlet, link.transport, link.to).await;
        for request in unanswered {
            self.post(outlet).start(request.clone(), &Sent::by(&request), next.clone().map(Way::Stream));
        }
        if let Err(why) = next {
            self.ongoing.gone(link.id, &why);
        }
    }

    pub(super) fn post(&self, outlet: &Arc<Outlet>) -> Post {
        Post {
            endpoint: self.intake.endpoint.clone(),
            ongoing: self.ongoing.clone(),
            addresses: self.addresses.clone(),
            outlet: outlet.clone(),
        }
    }

    /// Runs a connection that a peer has opened, until it ends.
    pub(super) async fn adopt(
        self: &Arc<Self>,
        stream: impl Stream,
        (transport, local, peer): (Transport, SocketAddr, SocketAddr),
    ) {
        let Ok(runner) = self.runner(transport, local, peer).await else { return };
        let link = runner.link.clone();
        // A peer without a listener of its own is only reached by the connection that it opened. By
        // TLS it has not proven its name to us, so nothing is sent there that it did not ask for.
        let place = Place { transport, to: peer, trust: 0 };
        if transport == Transport::Tcp {
            *self.slot(place.clone()).link.lock() = Some(link.clone());
        }
        let why = runner.run(stream, |_| None).await.to_string();
        tracing::debug!(from = %peer, %transport, why, "a peer's connection ended");
        for request in self.ongoing.broken(link.id, &why).unanswered {
            // Whoever has no listener cannot be called back.
            self.ongoing.fail(&Sent::by(&request), why.clone());
        }
        self.ongoing.gone(link.id, &why);
        self.places.lock().remove(&place);
    }
}

impl Slot {
    fn up(&self) -> Option<Link> {
        self.link.lock().as_ref().filter(|link| link.is_up()).cloned()
    }
}

impl Trying {
    fn fail(&mut self, why: &str) {
        let wait = FIRST_WAIT.saturating_mul(1 << self.failures.min(8)).min(LONGEST_WAIT);
        self.failures += 1;
        self.again = Some(Instant::now() + wait);
        why.clone_into(&mut self.why);
    }
}

/// A plain connection is the same for every trunk.
fn place(outlet: &Arc<Outlet>, transport: Transport, to: SocketAddr) -> Place {
    let trust = if transport == Transport::Tls { Arc::as_ptr(outlet).addr() } else { 0 };
    Place { transport, to, trust }
}

async fn connect(to: SocketAddr, source: Option<IpAddr>) -> Result<TcpStream, String> {
    let failed = |error: std::io::Error| format!("{to}: {error}");
    let socket = if to.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }.map_err(failed)?;
    if let Some(source) = source {
        socket.bind(SocketAddr::new(source, 0)).map_err(failed)?;
    }
    let stream = socket.connect(to).await.map_err(failed)?;
    tune(&stream).map_err(failed)?;
    Ok(stream)
}

/// Small messages leave at once, and a vanished host is found out.
pub(super) fn tune(stream: &TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    socket2::SockRef::from(stream).set_tcp_user_timeout(Some(UNACKNOWLEDGED))
}
