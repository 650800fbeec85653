//! Client transactions: each has one owning task, since rsipstack's `Transaction` may not be
//! dropped between its steps; everybody else talks to it through its event channel.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use parking_lot::Mutex;
use rsipstack::sip::SipMessage;
use rsipstack::transaction::Transaction;
use rsipstack::transaction::endpoint::EndpointInnerRef;
use rsipstack::transaction::key::{TransactionKey, TransactionRole};
use rsipstack::transaction::transaction::{TransactionEvent, TransactionEventSender};
use uac::{Input, Method, Request, Sent, Transport};

use super::way::Way;
use super::{arrival, convert};
use crate::router::Mailbox;

/// The client transactions under way.
#[derive(Default)]
pub(super) struct Ongoing(Mutex<HashMap<Sent, Entry>>);

/// What became of the transactions on a connection that ended.
#[derive(Default)]
pub(super) struct Broken {
    /// INVITEs ring on it.
    pub(super) ringing: bool,
    /// Requests in calls that were not answered: they are repeated over the next connection.
    pub(super) unanswered: Vec<Request>,
}

struct Entry {
    mailbox: Mailbox,
    /// Not set while a name is looked up or a connection opened for it.
    running: Option<Running>,
    /// A response came: errors of the transport matter less.
    heard: bool,
    /// A 2xx to the INVITE is on its way through the transaction, which it ends.
    answered: bool,
    /// It is repeated already after its connection broke.
    repeated: bool,
}

struct Running {
    request: Request,
    key: TransactionKey,
    events: TransactionEventSender,
    transport: Transport,
    to: SocketAddr,
    link: Option<u64>,
}

impl Entry {
    /// Makes the owning task end; it drops the transaction.
    fn end(&self) {
        if let Some(running) = &self.running {
            let _ = running.events.send(TransactionEvent::Terminate(running.key.clone()));
        }
    }

    /// The request of a call that is not answered, once: the peer takes it for what it is if it had
    /// come before (RFC 3261 section 17.2.3).
    fn repeatable(&self) -> Option<Request> {
        let request = &self.running.as_ref()?.request;
        let in_call = request.headers.to_tag().is_some() || request.method == Method::Cancel;
        (in_call && !self.heard && !self.repeated).then(|| request.clone())
    }

    fn runs_on(&self, link: u64) -> bool {
        self.running.as_ref().is_some_and(|running| running.link == Some(link))
    }

    fn runs_to(&self, destination: SocketAddr) -> bool {
        self.running.as_ref().is_some_and(|running| running.link.is_none() && running.to == destination)
    }
}

impl std::fmt::Debug for Ongoing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Ongoing({})", self.0.lock().len())
    }
}

impl Ongoing {
    /// Notes a transaction that is about to be opened.
    pub(super) fn begin(&self, sent: &Sent, mailbox: &Mailbox) {
        let entry =
            Entry { mailbox: mailbox.clone(), running: None, heard: false, answered: false, repeated: false };
        self.0.lock().insert(sent.clone(), entry);
    }

    /// It could not be opened.
    pub(super) fn fail(&self, sent: &Sent, why: String) {
        if let Some(entry) = self.0.lock().remove(sent) {
            report_unreachable(&entry.mailbox, sent.clone(), why);
        }
    }

    /// Whether a 2xx to this INVITE is the first that its transaction gets, which is the only one
    /// that it gets.
    pub(super) fn is_first_answer(&self, sent: &Sent) -> bool {
        self.0.lock().get_mut(sent).is_some_and(|entry| !std::mem::replace(&mut entry.answered, true))
    }

    /// Where the request that a response names went; `None` when nobody waits for it.
    pub(super) fn asked(&self, sent: &Sent) -> Option<SocketAddr> {
        self.0.lock().get(sent)?.running.as_ref().map(|running| running.to)
    }

    /// How and where the INVITE of that branch went: its CANCEL takes the same way
    /// (RFC 3261 section 9.1).
    pub(super) fn way_of_invite(&self, branch: &str) -> Option<(Transport, SocketAddr)> {
        let invite = Sent { branch: branch.to_owned(), method: Method::Invite };
        let entries = self.0.lock();
        entries.get(&invite)?.running.as_ref().map(|running| (running.transport, running.to))
    }

    /// Whether the transaction is under way.
    pub(super) fn knows(&self, sent: &Sent) -> bool {
        self.0.lock().contains_key(sent)
    }

    /// Transactions under way, pings aside.
    pub(super) fn calls(&self) -> usize {
        self.0.lock().keys().filter(|sent| sent.method != Method::Options).count()
    }

    pub(super) fn end(&self, sent: &Sent) {
        let mut entries = self.0.lock();
        match entries.get(sent) {
            // Its task finds out that nobody waits for it.
            Some(entry) if entry.running.is_none() => drop(entries.remove(sent)),
            Some(entry) => entry.end(),
            None => {}
        }
    }

    pub(super) fn end_all(&self) {
        let mut entries = self.0.lock();
        entries.values().for_each(Entry::end);
        entries.retain(|_, entry| entry.running.is_some());
    }

