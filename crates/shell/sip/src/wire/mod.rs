//! The seam to rsipstack: requests, responses and ACKs out, machine inputs in. Its types end here.
//!
//! Of rsipstack we use the transaction layer, and its UDP type as an envelope. Sockets, streams and
//! TLS are ours: every message passes the [`gate`] and is given to rsipstack in canonical form. Two
//! of its habits are turned off: ACKs of a 2xx are the machine's (`auto_ack_2xx`: false), and the
//! gate sees to it that the machine gets every 2xx; its time-outs come later than the machine's own.

mod addresses;
mod arrival;
mod client;
mod convert;
mod datagram;
mod door;
mod gate;
mod icmp;
mod intake;
mod link;
mod names;
mod outlet;
mod post;
mod sentry;
mod server;
mod socket;
mod stamp;
mod streams;
mod tls;
mod way;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rsipstack::EndpointBuilder;
use rsipstack::transaction::endpoint::EndpointOption;
use rsipstack::transport::TransportLayer;
pub(crate) use tokio_util::sync::CancellationToken as Stopped;
use uac::guard::Counts;
use uac::{Hop, Method, Request, Response, Seed, Sent, ServerKey, Timing, Transport, wire};

use crate::config::SipConfig;
use crate::error::SipError;
use crate::inbound::Doors;
use crate::router::{Mailbox, Router};
use addresses::Addresses;
use client::Ongoing;
use door::Door;
use gate::Gate;
use intake::Intake;
use names::Names;
pub(crate) use names::{Found, Unresolved};
pub(crate) use outlet::Outlet;
use post::Post;
use sentry::Sentry;
use server::Servers;
use socket::Udp;
use streams::Streams;
use way::Ways;

/// How much later than the machine rsipstack gives up, so that the machine always decides.
const AFTER_THE_MACHINE: Duration = Duration::from_secs(1);
/// Far beyond any call's ringing: the machine has its own limit (rsipstack's timer C is a proxy's).
const NEVER: Duration = Duration::from_secs(24 * 3600);

/// The endpoint.
pub(crate) struct Wire {
    ways: Arc<Ways>,
    door: Arc<Door>,
    ongoing: Arc<Ongoing>,
    servers: Arc<Servers>,
    sentry: Arc<Sentry>,
    stopped: Stopped,
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Wire({:?})", self.ways.addresses)
    }
}

impl Wire {
    pub(crate) async fn start(
        config: &SipConfig,
        timing: Timing,
        router: Arc<Router>,
        doors: Arc<Doors>,
    ) -> Result<Self, SipError> {
        arrival::begin();
        let ongoing = Arc::new(Ongoing::default());
        let stopped = Stopped::new();
        let Bound { datagrams, listeners, addresses } = bind(config)?;
        let names = Names::new(&config.name_servers, addresses.clone())?;
        let endpoint = EndpointBuilder::new()
            .with_user_agent(&config.user_agent)
            .with_transport_layer(TransportLayer::new(stopped.clone()))
            .with_cancel_token(stopped.clone())
            .with_option(options(timing))
            .build();
        let incoming = endpoint.incoming_transactions().map_err(failed)?;
        let servers = Arc::new(Servers::new(router.clone(), doors));
        tokio::spawn(servers.clone().accept(incoming, stopped.clone()));
        let inner = endpoint.inner.clone();
        tokio::spawn(async move { endpoint.serve().await });

        let sentry = Arc::new(Sentry::new(config.guard.clone()));
        let gate = Gate::new(router, ongoing.clone(), sentry.clone());
        let intake = Arc::new(Intake { gate, tap: config.tap.clone(), endpoint: inner.clone() });
        let mut sockets = Vec::new();
        for socket in datagrams {
            let parts = (ongoing.clone(), config.tap.clone(), stopped.clone());
            let socket = Arc::new(Udp::of(socket, addresses.clone(), parts).await?);
            tokio::spawn(socket.clone().serve(intake.clone(), stopped.clone()));
            sockets.push(socket);
        }
        let shared = (intake, ongoing.clone(), addresses.clone());
        let streams = Arc::new(Streams::new(shared, stopped.clone(), config.keep_alive));
        let door = Arc::new(Door::new(config.connections, config.connections_per_source));
        for (listener, tls) in listeners {
            tokio::spawn(door::listen(listener, tls, door.clone(), streams.clone(), stopped.clone()));
        }
        let ways = Arc::new(Ways { sockets, streams, names, addresses });
        Ok(Self { ways, door, ongoing, servers, sentry, stopped })
    }

