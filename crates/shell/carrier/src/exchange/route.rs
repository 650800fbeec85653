//! Which request goes where.

use std::net::SocketAddr;
use std::sync::Arc;

use rsipstack::sip::{Header, HeadersExt as _, Method, Request, StatusCode};
use rsipstack::transaction::{TransactionReceiver, random_text, transaction::Transaction};
use tokio::sync::mpsc::unbounded_channel;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::register::{DialogKey, Register};
use crate::call::{Call, Tally};
use crate::digest::Gatekeeper;
use crate::sdp;
use crate::signal::{self, ALLOW, Fact, Signal};
use crate::stream::Stream;

/// What serves the requests.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) gatekeeper: Option<Gatekeeper>,
    pub(crate) register: Arc<Register>,
    pub(crate) address: SocketAddr,
}

/// Takes requests until it is dropped, and all calls with it.
pub(crate) async fn serve(exchange: Arc<Exchange>, mut incoming: TransactionReceiver) {
    let mut requests = JoinSet::new();
    loop {
        tokio::select! {
            received = incoming.recv() => {
                let Some(transaction) = received else { return };
                let exchange = Arc::clone(&exchange);
                requests.spawn(async move {
                    if let Err(error) = exchange.take(transaction).await {
                        tracing::warn!(%error, "a request could not be served");
                    }
                });
            }
            Some(served) = requests.join_next() => {
                if let Err(error) = served {
                    tracing::error!(%error, "a call broke off");
                }
            }
        }
    }
}

impl Exchange {
    async fn take(&self, mut transaction: Transaction) -> rsipstack::Result<()> {
        let request = &transaction.original;
        let dialog = dialog_of(request);
        match (request.method, dialog) {
            (Method::Invite, None) => self.invite(transaction).await,
            (Method::Invite | Method::Update, Some(key)) => self.offer_again(transaction, &key).await,
            (Method::Bye, Some(key)) => {
                let known = self.register.tell(&key, Some(Fact::HungUp)).is_some();
                reply(&mut transaction, if known { 200 } else { 481 }, vec![]).await
            }
            (Method::Options, _) => reply(&mut transaction, 200, vec![Header::Allow(ALLOW.into())]).await,
            (_, Some(key)) if self.register.tell(&key, None).is_none() => {
                reply(&mut transaction, 481, vec![]).await
            }
            _ => reply(&mut transaction, 405, vec![Header::Allow(ALLOW.into())]).await,
        }
    }

    async fn invite(&self, mut transaction: Transaction) -> rsipstack::Result<()> {
        if let Some(challenge) = self.challenge(&transaction.original) {
            let header = Header::ProxyAuthenticate(challenge.into());
            return reply(&mut transaction, 407, vec![header]).await;
        }
        let terms = match sdp::accept(transaction.original.body()) {
            Ok(terms) => terms,
            Err(why) => {
                tracing::warn!(%why, "a call was refused with 488");
                return reply(&mut transaction, 488, vec![]).await;
            }
        };
        let seed = rand_seed();
        let stream = Stream::open(self.address.ip(), terms, seed).await;
        let (stream, local) = match stream.and_then(|stream| stream.local().map(|local| (stream, local))) {
            Ok(opened) => opened,
            Err(error) => {
                tracing::error!(%error, "no port for media; a call was refused with 503");
                return reply(&mut transaction, 503, vec![]).await;
            }
        };
        let tag = random_text(10);
        signal::tag(&mut transaction.original, &tag)?;
        let request = &transaction.original;
        let key = (request.call_id_header()?.value().to_owned(), tag);
        let number = request.uri.user().unwrap_or_default().to_owned();
        let caller = signal::caller(request);
        let answer = sdp::answer(&terms, local);
        let (sender, facts) = unbounded_channel();
        let (ticket, behaviour) = self.register.enter(key, number, caller, sender.clone(), answer.clone());
        let signal = Signal::take(transaction, self.address, sender);
        let (began, tally) = (Instant::now(), Tally::default());
        Call { ticket, signal, facts, stream, answer, seed, began, tally }.run(behaviour).await;
        Ok(())
    }

    /// A challenge to send, unless the caller is admitted.
    fn challenge(&self, request: &Request) -> Option<String> {
        let gatekeeper = self.gatekeeper.as_ref()?;
        let admitted = request.headers.iter().any(|header| match header {
            Header::ProxyAuthorization(answer) => gatekeeper.admits(answer.value(), "INVITE"),
            _ => false,
        });
        (!admitted).then(|| gatekeeper.challenge())
    }

    /// A re-INVITE or UPDATE: the session stays as it is, its media may move.
    async fn offer_again(&self, mut transaction: Transaction, key: &DialogKey) -> rsipstack::Result<()> {
        let fact = sdp::accept(transaction.original.body()).ok().map(Fact::Moved);
        let has_offer = !transaction.original.body().is_empty();
        if has_offer && fact.is_none() {
            return reply(&mut transaction, 488, vec![]).await;
        }
        let wants_sdp = has_offer || transaction.original.method == Method::Invite;
        let Some(ours) = self.register.tell(key, fact) else {
            return reply(&mut transaction, 481, vec![]).await;
        };
        let contact = Header::Contact(format!("<sip:{}>", self.address).into());
        let (headers, body) = if wants_sdp {
            (vec![contact, Header::ContentType("application/sdp".into())], Some(ours))
        } else {
            (vec![contact], None)
        };
        transaction.reply_with(StatusCode::OK, headers, body).await?;
        while transaction.receive().await.is_some() {}
        Ok(())
    }
}

/// Responds and sees the transaction to its end.
async fn reply(transaction: &mut Transaction, status: u16, headers: Vec<Header>) -> rsipstack::Result<()> {
    transaction.reply_with(StatusCode::from(status), headers, None).await?;
    while transaction.receive().await.is_some() {}
    Ok(())
}

/// The dialog that a request belongs to: it bears our tag.
fn dialog_of(request: &Request) -> Option<DialogKey> {
    let tag = request.to_header().ok()?.tag().ok()??;
    Some((request.call_id_header().ok()?.value().to_owned(), tag.value().to_owned()))
}

/// Tells the noise and the RTP numbers of calls apart.
fn rand_seed() -> u32 {
    random_text(4).bytes().fold(0, |seed, byte| (seed << 8) | u32::from(byte))
}
