//! Client transactions: each has one owning task, since rsipstack's `Transaction` may not be
//! dropped between its steps; everybody else talks to it through its event channel.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use parking_lot::Mutex;
use rsipstack::sip::SipMessage;
use rsipstack::transaction::Transaction;
use rsipstack::transaction::key::{TransactionKey, TransactionRole};
use rsipstack::transaction::transaction::{TransactionEvent, TransactionEventSender};
use uac::{Input, Method, Request, Sent};

use super::{Wire, convert, sip_addr};
use crate::router::Mailbox;

/// The client transactions under way.
#[derive(Default)]
pub(super) struct Ongoing(Mutex<HashMap<Sent, Entry>>);

struct Entry {
    key: TransactionKey,
    events: TransactionEventSender,
    to: SocketAddr,
    mailbox: Mailbox,
    /// A response came: ICMP errors no longer matter.
    heard: bool,
    /// A 2xx to the INVITE is on its way through the transaction, which it ends.
    answered: bool,
}

impl Entry {
    /// Makes the owning task end; it drops the transaction.
    fn end(&self) {
        let _ = self.events.send(TransactionEvent::Terminate(self.key.clone()));
    }
}

impl std::fmt::Debug for Ongoing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Ongoing({})", self.0.lock().len())
    }
}

impl Ongoing {
    /// Whether a 2xx to this INVITE is the first that its transaction gets, which is the only one
    /// that it gets.
    pub(super) fn is_first_answer(&self, sent: &Sent) -> bool {
        self.0.lock().get_mut(sent).is_some_and(|entry| !std::mem::replace(&mut entry.answered, true))
    }

    /// Transactions under way, pings aside.
    pub(super) fn calls(&self) -> usize {
        self.0.lock().keys().filter(|sent| sent.method != Method::Options).count()
    }

    pub(super) fn end(&self, sent: &Sent) {
        if let Some(entry) = self.0.lock().get(sent) {
            entry.end();
        }
    }

    pub(super) fn end_all(&self) {
        self.0.lock().values().for_each(Entry::end);
    }

    /// Every transaction to `destination` that has heard nothing yet has failed
    /// (RFC 3261 section 18.4).
    pub(super) fn unreachable(&self, destination: SocketAddr, error: &std::io::Error) {
        let entries = self.0.lock();
        for (sent, entry) in entries.iter().filter(|(_, entry)| entry.to == destination && !entry.heard) {
            report_unreachable(&entry.mailbox, sent.clone(), error.to_string());
            entry.end();
        }
    }

    fn heard(&self, sent: &Sent) {
        if let Some(entry) = self.0.lock().get_mut(sent) {
            entry.heard = true;
        }
    }
}

/// A full mailbox loses the report; then the machine's own time-out tells.
pub(super) fn report_unreachable(mailbox: &Mailbox, sent: Sent, why: String) {
    let _ = mailbox.try_send(Input::Unreachable(sent, why));
}

/// Starts a transaction; else says why it cannot be.
pub(super) fn open(wire: &Wire, request: &Request, to: SocketAddr, mailbox: &Mailbox) -> Result<(), String> {
    let original =
        convert::outgoing(request).ok_or("the request cannot be written: the peer's URI is malformed")?;
    let key = TransactionKey::from_request(&original, TransactionRole::Client)
        .map_err(|error| error.to_string())?;
    let connection = Some(wire.connection.clone());
    let mut transaction = Transaction::new_client(key.clone(), original, wire.endpoint.clone(), connection);
    transaction.destination = Some(sip_addr(to));
    let entry = Entry {
        key,
        events: transaction.tu_sender.clone(),
        to,
        mailbox: mailbox.clone(),
        heard: false,
        answered: false,
    };
    let sent = Sent::by(request);
    wire.ongoing.0.lock().insert(sent.clone(), entry);
    let owner = Owner { sent, to, mailbox: mailbox.clone(), ongoing: wire.ongoing.clone() };
    tokio::spawn(owner.drive(transaction));
    Ok(())
}

struct Owner {
    sent: Sent,
    to: SocketAddr,
    mailbox: Mailbox,
    ongoing: Arc<Ongoing>,
}

impl Owner {
    async fn drive(self, mut transaction: Transaction) {
        if let Err(error) = transaction.send().await {
            report_unreachable(&self.mailbox, self.sent.clone(), error.to_string());
        } else {
            while let Some(message) = transaction.receive().await {
                self.on_message(message).await;
            }
        }
        self.ongoing.0.lock().remove(&self.sent);
    }

    async fn on_message(&self, message: SipMessage) {
        let SipMessage::Response(response) = message else { return };
        self.ongoing.heard(&self.sent);
        let Some(response) = convert::incoming_response(&response) else { return };
        // A call that is gone wants no response, but the transaction still has its course to run.
        let _ = self.mailbox.send(Input::Response(response, self.to.ip())).await;
    }
}
