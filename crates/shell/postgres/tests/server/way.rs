//! A way to a server that runs through us: what is asked on it is counted, and an answer can be lost.

use std::io;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinHandle;

/// As a server names its socket.
const SOCKET: &str = ".s.PGSQL.5432";
/// What an answer ends with: ready for the next question, no transaction open.
const READY: &[u8] = b"Z\0\0\0\x05I";
/// SSLRequest.
const ENCRYPTION: &[u8] = &80_877_103_u32.to_be_bytes();

pub(crate) struct Way {
    /// For whoever takes it.
    pub(crate) url: String,
    seen: Arc<Seen>,
    carrying: JoinHandle<()>,
    _folder: TempDir,
}

#[derive(Default)]
struct Seen {
    asked: AtomicU64,
    loses: AtomicBool,
}

impl Way {
    /// To the server of this URL, over its socket.
    pub(crate) fn to(url: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let listener = UnixListener::bind(folder.path().join(SOCKET)).unwrap();
        let server = PgConnectOptions::from_str(url).unwrap();
        let socket = server.get_socket().unwrap().join(SOCKET);
        let (_, query) = url.split_once('?').unwrap_or_default();
        let mut ours = server.socket(folder.path()).to_url_lossy();
        ours.set_query(Some(query));
        let seen = Arc::new(Seen::default());
        let watching = Arc::clone(&seen);
        let carrying = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = UnixStream::connect(&socket).await.unwrap();
                tokio::spawn(carry(client, server, Arc::clone(&watching)));
            }
        });
        Self { url: ours.to_string(), seen, carrying, _folder: folder }
    }

    /// How often somebody waited for the server so far.
    pub(crate) fn asked(&self) -> u64 {
        self.seen.asked.load(Ordering::SeqCst)
    }

    /// The next statement is carried out, but its answer reaches nobody: the connection is gone.
    pub(crate) fn lose_an_answer(&self) {
        self.seen.loses.store(true, Ordering::SeqCst);
    }

    /// Whether the answer has been lost.
    pub(crate) fn has_lost_it(&self) -> bool {
        !self.seen.loses.load(Ordering::SeqCst)
    }
}

impl Drop for Way {
    fn drop(&mut self) {
        self.carrying.abort();
    }
}

/// Until one side is gone, which then is what the other sees.
async fn carry(client: UnixStream, server: UnixStream, seen: Arc<Seen>) {
    let deaf = AtomicBool::new(false);
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    tokio::select! {
        _ = questions(from_client, to_server, &seen, &deaf) => {}
        _ = answers(from_server, to_client, &deaf) => {}
    }
}

/// Message by message (PostgreSQL, "Frontend/Backend Protocol"): the first has no type before its length.
async fn questions(
    mut client: OwnedReadHalf,
    mut server: OwnedWriteHalf,
    seen: &Seen,
    deaf: &AtomicBool,
) -> io::Result<()> {
    let (mut begun, mut executes) = (false, false);
    loop {
        let mut message = Vec::new();
        let kind = if begun { client.read_u8().await? } else { 0 };
        if begun {
            message.push(kind);
        }
        let length = client.read_u32().await?;
        message.extend(length.to_be_bytes());
        let head = message.len();
        message.resize(head + length as usize - 4, 0);
        client.read_exact(&mut message[head..]).await?;
        // Whoever asks for encryption is told that there is none, and begins anew.
        begun = begun || !message.ends_with(ENCRYPTION);
        executes |= kind == b'E';
        // Sync, and a simple query: here the client waits.
        if matches!(kind, b'S' | b'Q') {
            seen.asked.fetch_add(1, Ordering::SeqCst);
            if executes && seen.loses.swap(false, Ordering::SeqCst) {
                deaf.store(true, Ordering::SeqCst);
            }
            executes = false;
        }
        server.write_all(&message).await?;
    }
}

async fn answers(mut server: OwnedReadHalf, mut client: OwnedWriteHalf, deaf: &AtomicBool) -> io::Result<()> {
    let (mut part, mut lost) = (vec![0; 64 * 1024], Vec::new());
    loop {
        let read = server.read(&mut part).await?;
        if read == 0 {
            return Ok(());
        }
        if !deaf.load(Ordering::SeqCst) {
            client.write_all(&part[..read]).await?;
            continue;
        }
        lost.extend_from_slice(&part[..read]);
        if lost.ends_with(READY) {
            return Ok(());
        }
    }
}
