//! One stream connection while it lives: reads messages into the [`Intake`], writes what rsipstack
//! sends, keeps itself alive (RFC 5626 section 3.5.1), and ends at the first fault.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use parking_lot::Mutex;
use rsipstack::transport::channel::ChannelConnection;
use rsipstack::transport::connection::{TransportEvent, TransportReceiver};
use rsipstack::transport::{SipAddr, SipConnection};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::mpsc;
use tokio::time::Instant;
use uac::Transport;
use uac::framing::{Frame, Framer, PING, PONG, Unframed};

use super::Stopped;
use super::intake::{Intake, stack_transport};

/// How long the peer may take none of what we write.
const WRITE_PATIENCE: Duration = Duration::from_secs(5);
/// Most messages that wait for the peer to take them.
const MOST_WAITING: usize = 1024;
/// Most answers of our own that wait.
const MOST_REPLIES: usize = 64;
/// How long a peer may take over one message.
const MESSAGE_PATIENCE: Duration = Duration::from_secs(10);
/// A connection that carries nothing for this long is closed.
const IDLE: Duration = Duration::from_secs(600);
/// How long a peer that answers keep-alives may leave one unanswered (RFC 5626 section 4.4.1).
const PONG_PATIENCE: Duration = Duration::from_secs(10);
/// How long a last word may take.
const FAREWELL: Duration = Duration::from_secs(1);
const READ: usize = 16 * 1024;

/// A byte stream, with or without TLS.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// An open connection, as its users see it.
#[derive(Clone)]
pub(super) struct Link {
    pub(super) id: u64,
    pub(super) transport: Transport,
    /// Our end.
    pub(super) from: SocketAddr,
    pub(super) to: SocketAddr,
    pub(super) connection: SipConnection,
    /// Cancelled at its end; cancelling it ends it once what waits is written.
    pub(super) closed: Stopped,
}

impl Link {
    pub(super) fn is_up(&self) -> bool {
        !self.closed.is_cancelled()
    }
}

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
pub(super) enum Ended {
    #[error("the peer closed the connection")]
    ByPeer,
    #[error("the connection broke: {0}")]
    Broken(String),
    #[error("the peer sent {0}")]
    Unframed(#[from] Unframed),
    #[error("the peer sent half a message and stopped")]
    Halting,
    #[error("nothing passed for {} s", IDLE.as_secs())]
    Idle,
    #[error("the peer takes nothing of what we send")]
    Stuck,
    #[error("the peer no longer answers keep-alives")]
    Silent,
    #[error("the connection was closed by us")]
    ByUs,
}

/// The running of one link.
pub(super) struct Runner {
    pub(super) link: Link,
    pub(super) intake: Arc<Intake>,
    /// Our address as the peer knows it.
    pub(super) local: SocketAddr,
    /// Time between keep-alives of ours; a peer's connection has none.
    pub(super) keep_alive: Option<Duration>,
    outgoing: TransportReceiver,
    life: Life,
}

/// What reading tells writing.
struct Life {
    heard: Mutex<Instant>,
    /// The peer has answered a keep-alive.
    answers: AtomicBool,
}

impl Runner {
    pub(super) async fn new(
        (id, transport, from, to): (u64, Transport, SocketAddr, SocketAddr),
        intake: Arc<Intake>,
        closed: Stopped,
    ) -> Result<Self, String> {
        // What comes in goes straight to the intake, nothing by this channel.
        let (_, incoming) = mpsc::unbounded_channel();
        let (sender, outgoing) = mpsc::unbounded_channel();
        let address = SipAddr::new(stack_transport(transport), to.into());
        let channel = ChannelConnection::create_connection(incoming, sender, address, Some(closed.clone()));
        let connection = SipConnection::Channel(channel.await.map_err(|error| error.to_string())?);
        let link = Link { id, transport, from, to, connection, closed };
        let life = Life { heard: Mutex::new(Instant::now()), answers: AtomicBool::new(false) };
        Ok(Self { link, intake, local: from, keep_alive: None, outgoing, life })
    }

