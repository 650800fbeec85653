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

/// A request that passed the gate, without our note of its arrival.
pub(super) fn incoming(request: &rsipstack::sip::Request) -> Option<Request> {
    match wire::parse(&request.to_bytes()) {
        Ok(Message::Request(request)) => Some(request),
        _ => None,
    }
}

/// A response that passed the gate. rsipstack writes a standard phrase for every status; the
/// carrier's own says what it means.
pub(super) fn incoming_response(response: &rsipstack::sip::Response) -> Option<Response> {
    let Ok(Message::Response(mut read)) = wire::parse(&response.to_bytes()) else { return None };
    if let Some(phrase) = &response.wire_reason {
        read.phrase.clone_from(phrase);
    }
    Some(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_carriers_own_phrase_is_kept() {
        let bytes =
            b"SIP/2.0 480 User Suspended\r\nVia: SIP/2.0/UDP a;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\n\
            To: <sip:c@d>;tag=2\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n";
        let theirs = rsipstack::sip::Response::try_from(bytes.to_vec()).unwrap();
        assert_eq!(incoming_response(&theirs).unwrap().phrase, "User Suspended");
    }
}
