//! The seam to rsipstack: requests, responses and ACKs out, machine inputs in. Its types end here.
//!
//! Of rsipstack we use the UDP transport and the transaction layer only. Two of its habits are
//! turned off: ACKs of a 2xx are the machine's (`auto_ack_2xx`: false), and the [`gate`] sees to
//! it that the machine gets every 2xx; its time-outs come later than the machine's own.

mod client;
mod convert;
mod gate;
mod icmp;
mod resolve;
mod server;
mod socket;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rsipstack::EndpointBuilder;
use rsipstack::transaction::endpoint::{EndpointInnerRef, EndpointOption};
use rsipstack::transport::udp::UdpConnection;
use rsipstack::transport::{SipAddr, SipConnection, TransportLayer};
pub(crate) use tokio_util::sync::CancellationToken as Stopped;
use uac::{Hop, Request, Response, Seed, Sent, ServerKey, Timing};

use crate::config::SipConfig;
use crate::error::SipError;
use crate::router::{Mailbox, Router};
use client::Ongoing;
use gate::Gate;
use server::Servers;
use socket::GatedSocket;

/// How much later than the machine rsipstack gives up, so that the machine always decides.
const AFTER_THE_MACHINE: Duration = Duration::from_secs(1);
/// Far beyond any call's ringing: the machine has its own limit (rsipstack's timer C is a proxy's).
const NEVER: Duration = Duration::from_secs(24 * 3600);

/// The endpoint.
pub(crate) struct Wire {
    endpoint: EndpointInnerRef,
    connection: SipConnection,
    local: SocketAddr,
    advertised: Option<SocketAddr>,
    ongoing: Arc<Ongoing>,
    servers: Arc<Servers>,
    stopped: Stopped,
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Wire({})", self.local)
    }
}

impl Wire {
    pub(crate) async fn start(
        config: &SipConfig,
        timing: Timing,
        router: Arc<Router>,
    ) -> Result<Self, SipError> {
        let ongoing = Arc::new(Ongoing::default());
        let stopped = Stopped::new();
        let gate = Gate::new(router.clone(), ongoing.clone());
        let bind = |source| SipError::Bind { address: config.bind, source };
        let socket = GatedSocket::bind(config, gate).map_err(bind)?;
        let local = socket.local_addr().map_err(bind)?;
        let failed = |error: rsipstack::Error| SipError::Endpoint(error.to_string());
        let connection = UdpConnection::from_socket(Arc::new(socket), None, Some(stopped.clone()))
            .await
            .map_err(failed)?;
        let transport = TransportLayer::new(stopped.clone());
        transport.add_transport(connection.clone().into());
        let endpoint = EndpointBuilder::new()
            .with_user_agent(&config.user_agent)
            .with_transport_layer(transport)
            .with_cancel_token(stopped.clone())
            .with_option(options(timing))
            .build();
        let incoming = endpoint.incoming_transactions().map_err(failed)?;
        let servers = Arc::new(Servers::new(router));
        tokio::spawn(servers.clone().accept(incoming, stopped.clone()));
        let inner = endpoint.inner.clone();
        tokio::spawn(async move { endpoint.serve().await });
        let advertised = config.advertised_at(local);
        let connection = SipConnection::Udp(connection);
        Ok(Self { endpoint: inner, connection, local, advertised, ongoing, servers, stopped })
    }

    pub(crate) fn local_addr(&self) -> SocketAddr {
        self.local
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

    /// Our address as `peer` sees it: the advertised one, the bound one, or that of the interface
    /// that leads to the peer.
    pub(crate) async fn local_towards(&self, peer: &Hop) -> Hop {
        let address = match self.advertised {
            Some(advertised) => advertised,
            None if !self.local.ip().is_unspecified() => self.local,
            None => {
                let ip = resolve::source_towards(peer, self.local).await.unwrap_or(self.local.ip());
                SocketAddr::new(ip, self.local.port())
            }
        };
        Hop { host: address.ip().to_string(), port: Some(address.port()), transport: None }
    }

    /// Opens a client transaction to the first of `hops` that resolves; what comes of it goes to
    /// `mailbox`.
    pub(crate) async fn open(&self, request: Request, hops: &[&Hop], mailbox: &Mailbox) {
        let sent = Sent::by(&request);
        let opened = match resolve::first(hops, self.local).await {
            Ok(to) => client::open(self, &request, to, mailbox),
            Err(why) => Err(why),
        };
        if let Err(why) = opened {
            client::report_unreachable(mailbox, sent, why);
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

    /// Sends the ACK of a 2xx. A lost one is sent again when the 2xx comes again.
    pub(crate) async fn send_ack(&self, ack: &Request, hops: &[&Hop]) {
        let sent = match (resolve::first(hops, self.local).await, convert::outgoing(ack)) {
            (Ok(to), Some(ack)) => {
                self.connection.send(ack.into(), Some(&sip_addr(to))).await.map_err(|error| error.to_string())
            }
            (Err(why), _) => Err(why),
            (_, None) => Err("the peer's Contact cannot be written".to_owned()),
        };
        if let Err(why) = sent {
            tracing::warn!(why, "an ACK could not be sent");
        }
    }

    /// Answers a server transaction.
    pub(crate) fn respond(&self, key: ServerKey, response: &Response) {
        self.servers.respond(key, response);
    }

    /// Answers a server transaction of a call that is gone.
    pub(crate) fn refuse(&self, key: ServerKey, request: &Request) {
        self.servers.refuse(key, request);
    }
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

fn sip_addr(address: SocketAddr) -> SipAddr {
    SipAddr::new(rsipstack::sip::Transport::Udp, address.into())
}