    /// Runs until the connection ends, and says why it did.
    pub(super) async fn run(
        self,
        stream: impl Stream,
        tls: impl Fn(&std::io::Error) -> Option<String>,
    ) -> Ended {
        let Self { link, intake, local, keep_alive, outgoing, life } = self;
        let (reader, mut writer) = tokio::io::split(stream);
        let (replies, answers) = mpsc::channel(MOST_REPLIES);
        let ended = {
            let reading = Reading { link: &link, intake: &intake, local, life: &life, replies, tls: &tls };
            let mut writing =
                Writing { link: &link, intake: &intake, local, life: &life, waiting: VecDeque::new() };
            tokio::select! {
                ended = reading.run(reader) => ended,
                ended = writing.run(&mut writer, outgoing, answers, keep_alive) => ended,
            }
        };
        link.closed.cancel();
        // Says goodbye where TLS has a word for it; whoever is gone does not hear it.
        let _ = tokio::time::timeout(FAREWELL, writer.shutdown()).await;
        ended
    }
}

struct Reading<'a, F> {
    link: &'a Link,
    intake: &'a Intake,
    local: SocketAddr,
    life: &'a Life,
    replies: mpsc::Sender<Vec<u8>>,
    tls: &'a F,
}

impl<F: Fn(&std::io::Error) -> Option<String>> Reading<'_, F> {
    async fn run(&self, mut reader: impl AsyncRead + Unpin) -> Ended {
        let mut framer = Framer::default();
        let mut buffer = vec![0; READ];
        let mut begun: Option<Instant> = None;
        loop {
            let (until, late) = match begun {
                Some(begun) => (begun + MESSAGE_PATIENCE, Ended::Halting),
                None => (Instant::now() + IDLE, Ended::Idle),
            };
            let length = match tokio::time::timeout_at(until, reader.read(&mut buffer)).await {
                Err(_) => return late,
                Ok(Ok(0)) => return Ended::ByPeer,
                Ok(Ok(length)) => length,
                Ok(Err(error)) => {
                    return Ended::Broken((self.tls)(&error).unwrap_or_else(|| error.to_string()));
                }
            };
            // A stream notes no moments: a message came with its last octets.
            let at = Instant::now();
            *self.life.heard.lock() = at;
            framer.push(&buffer[..length]);
            loop {
                match framer.cut() {
                    Ok(Some(frame)) => {
                        begun = None;
                        self.on_frame(frame, at.into_std()).await;
                    }
                    Ok(None) => break,
                    Err(unframed) => return unframed.into(),
                }
            }
            begun = framer.is_within_message().then(|| begun.unwrap_or_else(Instant::now));
        }
    }

    async fn on_frame(&self, frame: Frame, at: std::time::Instant) {
        let reply = match frame {
            Frame::Message(bytes) => {
                let place = (self.link.transport, self.local, self.link.to);
                self.intake.take((&bytes, at), place, &self.link.connection).await
            }
            Frame::Ping => Some(PONG.to_vec()),
            Frame::Pong => {
                self.life.answers.store(true, Ordering::Relaxed);
                None
            }
        };
        if let Some(reply) = reply {
            // A peer that asks and does not read loses the answers.
            let _ = self.replies.try_send(reply);
        }
    }
}

struct Writing<'a> {
    link: &'a Link,
    intake: &'a Intake,
    local: SocketAddr,
    life: &'a Life,
    waiting: VecDeque<Vec<u8>>,
}

