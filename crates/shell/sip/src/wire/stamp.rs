//! The transport's own part of a request (RFC 3261 section 18.1.1): the Via says how and from where
//! it really leaves, and so does the Contact.

use std::net::SocketAddr;

use uac::{Hop, Method, Request, Transport};

/// `known` is the address that the machine wrote for us.
pub(super) fn stamp(request: &mut Request, transport: Transport, ours: SocketAddr, known: &Hop) {
    let ours = Hop { host: ours.ip().to_string(), port: Some(ours.port()), transport: None };
    if let Some(via) = request.headers.first("Via").and_then(|via| restamped(via, transport, &ours)) {
        request.headers.rewrite("Via", via);
    }
    // A registration says by itself which address it binds and which older one it gives back, if
    // there is a listener that it can know.
    let registers = request.method == Method::Register && ours.port == known.port;
    if ours == *known || registers {
        return;
    }
    if let Some(contact) = request.headers.first("Contact").and_then(|contact| moved(contact, known, &ours)) {
        request.headers.rewrite("Contact", contact);
    }
}

fn restamped(via: &str, transport: Transport, ours: &Hop) -> Option<String> {
    let (_, rest) = via.split_once(' ')?;
    let (_, params) = rest.split_once(';')?;
    Some(format!("SIP/2.0/{} {ours};{params}", transport.via()))
}

/// The Contact at our real address, if it is at the one that was written.
fn moved(contact: &str, known: &Hop, ours: &Hop) -> Option<String> {
    let (user, rest) = contact.split_once('@')?;
    let rest = rest.strip_prefix(&known.to_string())?;
    let ends = rest.chars().next().is_none_or(|next| ";>?".contains(next));
    ends.then(|| format!("{user}@{ours}{rest}"))
}

#[cfg(test)]
mod tests {
    use uac::Headers;

    use super::*;

    fn stamped(contact: &str, known: &str, ours: &str) -> (String, String) {
        stamped_of(Method::Invite, contact, known, ours)
    }

    fn stamped_of(method: Method, contact: &str, known: &str, ours: &str) -> (String, String) {
        let mut headers = Headers::default();
        headers.push("Via", "SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKx;rport");
        headers.push("Contact", contact);
        let mut request = Request { method, uri: "sip:a@b".to_owned(), headers, body: Vec::new() };
        stamp(&mut request, Transport::Tcp, ours.parse().unwrap(), &Hop::parse(known).unwrap());
        let header = |name| request.headers.first(name).unwrap().to_owned();
        (header("Via"), header("Contact"))
    }

    #[test]
    fn via_and_contact_say_where_the_request_leaves() {
        let (via, contact) =
            stamped("<sip:400@10.0.0.1:5060;transport=tcp>;expires=60", "10.0.0.1:5060", "[::1]:40000");
        assert_eq!(via, "SIP/2.0/TCP [::1]:40000;branch=z9hG4bKx;rport");
        assert_eq!(contact, "<sip:400@[::1]:40000;transport=tcp>;expires=60");
    }

    #[test]
    fn a_contact_that_is_not_ours_stays() {
        for contact in ["<sip:400@10.0.0.1:50601>", "<sip:400@other.example>", "*"] {
            assert_eq!(stamped(contact, "10.0.0.1:5060", "127.0.0.1:5").1, contact);
        }
    }

    #[test]
    fn a_registration_keeps_the_contact_that_it_speaks_of() {
        let contact = "<sip:400@10.0.0.1:5060>;expires=0";
        let (via, kept) = stamped_of(Method::Register, contact, "10.0.0.1:5060", "10.0.0.2:5060");
        assert_eq!(via, "SIP/2.0/TCP 10.0.0.2:5060;branch=z9hG4bKx;rport");
        assert_eq!(kept, contact);
    }
}
