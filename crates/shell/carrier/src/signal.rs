//! The carrier's end of one SIP dialog (RFC 3261 section 12.1.1): responses, and our BYE.

use std::net::SocketAddr;

use rsipstack::sip::{Header, HeadersExt as _, Method, Param, Request, SipMessage, StatusCode, Uri, typed};
use rsipstack::transaction::endpoint::EndpointInnerRef;
use rsipstack::transaction::key::{TransactionKey, TransactionRole};
use rsipstack::transaction::transaction::{Transaction, TransactionEvent, TransactionEventSender};
use tokio::sync::mpsc::UnboundedSender;

use crate::sdp::Terms;

/// Methods named in Allow.
pub(crate) const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE";

/// Something that happened to a call from outside.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fact {
    /// The caller gave up before the answer.
    Cancelled,
    /// The caller acknowledged our final response.
    Acknowledged,
    /// The caller hung up.
    HungUp,
    /// The caller's media moved.
    Moved(Terms),
    /// The INVITE transaction is over.
    TransactionOver,
}

/// One dialog, seen from the called side.
#[derive(Debug, Clone)]
pub(crate) struct Signal {
    endpoint: Endpoint,
    /// The INVITE, its To bearing our tag.
    invite: Request,
    responder: TransactionEventSender,
    contact: SocketAddr,
}

/// The endpoint, which has no `Debug` of its own.
#[derive(Clone)]
struct Endpoint(EndpointInnerRef);

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Endpoint")
    }
}

impl Signal {
    /// Takes over an INVITE whose To already bears our tag. The transaction gets a task of its
    /// own, since its methods must not be cancelled; it reports to `facts`.
    pub(crate) fn take(transaction: Transaction, contact: SocketAddr, facts: UnboundedSender<Fact>) -> Self {
        let signal = Self {
            endpoint: Endpoint(transaction.endpoint_inner.clone()),
            invite: transaction.original.clone(),
            responder: transaction.tu_sender.clone(),
            contact,
        };
        tokio::spawn(follow(transaction, facts));
        signal
    }

    /// Sends a response; the transaction repeats it as needed.
    pub(crate) fn respond(&self, status: u16, reason: Option<(u8, &str)>, sdp: Option<Vec<u8>>) {
        let has_sdp = sdp.is_some();
        let mut response = self.endpoint.0.make_response(&self.invite, StatusCode::from(status), sdp);
        if has_sdp {
            response.headers.push(Header::ContentType("application/sdp".into()));
        }
        if status < 300 {
            response.headers.push(Header::Contact(format!("<sip:{}>", self.contact).into()));
            response.headers.push(Header::Allow(ALLOW.into()));
            let routes = self.invite.headers.iter().filter(|h| matches!(h, Header::RecordRoute(_))).cloned();
            response.headers.extend(routes.collect());
        }
        if let Some((cause, text)) = reason {
            response.headers.push(Header::Reason(format!(r#"Q.850;cause={cause};text="{text}""#).into()));
        }
        // A closed channel means that the transaction has ended: nobody waits for this response.
        let _ = self.responder.send(TransactionEvent::Respond(response));
    }

    /// Sends BYE and sees it through in the background.
    pub(crate) fn hang_up(&self) {
        match self.bye() {
            Ok(transaction) => {
                tokio::spawn(deliver(transaction));
            }
            Err(error) => tracing::warn!(%error, "no BYE can be made for this dialog"),
        }
    }

    #[expect(clippy::result_large_err, reason = "the error type is the SIP stack's")]
    fn bye(&self) -> rsipstack::Result<Transaction> {
        let endpoint = &self.endpoint.0;
        let to = typed::To::parse(self.invite.to_header()?.value())?;
        let from = typed::From::parse(self.invite.from_header()?.value())?;
        let target = match self.invite.contact_header() {
            Ok(contact) => typed::Contact::parse(contact.value())?.uri,
            Err(_) => from.uri.clone(),
        };
        let mut request = endpoint.make_request(
            Method::Bye,
            target,
            endpoint.get_via(None, None)?,
            typed::From { display_name: None, uri: to.uri, params: to.params },
            typed::To { display_name: None, uri: from.uri, params: from.params },
            1,
            Some(self.invite.call_id_header()?.clone()),
        );
        for header in self.invite.headers.iter() {
            if let Header::RecordRoute(route) = header {
                request.headers.push(Header::Route(route.value().into()));
            }
        }
        let key = TransactionKey::from_request(&request, TransactionRole::Client)?;
        Ok(Transaction::new_client(key, request, endpoint.clone(), None))
    }
}

async fn follow(mut transaction: Transaction, facts: UnboundedSender<Fact>) {
    // A receiver that is gone has ended its call; the transaction still runs to its own end.
    if let Err(error) = transaction.send_trying().await {
        tracing::warn!(%error, "100 could not be sent");
    }
    while let Some(message) = transaction.receive().await {
        let SipMessage::Request(request) = message else { continue };
        let _ = match request.method {
            Method::Cancel => facts.send(Fact::Cancelled),
            Method::Ack => facts.send(Fact::Acknowledged),
            _ => Ok(()),
        };
    }
    let _ = facts.send(Fact::TransactionOver);
}

async fn deliver(mut transaction: Transaction) {
    if let Err(error) = transaction.send().await {
        tracing::warn!(%error, "BYE could not be sent");
        return;
    }
    while let Some(message) = transaction.receive().await {
        if let SipMessage::Response(response) = message {
            tracing::debug!(status = response.status_code.code(), "BYE answered");
        }
    }
}

/// Gives the To of a request our tag, unless it has one.
#[expect(clippy::result_large_err, reason = "the error type is the SIP stack's")]
pub(crate) fn tag(request: &mut Request, tag: &str) -> rsipstack::Result<()> {
    let to = request.to_header()?;
    if to.tag()?.is_none() {
        let tagged = typed::To::parse(to.value())?;
        let tagged =
            typed::To { params: [tagged.params, vec![Param::Tag(tag.to_owned().into())]].concat(), ..tagged };
        request.headers.unique_push(tagged.into());
    }
    Ok(())
}

/// User part of who is calling: P-Asserted-Identity before From (RFC 3325).
pub(crate) fn caller(request: &Request) -> String {
    let asserted = request.headers.iter().find_map(|header| match header {
        Header::PAssertedIdentity(identity) => user_in(identity.value()),
        _ => None,
    });
    let from = || request.from_header().ok().and_then(|from| from.uri().ok()).and_then(|uri| user_of(&uri));
    asserted.or_else(from).unwrap_or_default()
}

fn user_in(identity: &str) -> Option<String> {
    let uri = identity.split('<').nth(1).map_or(identity, |rest| rest.split('>').next().unwrap_or(rest));
    Uri::try_from(uri).ok().and_then(|uri| user_of(&uri))
}

fn user_of(uri: &Uri) -> Option<String> {
    uri.user().map(str::to_owned)
}
