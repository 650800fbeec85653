//! A peer played by hand, for what SIPp cannot say or hides: several of them at once, answers that
//! come late, and the exact bytes of repetitions.

use std::net::SocketAddr;

use tokio::net::UdpSocket;
use uac::{Headers, Message, Method, Request, Response, wire};

use crate::sipp::PATIENCE;

/// What the peer describes itself as.
const SDP: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
    m=audio 40000 RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n";

pub(crate) struct Peer {
    socket: UdpSocket,
    pub(crate) address: SocketAddr,
}

impl Peer {
    pub(crate) async fn bind() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        Self { socket, address }
    }

    /// The next request of that method, and whence; others are passed over.
    pub(crate) async fn hears(&self, method: &Method) -> (Request, SocketAddr) {
        loop {
            if let (Message::Request(request), from) = self.message().await
                && request.method == *method
            {
                return (request, from);
            }
        }
    }

    /// The next response to a request of that number and method, retransmissions of others and
    /// provisional responses passed over.
    pub(crate) async fn is_answered(&self, number: u32, method: &Method) -> Response {
        loop {
            if let (Message::Response(response), _) = self.message().await
                && response.headers.cseq() == Some((number, method.clone()))
                && !response.is_provisional()
            {
                return response;
            }
        }
    }

    async fn message(&self) -> (Message, SocketAddr) {
        let mut buffer = [0; 8192];
        loop {
            let received = tokio::time::timeout(PATIENCE, self.socket.recv_from(&mut buffer)).await;
            let (length, from) = received.expect("a message in time").unwrap();
            if let Ok(message) = wire::parse(&buffer[..length]) {
                return (message, from);
            }
        }
    }

    /// Answers with Contact, SDP where it is a 2xx to an INVITE, and more headers.
    pub(crate) async fn answers(
        &self,
        (request, from): &(Request, SocketAddr),
        status: u16,
        tag: &str,
        more: &[(&str, &str)],
    ) {
        let mut response = Response::to(request, status, "phrase", tag);
        response.headers.push("Contact", format!("<sip:{}>", self.address));
        for (name, value) in more {
            response.headers.push(name, *value);
        }
        if request.method == Method::Invite && response.is_success() {
            response.headers.push("Content-Type", "application/sdp");
            response.body = SDP.as_bytes().to_vec();
        }
        self.socket.send_to(&wire::response_bytes(&response), from).await.unwrap();
    }

    /// A 2xx that breaks RFC 3261 section 12.1.1.
    pub(crate) async fn answers_without_contact(&self, (request, from): &(Request, SocketAddr), tag: &str) {
        let mut response = Response::to(request, 200, "OK", tag);
        response.headers.push("Content-Type", "application/sdp");
        response.body = SDP.as_bytes().to_vec();
        self.socket.send_to(&wire::response_bytes(&response), from).await.unwrap();
    }

    /// 302 to these contacts.
    pub(crate) async fn redirects(&self, (request, from): &(Request, SocketAddr), contacts: &str) {
        let mut response = Response::to(request, 302, "Moved Temporarily", "moved");
        response.headers.push("Contact", contacts);
        self.socket.send_to(&wire::response_bytes(&response), from).await.unwrap();
    }

    /// Asks in the dialog that `invite` and `tag` make; with SDP where it is an INVITE.
    pub(crate) async fn asks(
        &self,
        (invite, from): &(Request, SocketAddr),
        (number, method): (u32, Method),
        tag: &str,
        more: &[(&str, &str)],
    ) {
        let mut headers = Headers::default();
        let branch = format!("z9hG4bK{number}{method}");
        headers.push("Via", format!("SIP/2.0/UDP {};branch={branch};rport", self.address));
        headers.push("Max-Forwards", "70");
        headers.push("From", format!("{};tag={tag}", invite.headers.first("To").unwrap()));
        headers.push("To", invite.headers.first("From").unwrap());
        headers.push("Call-ID", invite.headers.call_id().unwrap());
        headers.push("CSeq", format!("{number} {method}"));
        headers.push("Contact", format!("<sip:{}>", self.address));
        for (name, value) in more {
            headers.push(name, *value);
        }
        let mut body = Vec::new();
        if method == Method::Invite {
            headers.push("Content-Type", "application/sdp");
            body = SDP.as_bytes().to_vec();
        }
        let uri = invite.headers.contact().unwrap();
        let request = Request { method, uri, headers, body };
        self.socket.send_to(&wire::request_bytes(&request), from).await.unwrap();
    }
}
