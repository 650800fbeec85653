//! Names to addresses of the socket's family.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::net::{UdpSocket, lookup_host};
use uac::{Hop, Transport};

/// A name server that takes longer is as good as none.
const PATIENCE: Duration = Duration::from_secs(3);

/// The address of the first hop that has one; else why there is none.
pub(super) async fn first(hops: &[&Hop], local: SocketAddr) -> Result<SocketAddr, String> {
    let mut why = "no way to the peer".to_owned();
    for hop in hops {
        match address_of(hop, local).await {
            Ok(address) => return Ok(address),
            Err(error) => why = error,
        }
    }
    Err(why)
}

async fn address_of(hop: &Hop, local: SocketAddr) -> Result<SocketAddr, String> {
    let fits = |address: &SocketAddr| address.is_ipv4() == local.is_ipv4();
    if let Some(address) = hop.address(Transport::Udp) {
        let foreign = || format!("{} is not of our socket's family", address.ip());
        return if fits(&address) { Ok(address) } else { Err(foreign()) };
    }
    let port = hop.port.unwrap_or(Transport::Udp.default_port());
    let found = tokio::time::timeout(PATIENCE, lookup_host((hop.host.as_str(), port))).await;
    match found {
        Err(_) => Err(format!("the name server did not answer for {}", hop.host)),
        Ok(Err(error)) => Err(format!("{} has no address: {error}", hop.host)),
        Ok(Ok(mut addresses)) => {
            addresses.find(fits).ok_or_else(|| format!("{} has no address of our socket's family", hop.host))
        }
    }
}

/// The address that the system would send from to `peer`.
pub(super) async fn source_towards(peer: &Hop, local: SocketAddr) -> Option<IpAddr> {
    let to = address_of(peer, local).await.ok()?;
    let socket = UdpSocket::bind(SocketAddr::new(local.ip(), 0)).await.ok()?;
    socket.connect(to).await.ok()?;
    socket.local_addr().ok().map(|address| address.ip())
}