    /// The first UDP address.
    pub(crate) fn local_addr(&self) -> SocketAddr {
        self.ways.addresses.udp[0]
    }

    /// The addresses bound for `transport`.
    pub(crate) fn listens(&self, transport: Transport) -> Vec<SocketAddr> {
        let addresses = &self.ways.addresses;
        match transport {
            Transport::Udp => addresses.udp.clone(),
            Transport::Tcp => addresses.tcp.clone(),
            Transport::Tls => addresses.tls.clone(),
        }
    }

    /// Cancelled when the endpoint stops.
    pub(crate) fn stopped(&self) -> Stopped {
        self.stopped.clone()
    }

    /// Stops the endpoint and everything under way on it.
    pub(crate) fn stop(&self) {
        self.stopped.cancel();
        self.ongoing.end_all();
        self.servers.end_all();
    }

    /// Our address as a peer at `hop` sees it, as near as it is known before a message is sent: the
    /// wire corrects Via and Contact when it is.
    pub(crate) fn local_towards(&self, hop: &Hop, transport: Transport) -> Hop {
        let peer = hop.address(transport).map_or_else(|| self.local_addr().ip(), |address| address.ip());
        let ours = self.ways.addresses.seen_by(transport, peer, None);
        Hop { host: ours.ip().to_string(), port: Some(ours.port()), transport: None }
    }

    /// The places of a host.
    pub(crate) async fn places(&self, hop: &Hop, transport: Transport) -> Result<Found, Unresolved> {
        self.ways.names.places(hop, transport).await
    }

    /// Peers may speak and open connections to us from these addresses of a trunk.
    pub(crate) fn admit(&self, trunk: &str, addresses: Vec<IpAddr>) {
        self.sentry.trust(trunk, &addresses);
        self.door.admit(trunk, addresses);
    }

    /// What became of the messages that came in.
    pub(crate) fn counts(&self) -> Counts {
        self.sentry.counts()
    }

    /// Opens a client transaction to the first of `hops` that resolves; what comes of it goes to
    /// `mailbox`.
    pub(crate) fn open(&self, outlet: &Arc<Outlet>, request: Request, hops: &[&Hop], mailbox: &Mailbox) {
        let sent = Sent::by(&request);
        self.ongoing.begin(&sent, mailbox);
        let hops = self.hops_of(&request, hops);
        let size = wire::request_bytes(&request).len();
        let post = self.post(outlet);
        if let Some(way) = hops.first().and_then(|hop| self.ways.ready(outlet, hop, size)) {
            return post.start(request, &sent, Ok(way));
        }
        let ways = self.ways.clone();
        tokio::spawn(async move {
            let way = ways.find(&post.outlet, &hops, size).await;
            post.start(request, &sent, way);
        });
    }

    /// A CANCEL goes where its INVITE went.
    fn hops_of(&self, request: &Request, hops: &[&Hop]) -> Vec<Hop> {
        let branch = request.headers.branch().filter(|_| request.method == Method::Cancel);
        match branch.and_then(|branch| self.ongoing.way_of_invite(branch)) {
            Some((transport, to)) => vec![Hop::resolved(to, transport)],
            None => distinct(hops),
        }
    }

