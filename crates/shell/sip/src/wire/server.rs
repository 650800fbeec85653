//! Server transactions: each has one owning task; the call answers through its event channel.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use parking_lot::Mutex;
use rsipstack::sip::SipMessage;
use rsipstack::sip::prelude::HeadersExt as _;
use rsipstack::transaction::key::TransactionKey;
use rsipstack::transaction::transaction::{TransactionEvent, TransactionEventSender};
use rsipstack::transaction::{Transaction, TransactionReceiver};
use rsipstack::transport::SipConnection;
use uac::machine::out_of_dialog;
use uac::{Input, Method, Request, Response, ServerKey};

use super::{Stopped, arrival, convert, random_seed};
use crate::inbound::{Admission, Doors};
use crate::router::{Mailbox, Router};

/// The server transactions under way.
pub(super) struct Servers {
    router: Arc<Router>,
    doors: Arc<Doors>,
    next: AtomicU64,
    open: Mutex<HashMap<ServerKey, (TransactionKey, TransactionEventSender)>>,
}

impl Servers {
    pub(super) fn new(router: Arc<Router>, doors: Arc<Doors>) -> Self {
        Self { router, doors, next: AtomicU64::new(0), open: Mutex::default() }
    }

    /// Takes requests until the stack stops.
    pub(super) async fn accept(self: Arc<Self>, mut incoming: TransactionReceiver, stopped: Stopped) {
        loop {
            tokio::select! {
                () = stopped.cancelled() => return,
                transaction = incoming.recv() => match transaction {
                    Some(transaction) => drop(tokio::spawn(self.clone().serve(transaction))),
                    None => return,
                },
            }
        }
    }

    pub(super) fn respond(&self, key: ServerKey, response: &Response) {
        let Some(response) = convert::outgoing_response(response) else { return };
        if let Some((_, events)) = self.open.lock().get(&key) {
            let _ = events.send(TransactionEvent::Respond(response));
        }
    }

    /// Answers a request that belongs to no call.
    pub(super) fn refuse(&self, key: ServerKey, request: &Request) {
        if let Some(response) = out_of_dialog(request, &random_seed().token()) {
            self.respond(key, &response);
        }
    }

    /// Transactions under way.
    pub(super) fn len(&self) -> usize {
        self.open.lock().len()
    }

    pub(super) fn end_all(&self) {
        for (key, events) in self.open.lock().values() {
            let _ = events.send(TransactionEvent::Terminate(key.clone()));
        }
    }

    /// Owns one transaction from its request to its end.
    async fn serve(self: Arc<Self>, mut transaction: Transaction) {
        let source = source_of(&transaction);
        let at = arrival::take(&mut transaction.original.headers);
        let (Some(request), Some(source)) = (convert::incoming(&transaction.original), source) else {
            return;
        };
        let key = self.next.fetch_add(1, Ordering::Relaxed);
        let events = transaction.tu_sender.clone();
        self.open.lock().insert(key, (transaction.key.clone(), events));
        let call = self.deliver(key, &request, (source.ip(), at));
        while let Some(message) = transaction.receive().await {
            if let (Some(call), SipMessage::Request(further)) = (&call, message) {
                forward(call, key, further, source.ip()).await;
            }
        }
        self.open.lock().remove(&key);
        let accepted =
            transaction.last_response.as_ref().is_some_and(|response| response.status_code.code() / 100 == 2);
        if let (Some(call), Method::Invite, true) = (&call, request.method, accepted) {
            // Harmless when the ACK did come: the call then waits for none.
            call.put(Instant::now(), Input::AckMissing(key)).await;
        }
    }

    /// Gives the request to its call, or answers it when there is none and it opens none.
    fn deliver(&self, key: ServerKey, request: &Request, (source, at): (IpAddr, Instant)) -> Option<Mailbox> {
        if let Some(call) = request.headers.call_id().and_then(|call_id| self.router.find(call_id)) {
            let told = call.try_put(at, Input::Request(key, request.clone(), source));
            if !told {
                self.refuse(key, request);
            }
            return told.then_some(call);
        }
        match self.doors.knock(key, request, source) {
            Admission::Call(call) => return Some(call),
            Admission::Refused(response) => self.respond(key, &response),
            Admission::Stranger => self.refuse(key, request),
        }
        None
    }
}

/// Where a request came from, as the intake has written it into its Via.
fn source_of(transaction: &Transaction) -> Option<SocketAddr> {
    let via = transaction.original.via_header().ok()?;
    let (_, source) = SipConnection::parse_target_from_via(via).ok()?;
    SocketAddr::try_from(source).ok()
}

/// The ACK or CANCEL of a request that the call already has.
async fn forward(call: &Mailbox, key: ServerKey, mut request: rsipstack::sip::Request, source: IpAddr) {
    let at = arrival::take(&mut request.headers);
    if let Some(request) = convert::incoming(&request) {
        call.put(at, Input::Request(key, request, source)).await;
    }
}
