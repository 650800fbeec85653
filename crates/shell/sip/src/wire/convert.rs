//! Between our messages and rsipstack's, by their wire form.

use uac::{Message, Request, Response, wire};

/// A request for rsipstack; `None` when the peer gave us a URI that it cannot hold.
pub(super) fn outgoing(request: &Request) -> Option<rsipstack::sip::Request> {
    rsipstack::sip::Request::try_from(wire::request_bytes(request)).ok()
}

/// A response for rsipstack.
pub(super) fn outgoing_response(response: &Response) -> Option<rsipstack::sip::Response> {
    rsipstack::sip::Response::try_from(wire::response_bytes(response)).ok()
}

/// A request that passed the gate.
pub(super) fn incoming(request: &rsipstack::sip::Request) -> Option<Request> {
    match wire::parse(&request.to_bytes()) {
        Ok(Message::Request(request)) => Some(request),
        _ => None,
    }
}

/// A response that passed the gate.
pub(super) fn incoming_response(response: &rsipstack::sip::Response) -> Option<Response> {
    match wire::parse(&response.to_bytes()) {
        Ok(Message::Response(response)) => Some(response),
        _ => None,
    }
}