impl Writing<'_> {
    async fn run(
        &mut self,
        writer: &mut (impl AsyncWrite + Unpin),
        mut outgoing: TransportReceiver,
        mut replies: mpsc::Receiver<Vec<u8>>,
        keep_alive: Option<Duration>,
    ) -> Ended {
        let mut pinged = Pinged::default();
        loop {
            let ping = keep_alive.map(|interval| pinged.next(*self.life.heard.lock(), interval));
            let bytes = if let Some(bytes) = self.waiting.pop_front() {
                bytes
            } else {
                tokio::select! {
                    biased;
                    Some(event) = outgoing.recv() => bytes_of(event),
                    Some(reply) = replies.recv() => reply,
                    // What waits is written first.
                    () = self.link.closed.cancelled() => return Ended::ByUs,
                    () = sleep_until(ping) => match pinged.due(self.life, keep_alive) {
                        Due::Ping => PING.to_vec(),
                        Due::Nothing => continue,
                        Due::End => return Ended::Silent,
                    },
                }
            };
            if let Err(ended) = self.write(&bytes, writer, &mut outgoing).await {
                return ended;
            }
        }
    }

    /// Writes one message; others wait meanwhile, but not without end.
    async fn write(
        &mut self,
        bytes: &[u8],
        writer: &mut (impl AsyncWrite + Unpin),
        outgoing: &mut TransportReceiver,
    ) -> Result<(), Ended> {
        let at = SystemTime::now();
        let written = tokio::time::timeout(WRITE_PATIENCE, async {
            writer.write_all(bytes).await?;
            writer.flush().await
        });
        tokio::pin!(written);
        loop {
            tokio::select! {
                biased;
                done = &mut written => {
                    done.map_err(|_| Ended::Stuck)?.map_err(|error| Ended::Broken(error.to_string()))?;
                    if bytes != PING && bytes != PONG {
                        self.intake.tap.sent(at, self.link.transport, self.local, self.link.to, bytes);
                    }
                    return Ok(());
                }
                Some(event) = outgoing.recv() => {
                    self.waiting.push_back(bytes_of(event));
                    if self.waiting.len() > MOST_WAITING {
                        return Err(Ended::Stuck);
                    }
                }
            }
        }
    }
}

/// Our last keep-alive.
#[derive(Default)]
struct Pinged {
    at: Option<Instant>,
    /// It is not known yet whether it was answered.
    owed: bool,
}

enum Due {
    Ping,
    Nothing,
    End,
}

impl Pinged {
    /// When to look again.
    fn next(&self, heard: Instant, interval: Duration) -> Instant {
        match self.at {
            Some(at) if self.owed => at + PONG_PATIENCE,
            Some(at) => at.max(heard) + interval,
            None => heard + interval,
        }
    }

    /// Asks a peer that was not heard for a while, and gives up one that used to answer.
    fn due(&mut self, life: &Life, interval: Option<Duration>) -> Due {
        let (heard, now) = (*life.heard.lock(), Instant::now());
        if self.owed {
            self.owed = false;
            let silent = self.at.is_some_and(|at| heard < at) && life.answers.load(Ordering::Relaxed);
            return if silent { Due::End } else { Due::Nothing };
        }
        if interval.is_some_and(|interval| self.next(heard, interval) > now) {
            return Due::Nothing;
        }
        *self = Self { at: Some(now), owed: true };
        Due::Ping
    }
}

