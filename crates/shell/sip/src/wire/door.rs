//! Connections that peers open to us: taken from the trunks' addresses only, and not without end.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_rustls::TlsAcceptor;
use uac::Transport;

use super::Stopped;
use super::streams::{Streams, tune};

/// How long a peer may take to shake hands.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// How long to wait when the system has no more descriptors.
const PAUSE: Duration = Duration::from_millis(100);
const BACKLOG: u32 = 128;

/// Who may come in, and who is in.
#[derive(Debug)]
pub(super) struct Door {
    most: usize,
    most_per_source: usize,
    /// Addresses of each trunk.
    trunks: Mutex<HashMap<String, Vec<IpAddr>>>,
    inside: Mutex<HashMap<IpAddr, usize>>,
}

impl Door {
    pub(super) fn new(most: usize, most_per_source: usize) -> Self {
        Self { most, most_per_source, trunks: Mutex::default(), inside: Mutex::default() }
    }

    /// The addresses of a trunk are these from now on.
    pub(super) fn admit(&self, trunk: &str, addresses: Vec<IpAddr>) {
        self.trunks.lock().insert(trunk.to_owned(), addresses);
    }

    fn enter(self: &Arc<Self>, from: IpAddr) -> Option<Inside> {
        if !self.trunks.lock().values().flatten().any(|known| *known == from) {
            return None;
        }
        let mut inside = self.inside.lock();
        let all: usize = inside.values().sum();
        let own = inside.entry(from).or_default();
        if all >= self.most || *own >= self.most_per_source {
            return None;
        }
        *own += 1;
        Some(Inside { door: self.clone(), from })
    }
}

/// Counts a connection while it lives.
struct Inside {
    door: Arc<Door>,
    from: IpAddr,
}

impl Drop for Inside {
    fn drop(&mut self) {
        let mut inside = self.door.inside.lock();
        if let Some(count) = inside.get_mut(&self.from) {
            *count -= 1;
            if *count == 0 {
                inside.remove(&self.from);
            }
        }
    }
}

/// Binds a listener.
pub(super) fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A restart need not wait for old connections to be forgotten.
    socket.set_reuseaddr(true)?;
    if address.is_ipv6() {
        socket2::SockRef::from(&socket).set_only_v6(true)?;
    }
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Takes connections until the stack stops.
pub(super) async fn listen(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    door: Arc<Door>,
    streams: Arc<Streams>,
    stopped: Stopped,
) {
    loop {
        let accepted = tokio::select! {
            () = stopped.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, peer)) = accepted else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        // A stranger is told nothing.
        if let Some(inside) = door.enter(peer.ip()) {
            tokio::spawn(serve(stream, peer, tls.clone(), streams.clone(), inside));
        }
    }
}

async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<TlsAcceptor>,
    streams: Arc<Streams>,
    _inside: Inside,
) {
    let Ok(local) = stream.local_addr() else { return };
    if tune(&stream).is_err() {
        return;
    }
    let Some(tls) = tls else { return streams.adopt(stream, (Transport::Tcp, local, peer)).await };
    match tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await {
        Ok(Ok(stream)) => streams.adopt(stream, (Transport::Tls, local, peer)).await,
        Ok(Err(error)) => tracing::debug!(%peer, %error, "no TLS with a peer that connected"),
        Err(_) => tracing::debug!(%peer, "a peer that connected did not shake hands"),
    }
}