    /// Every transaction by datagrams to `destination` that has heard nothing yet has failed
    /// (RFC 3261 section 18.4).
    pub(super) fn unreachable(&self, destination: SocketAddr, error: &std::io::Error) {
        let entries = self.0.lock();
        for (sent, entry) in entries.iter().filter(|(_, entry)| entry.runs_to(destination) && !entry.heard) {
            report_unreachable(&entry.mailbox, sent.clone(), error.to_string());
            entry.end();
        }
    }

    /// Every transaction on a connection that ended has failed, but for INVITEs that ring and
    /// requests in calls, which get another chance.
    pub(super) fn broken(&self, link: u64, why: &str) -> Broken {
        let mut entries = self.0.lock();
        let mut broken = Broken::default();
        for (sent, entry) in entries.iter_mut().filter(|(_, entry)| entry.runs_on(link)) {
            if sent.method == Method::Invite && entry.heard {
                broken.ringing = true;
            } else if let Some(request) = entry.repeatable() {
                entry.end();
                (entry.running, entry.repeated) = (None, true);
                broken.unanswered.push(request);
            } else {
                report_unreachable(&entry.mailbox, sent.clone(), why.to_owned());
                entry.end();
            }
        }
        broken
    }

    /// The peer of a connection that ended cannot be reached again: what rang there has failed too.
    pub(super) fn gone(&self, link: u64, why: &str) {
        let entries = self.0.lock();
        for (sent, entry) in entries.iter().filter(|(_, entry)| entry.runs_on(link)) {
            report_unreachable(&entry.mailbox, sent.clone(), why.to_owned());
            entry.end();
        }
    }

    fn heard(&self, sent: &Sent) {
        if let Some(entry) = self.0.lock().get_mut(sent) {
            entry.heard = true;
        }
    }

    /// The transaction has ended; the one that repeats its request has not.
    fn retire(&self, sent: &Sent, events: &TransactionEventSender) {
        let mut entries = self.0.lock();
        let own =
            |entry: &Entry| entry.running.as_ref().is_some_and(|running| running.events.same_channel(events));
        if entries.get(sent).is_some_and(own) {
            entries.remove(sent);
        }
    }

    /// Whether somebody still waits for it.
    fn run(&self, sent: &Sent, running: Running) -> Option<Mailbox> {
        let mut entries = self.0.lock();
        let entry = entries.get_mut(sent)?;
        entry.running = Some(running);
        Some(entry.mailbox.clone())
    }
}

/// A full mailbox loses the report; then the machine's own time-out tells.
fn report_unreachable(mailbox: &Mailbox, sent: Sent, why: String) {
    mailbox.try_put(Instant::now(), Input::Unreachable(sent, why));
}

/// Starts a transaction that was begun; else says why it cannot be.
pub(super) fn start(
    ongoing: &Arc<Ongoing>,
    endpoint: &EndpointInnerRef,
    request: &Request,
    way: &Way,
) -> Result<(), String> {
    let original =
        convert::outgoing(request).ok_or("the request cannot be written: the peer's URI is malformed")?;
    let key = TransactionKey::from_request(&original, TransactionRole::Client)
        .map_err(|error| error.to_string())?;
    let connection = Some(way.connection());
    let mut transaction = Transaction::new_client(key.clone(), original, endpoint.clone(), connection);
    transaction.destination = Some(way.destination());
    let running = Running {
        request: request.clone(),
        key: key.clone(),
        events: transaction.tu_sender.clone(),
        transport: way.transport(),
        to: way.to(),
        link: way.link().map(|link| link.id),
    };
    let sent = Sent::by(request);
    let Some(mailbox) = ongoing.run(&sent, running) else { return Ok(()) };
    // It may have broken before it was known what it carries.
    if way.link().is_some_and(|link| !link.is_up()) {
        return Err(format!("{}: the connection has just broken", way.to()));
    }
    let events = transaction.tu_sender.clone();
    let owner = Owner { sent, events, to: way.to(), mailbox, ongoing: ongoing.clone() };
    tokio::spawn(owner.drive(transaction));
    Ok(())
}

struct Owner {
    sent: Sent,
    events: TransactionEventSender,
    to: SocketAddr,
    mailbox: Mailbox,
    ongoing: Arc<Ongoing>,
}

impl Owner {
    async fn drive(self, mut transaction: Transaction) {
        if let Err(error) = transaction.send().await {
            report_unreachable(&self.mailbox, self.sent.clone(), error.to_string());
        } else {
            match self.sent.method {
                Method::Invite => self.mailbox.invite_left(),
                // By a stream it may still wait behind other messages.
                Method::Bye => self.mailbox.put(Instant::now(), Input::Left(self.sent.clone())).await,
                _ => {}
            }
            while let Some(message) = transaction.receive().await {
                self.on_message(message).await;
            }
        }
        self.ongoing.retire(&self.sent, &self.events);
    }

    async fn on_message(&self, message: SipMessage) {
        let SipMessage::Response(mut response) = message else { return };
        let at = arrival::take(&mut response.headers);
        self.ongoing.heard(&self.sent);
        let Some(response) = convert::incoming_response(&response) else { return };
        // A call that is gone wants no response, but the transaction still has its course to run.
        self.mailbox.put(at, Input::Response(response, self.to.ip())).await;
    }
}
