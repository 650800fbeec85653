//! The canonical wire form: CRLF, long names, one line a header, Content-Length last.

use crate::message::{Headers, Message, Request, Response};

/// The bytes of a message.
pub fn to_bytes(message: &Message) -> Vec<u8> {
    match message {
        Message::Request(request) => request_bytes(request),
        Message::Response(response) => response_bytes(response),
    }
}

/// [`to_bytes`] of a request.
pub fn request_bytes(request: &Request) -> Vec<u8> {
    assemble(&format!("{} {} SIP/2.0", request.method, request.uri), &request.headers, &request.body)
}

/// [`to_bytes`] of a response.
pub fn response_bytes(response: &Response) -> Vec<u8> {
    assemble(&format!("SIP/2.0 {} {}", response.status, response.phrase), &response.headers, &response.body)
}

fn assemble(start: &str, headers: &Headers, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(512 + body.len());
    let mut line = |parts: &[&str]| {
        for part in parts {
            // A line break inside a value would end the header: it can only be hostile or a mistake.
            bytes.extend(part.bytes().map(|b| if matches!(b, b'\r' | b'\n') { b' ' } else { b }));
        }
        bytes.extend_from_slice(b"\r\n");
    };
    line(&[start]);
    for header in headers.iter() {
        line(&[&header.name, ": ", &header.value]);
    }
    line(&["Content-Length: ", &body.len().to_string()]);
    line(&[]);
    bytes.extend_from_slice(body);
    bytes
}
