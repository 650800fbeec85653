//! The one way in: whatever comes from a socket or a stream passes the gate, and goes on to
//! rsipstack in canonical form.

use std::net::SocketAddr;
use std::time::Instant;

use rsipstack::sip::SipMessage;
use rsipstack::transaction::endpoint::EndpointInnerRef;
use rsipstack::transport::{SipAddr, SipConnection};
use uac::Transport;

use super::arrival;
use super::gate::{Gate, Verdict};
use crate::tap::Tap;

/// What all sockets and streams give their messages to.
pub(super) struct Intake {
    pub(super) gate: Gate,
    pub(super) tap: Tap,
    pub(super) endpoint: EndpointInnerRef,
}

impl Intake {
    /// Takes one message that came by `connection` from `from` to our address `local`, and when it came; what it
    /// returns is to be sent back.
    pub(super) async fn take(
        &self,
        (bytes, at): (&[u8], Instant),
        (transport, local, from): (Transport, SocketAddr, SocketAddr),
        connection: &SipConnection,
    ) -> Option<Vec<u8>> {
        let verdict = self.gate.admit((bytes, at), from, transport);
        if verdict != Verdict::Drop {
            self.tap.received(transport, local, from, bytes);
        }
        match verdict {
            Verdict::Pass(canonical) => {
                self.inject((&canonical, at), transport, from, connection).await;
                None
            }
            Verdict::Reply(reply) => Some(reply),
            Verdict::Taken | Verdict::Drop => None,
        }
    }

    /// Requests get the `received` and `rport` of their real source (RFC 3261 section 18.2.1,
    /// RFC 3581 section 4).
    async fn inject(
        &self,
        (canonical, at): (&[u8], Instant),
        transport: Transport,
        from: SocketAddr,
        connection: &SipConnection,
    ) {
        let transport = stack_transport(transport);
        let message = SipMessage::try_from(canonical).ok();
        let message =
            message.and_then(|message| SipConnection::update_msg_received(message, from, transport).ok());
        let Some(mut message) = message else {
            tracing::debug!(%from, "a message that passed the gate is none for the transaction layer");
            return;
        };
        arrival::note(&mut message, at);
        let source = SipAddr::new(transport, from.into());
        if let Err(error) = self.endpoint.on_received_message(message, connection.clone(), &source).await {
            tracing::debug!(%from, %error, "a message was not taken");
        }
    }
}

pub(super) fn stack_transport(transport: Transport) -> rsipstack::sip::Transport {
    match transport {
        Transport::Udp => rsipstack::sip::Transport::Udp,
        Transport::Tcp => rsipstack::sip::Transport::Tcp,
        Transport::Tls => rsipstack::sip::Transport::Tls,
    }
}
