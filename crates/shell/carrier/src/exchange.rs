//! The exchange: receives SIP, admits callers, and connects them with the customers of the script.

mod register;
mod route;

use std::net::SocketAddr;
use std::sync::Arc;

use rsipstack::EndpointBuilder;
use rsipstack::transaction::endpoint::EndpointOption;
use rsipstack::transport::udp::UdpConnection;
use rsipstack::transport::{SipConnection, TransportLayer};
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::digest::Gatekeeper;
use crate::journal::Journal;
use crate::{CarrierConfig, CarrierError};

use register::Register;
pub(crate) use register::Ticket;
use route::Exchange;

/// A running virtual carrier. Dropping it ends all calls without a BYE.
#[derive(Debug)]
pub struct Carrier {
    address: SocketAddr,
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

impl Carrier {
    /// Binds the address and begins to take calls.
    pub async fn start(config: CarrierConfig) -> Result<Self, CarrierError> {
        let refused = |why: String| CarrierError::Listen { listen: config.listen, why };
        let journal = Journal::open(config.log.as_deref())?;
        let stop = CancellationToken::new();
        let udp = UdpConnection::create_connection(config.listen, None, Some(stop.child_token()))
            .await
            .map_err(|e| refused(e.to_string()))?;
        let address = udp.get_addr().get_socketaddr().map_err(|e| refused(e.to_string()))?;
        let transport = TransportLayer::new(stop.child_token());
        transport.add_transport(SipConnection::from(udp));
        let endpoint = EndpointBuilder::new()
            .with_user_agent("huifang virtual carrier")
            .with_option(EndpointOption {
                callid_suffix: Some(address.ip().to_string()),
                ..EndpointOption::default()
            })
            .with_cancel_token(stop.child_token())
            .with_transport_layer(transport)
            .build();
        let incoming = endpoint.incoming_transactions().map_err(|e| CarrierError::Stack(e.to_string()))?;
        let exchange = Arc::new(Exchange {
            gatekeeper: config.script.trunk.clone().map(Gatekeeper::new),
            register: Register::new(config.script, journal),
            address,
        });
        let serving = tokio::spawn(async move {
            tokio::select! {
                () = endpoint.serve() => {}
                () = route::serve(exchange, incoming) => {}
            }
        });
        tracing::info!(%address, "virtual carrier listens");
        Ok(Self { address, stop, serving })
    }

    /// Where it listens; tells the port when 0 was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops taking calls and forgets those that are up.
    pub async fn stop(mut self) {
        self.stop.cancel();
        if let Err(error) = (&mut self.serving).await {
            tracing::warn!(%error, "the virtual carrier did not end cleanly");
        }
    }
}

impl Drop for Carrier {
    fn drop(&mut self) {
        self.stop.cancel();
        self.serving.abort();
    }
}

/// Runs a virtual carrier until SIGTERM or SIGINT.
pub async fn run(config: CarrierConfig) -> Result<(), CarrierError> {
    let listen = |kind| signal(kind).map_err(|e| CarrierError::Stack(e.to_string()));
    let (mut terminate, mut interrupt) = (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?);
    let carrier = Carrier::start(config).await?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    carrier.stop().await;
    Ok(())
}