/// rsipstack's channel calls what it sends out an incoming message of the other end.
fn bytes_of(event: TransportEvent) -> Vec<u8> {
    match event {
        TransportEvent::Incoming(message, ..) => message.to_bytes(),
        TransportEvent::New(_) | TransportEvent::Closed(_) => Vec::new(),
    }
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use rsipstack::EndpointBuilder;
    use rsipstack::sip::{Request, SipMessage};
    use tokio::io::DuplexStream;
    use tokio::task::JoinHandle;
    use uac::guard::Policy;

    use super::*;
    use crate::router::Router;
    use crate::tap::Tap;
    use crate::wire::client::Ongoing;
    use crate::wire::gate::Gate;
    use crate::wire::sentry::Sentry;

    const INTERVAL: Duration = Duration::from_secs(25);

    /// A link whose peer is the other end of the stream. Time passes at once where all wait.
    async fn link() -> (Link, DuplexStream, JoinHandle<Ended>) {
        let ongoing = Arc::new(Ongoing::default());
        let policy = Policy { trusted: vec!["127.0.0.1".parse().unwrap()], ..Policy::default() };
        let sentry = Arc::new(Sentry::new(policy));
        let gate = Gate::new(Arc::new(Router::default()), ongoing, sentry);
        let endpoint = EndpointBuilder::new().build().inner;
        let intake = Arc::new(Intake { gate, tap: Tap::default(), endpoint });
        let place: SocketAddr = ([127, 0, 0, 1], 5060).into();
        let mut runner =
            Runner::new((1, Transport::Tcp, place, place), intake, Stopped::new()).await.unwrap();
        runner.keep_alive = Some(INTERVAL);
        let link = runner.link.clone();
        let (ours, theirs) = tokio::io::duplex(4096);
        (link, theirs, tokio::spawn(runner.run(ours, |_| None)))
    }

    fn message() -> SipMessage {
        let bytes =
            b"OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP a;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\n\
            To: <sip:c@d>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";
        Request::try_from(bytes.to_vec()).unwrap().into()
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_takes_nothing_is_given_up() {
        let (link, _peer, running) = link().await;
        let begun = Instant::now();
        for _ in 0..100 {
            link.connection.send(message(), None).await.unwrap();
        }
        assert!(matches!(running.await.unwrap(), Ended::Stuck));
        assert!(begun.elapsed() < WRITE_PATIENCE * 2);
        assert!(!link.is_up() && link.connection.send(message(), None).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_than_so_many_messages_wait_for_it() {
        let (link, _peer, running) = link().await;
        let begun = Instant::now();
        for _ in 0..MOST_WAITING + 100 {
            link.connection.send(message(), None).await.unwrap();
        }
        assert!(matches!(running.await.unwrap(), Ended::Stuck));
        assert!(begun.elapsed() < WRITE_PATIENCE, "without waiting for its patience");
    }

    #[tokio::test(start_paused = true)]
    async fn half_a_message_does_not_hold_the_connection() {
        let (_link, mut peer, running) = link().await;
        let begun = Instant::now();
        // One byte now and then is no better than none.
        let drip = tokio::spawn(async move {
            while peer.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
        assert!(matches!(running.await.unwrap(), Ended::Halting));
        assert!(begun.elapsed() <= MESSAGE_PATIENCE + Duration::from_secs(1));
        drip.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_answered_keep_alives_and_stops_is_gone() {
        let (_link, mut peer, running) = link().await;
        let mut ping = [0; 4];
        peer.read_exact(&mut ping).await.unwrap();
        assert_eq!(ping, *PING);
        peer.write_all(PONG).await.unwrap();
        peer.read_exact(&mut ping).await.unwrap();
        let asked = Instant::now();
        assert!(matches!(running.await.unwrap(), Ended::Silent));
        assert_eq!(asked.elapsed(), PONG_PATIENCE);
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_never_answered_keep_alives_is_not_blamed() {
        let (_link, mut peer, running) = link().await;
        let begun = Instant::now();
        let mut pings = 0;
        let mut ping = [0; 4];
        while peer.read_exact(&mut ping).await.is_ok() {
            pings += 1;
        }
        assert!(matches!(running.await.unwrap(), Ended::Idle));
        assert_eq!(begun.elapsed(), IDLE);
        // The last interval ends with the connection: its ping may or may not leave before.
        assert!((23..=24).contains(&pings), "{pings} pings: one an interval");
    }

    #[tokio::test(start_paused = true)]
    async fn what_waits_is_written_before_we_close() {
        let (link, mut peer, running) = link().await;
        for _ in 0..3 {
            link.connection.send(message(), None).await.unwrap();
        }
        link.closed.cancel();
        assert!(matches!(running.await.unwrap(), Ended::ByUs));
        let mut all = String::new();
        peer.read_to_string(&mut all).await.unwrap();
        assert_eq!(all.matches("OPTIONS sip:a@b").count(), 3);
    }
}
