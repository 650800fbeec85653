//! As much of a SIP message as a called party reads (RFC 3261 section 7), and the messages it writes.

use std::fmt::Write as _;
use std::net::SocketAddr;

use super::HERE;

/// A message, read in place.
#[derive(Clone, Debug)]
pub(super) struct Message<'a> {
    /// Request line or status line.
    pub(super) start: &'a str,
    headers: Vec<(&'a str, &'a str)>,
    pub(super) body: &'a str,
}

impl<'a> Message<'a> {
    /// Reads a datagram; nothing for one that is no message. Folded lines are not read: the service writes none.
    pub(super) fn read(datagram: &'a [u8]) -> Option<Self> {
        let text = std::str::from_utf8(datagram).ok()?;
        let (head, body) = text.split_once("\r\n\r\n")?;
        let mut lines = head.split("\r\n");
        let start = lines.next()?;
        let header = |line: &'a str| line.split_once(':').map(|(name, value)| (name.trim(), value.trim()));
        Some(Self { start, headers: lines.filter_map(header).collect(), body })
    }

    /// The method of a request, nothing for a response.
    pub(super) fn method(&self) -> Option<&'a str> {
        let (method, rest) = self.start.split_once(' ')?;
        rest.ends_with("SIP/2.0").then_some(method)
    }

    /// The status of a response.
    pub(super) fn status(&self) -> Option<u16> {
        self.start.strip_prefix("SIP/2.0 ")?.get(..3)?.parse().ok()
    }

    /// User part of the request's URI: the number that is called.
    pub(super) fn number(&self) -> &'a str {
        let uri = self.start.split(' ').nth(1).unwrap_or_default();
        let user = uri.split_once(':').map_or(uri, |(_, rest)| rest);
        user.split(['@', ';']).next().unwrap_or_default()
    }

    /// The first header of a name, in its long form.
    pub(super) fn header(&self, name: &str) -> Option<&'a str> {
        self.all(name).next()
    }

    fn all(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| *value)
    }

    /// The URI in Contact.
    pub(super) fn contact(&self) -> Option<&'a str> {
        let contact = self.header("Contact")?;
        let inside = contact.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(uri, _)| uri);
        Some(inside.unwrap_or_else(|| contact.split(';').next().unwrap_or(contact)))
    }

    /// Where the offer wants its sound, if it offers PCMA.
    pub(super) fn media(&self) -> Option<SocketAddr> {
        let line = |kind: &str| self.body.lines().find_map(|line| line.strip_prefix(kind));
        let address = line("c=IN IP4 ")?.trim().parse().ok()?;
        let mut audio = line("m=audio ")?.split_whitespace();
        let port = audio.next()?.parse().ok()?;
        audio.skip(1).any(|format| format == "8").then_some(SocketAddr::new(address, port))
    }

    /// A response to this request, which came from `from`. `tag` is ours in To, `answer` a session description.
    pub(super) fn respond(
        &self,
        from: SocketAddr,
        status: &str,
        tag: &str,
        contact: SocketAddr,
        answer: &str,
    ) -> String {
        let mut text = format!("SIP/2.0 {status}\r\n");
        for (n, via) in self.all("Via").enumerate() {
            let via = if n == 0 { seen_from(via, from) } else { via.to_owned() };
            line(&mut text, "Via", &via);
        }
        line(&mut text, "From", self.header("From").unwrap_or_default());
        let to = self.header("To").unwrap_or_default();
        let tagged = if to.contains(";tag=") { to.to_owned() } else { format!("{to};tag={tag}") };
        line(&mut text, "To", &tagged);
        for name in ["Call-ID", "CSeq"] {
            line(&mut text, name, self.header(name).unwrap_or_default());
        }
        line(&mut text, "Contact", &format!("<sip:{contact}>"));
        line(&mut text, "Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE");
        finish(text, answer)
    }
}

/// The topmost Via as RFC 3581 section 4 wants it back.
fn seen_from(via: &str, from: SocketAddr) -> String {
    let seen = format!(";received={};rport={}", from.ip(), from.port());
    if via.contains(";rport=") { via.to_owned() } else { via.replacen(";rport", &seen, 1) }
}

/// A BYE of ours within the dialog that an INVITE and our 200 made. No proxy stands between, so there are no routes.
pub(super) fn bye(dialog: &super::dialog::Dialog, here: SocketAddr, branch: &str) -> String {
    let mut text = format!("BYE {} SIP/2.0\r\n", dialog.target);
    line(&mut text, "Via", &format!("SIP/2.0/UDP {here};branch={branch}"));
    line(&mut text, "Max-Forwards", "70");
    line(&mut text, "From", &dialog.us);
    line(&mut text, "To", &dialog.them);
    line(&mut text, "Call-ID", &dialog.call_id);
    line(&mut text, "CSeq", "1 BYE");
    finish(text, "")
}

/// Our answer: PCMA and telephone events at `port`.
pub(super) fn answer(port: u16) -> String {
    let events = crate::rtp::EVENT_TYPE;
    format!(
        "v=0\r\no=- {port} 1 IN IP4 {HERE}\r\ns=-\r\nc=IN IP4 {HERE}\r\nt=0 0\r\nm=audio {port} RTP/AVP 8 {events}\r\n\
         a=rtpmap:8 PCMA/8000\r\na=rtpmap:{events} telephone-event/8000\r\na=fmtp:{events} 0-15\r\na=ptime:20\r\n\
         a=sendrecv\r\n"
    )
}

fn line(text: &mut String, name: &str, value: &str) {
    // Writing to a String does not fail.
    let _ = write!(text, "{name}: {value}\r\n");
}

fn finish(mut text: String, body: &str) -> String {
    if !body.is_empty() {
        line(&mut text, "Content-Type", "application/sdp");
    }
    line(&mut text, "Content-Length", &body.len().to_string());
    text.push_str("\r\n");
    text.push_str(body);
    text
}
