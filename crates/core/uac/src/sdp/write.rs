//! Writing our description.

use std::fmt::Write;
use std::net::IpAddr;

use super::{Codec, Crypto, Direction, Local};

/// The audio stream as we describe it.
pub(super) struct Audio<'a> {
    pub(super) proto: &'a str,
    pub(super) formats: &'a [(u8, Codec)],
    pub(super) events: Option<u8>,
    pub(super) direction: Direction,
    pub(super) cryptos: &'a [Crypto],
    /// RTCP comes on the media's port.
    pub(super) mux: bool,
}

/// A stream of the peer's that we do not take: `m=` line without its port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) media: String,
    pub(super) proto: String,
    pub(super) formats: String,
}

/// Version, origin and what follows, apart: only a change of `body` makes a new version.
pub(super) fn description(local: &Local, version: u64, body: &str) -> String {
    let address = local.rtp.ip();
    format!("v=0\r\no=- {} {version} IN {} {address}\r\n{body}", local.session_id, family(address))
}

/// Session name, address and time.
pub(super) fn session_lines(local: &Local) -> String {
    let address = local.rtp.ip();
    format!("s=-\r\nc=IN {} {address}\r\nt=0 0\r\n", family(address))
}

fn family(address: IpAddr) -> &'static str {
    if address.is_ipv4() { "IP4" } else { "IP6" }
}

/// Writing to a String does not fail, here and below.
pub(super) fn audio_lines(text: &mut String, local: &Local, audio: &Audio<'_>) {
    let numbers = audio.formats.iter().map(|(number, _)| *number).chain(audio.events);
    let list = numbers.map(|number| number.to_string()).collect::<Vec<_>>().join(" ");
    let _ = write!(text, "m=audio {} {} {list}\r\n", local.rtp.port(), audio.proto);
    for (number, codec) in audio.formats {
        let _ = write!(text, "a=rtpmap:{number} {}/8000\r\n", codec.name());
    }
    if let Some(number) = audio.events {
        let _ = write!(text, "a=rtpmap:{number} telephone-event/8000\r\na=fmtp:{number} 0-15\r\n");
    }
    for crypto in audio.cryptos {
        let _ = write!(text, "a=crypto:{}\r\n", crypto.value());
    }
    if audio.mux {
        text.push_str("a=rtcp-mux\r\n");
    }
    let _ = write!(text, "a=ptime:20\r\na={}\r\n", audio.direction.attribute());
}

pub(super) fn refused_line(text: &mut String, refused: &Refused) {
    let _ = write!(text, "m={} 0 {} {}\r\n", refused.media, refused.proto, refused.formats);
}