    /// Client and server transactions under way, pings aside.
    pub(crate) fn transactions(&self) -> usize {
        self.ongoing.calls() + self.servers.len()
    }

    /// Ends a client transaction of ours.
    pub(crate) fn abandon(&self, sent: &Sent) {
        self.ongoing.end(sent);
    }

    /// Sends the ACK of a 2xx, at once where nothing has to be waited for. A lost one is sent again
    /// when the 2xx comes again.
    pub(crate) async fn send_ack(&self, outlet: &Arc<Outlet>, ack: &Request, hops: &[&Hop]) {
        let post = self.post(outlet);
        let size = wire::request_bytes(ack).len();
        if let Some(way) = hops.first().and_then(|hop| self.ways.ready(outlet, hop, size)) {
            return post.send(ack.clone(), Ok(way)).await;
        }
        let (ways, ack) = (self.ways.clone(), ack.clone());
        let hops = distinct(hops);
        tokio::spawn(async move {
            let way = ways.find(&post.outlet, &hops, size).await;
            post.send(ack, way).await;
        });
    }

    /// Answers a server transaction.
    pub(crate) fn respond(&self, key: ServerKey, response: &Response) {
        self.servers.respond(key, response);
    }

    /// Answers a server transaction of a call that is gone.
    pub(crate) fn refuse(&self, key: ServerKey, request: &Request) {
        self.servers.refuse(key, request);
    }

    fn post(&self, outlet: &Arc<Outlet>) -> Post {
        self.ways.streams.post(outlet)
    }
}

/// Each hop once: a name that cannot be resolved is not asked for twice.
fn distinct(hops: &[&Hop]) -> Vec<Hop> {
    let mut all: Vec<Hop> = Vec::new();
    for hop in hops {
        if !all.contains(hop) {
            all.push((*hop).clone());
        }
    }
    all
}

/// What is bound before anything runs.
struct Bound {
    datagrams: Vec<std::net::UdpSocket>,
    listeners: Vec<(tokio::net::TcpListener, Option<tokio_rustls::TlsAcceptor>)>,
    addresses: Arc<Addresses>,
}

fn bind(config: &SipConfig) -> Result<Bound, SipError> {
    let taken = |address| move |source| SipError::Bind { address, source };
    let mut addresses = Addresses::default();
    addresses.advertised.clone_from(&config.advertised);
    let (mut datagrams, mut listeners) = (Vec::new(), Vec::new());
    for address in std::iter::once(&config.bind).chain(&config.more_udp) {
        let socket = Udp::bind(*address).map_err(taken(*address))?;
        addresses.udp.push(socket.local_addr().map_err(taken(*address))?);
        datagrams.push(socket);
    }
    for address in &config.tcp {
        let listener = door::bind(*address).map_err(taken(*address))?;
        addresses.tcp.push(listener.local_addr().map_err(taken(*address))?);
        listeners.push((listener, None));
    }
    if !config.tls.is_empty() {
        let acceptor = tls::acceptor(config.tls_identity.as_ref().ok_or(SipError::NoCertificate)?)?;
        for address in &config.tls {
            let listener = door::bind(*address).map_err(taken(*address))?;
            addresses.tls.push(listener.local_addr().map_err(taken(*address))?);
            listeners.push((listener, Some(acceptor.clone())));
        }
    }
    Ok(Bound { datagrams, listeners, addresses: Arc::new(addresses) })
}

/// A seed that no other call has.
pub(crate) fn random_seed() -> Seed {
    Seed::new(rand::random())
}

fn options(timing: Timing) -> EndpointOption {
    EndpointOption {
        t1: timing.t1,
        t1x64: timing.transaction_life() + AFTER_THE_MACHINE,
        timerc: NEVER,
        auto_ack_2xx: false,
        ..EndpointOption::default()
    }
}

/// The endpoint did not start, for a reason that none of the named ones is.
fn failed(error: impl std::fmt::Display) -> SipError {
    SipError::Endpoint(error.to_string())
}
