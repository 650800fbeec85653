//! Writing our description.

use std::fmt::Write;
use std::net::IpAddr;

use sdp_types::{Media, Session};

use super::read::{negotiate, parse, unusable};
use super::{CODECS, Codec, Direction, Local, Negotiated, Refusal, TELEPHONE_EVENT};

/// Our offer: all codecs, telephone events 0 to 15, 20 ms, both ways.
pub fn offer(local: &Local) -> String {
    let mut text = session_lines(local);
    let formats: Vec<(u8, Codec)> = CODECS.iter().map(|codec| (codec.payload_type(), *codec)).collect();
    audio_lines(&mut text, local, &formats, Some(TELEPHONE_EVENT), Direction::SendRecv);
    text
}

/// Our answer to the peer's offer, with what was agreed on. Of several streams the first usable
/// audio stream is taken, the others are refused in their places (RFC 3264 section 6).
pub fn answer(offer: &str, local: &Local) -> Result<(String, Negotiated), Refusal> {
    let session = parse(offer)?;
    let mut refusal = unusable("no audio stream");
    let mut taken = None;
    for (at, media) in session.medias.iter().enumerate().filter(|(_, media)| media.media == "audio") {
        match negotiate(&session, media) {
            Ok(negotiated) => {
                taken = Some((at, negotiated));
                break;
            }
            Err(why) => refusal = why,
        }
    }
    let (at, negotiated) = taken.ok_or(refusal)?;
    Ok((answer_text(&session, local, at, negotiated), negotiated))
}

fn answer_text(session: &Session, local: &Local, taken: usize, negotiated: Negotiated) -> String {
    let mut text = session_lines(local);
    for (at, media) in session.medias.iter().enumerate() {
        if at == taken {
            let formats = [(negotiated.payload_type, negotiated.codec)];
            audio_lines(&mut text, local, &formats, negotiated.telephone_event, negotiated.direction);
        } else {
            refused_line(&mut text, media);
        }
    }
    text
}

fn session_lines(local: &Local) -> String {
    let address = local.rtp.ip();
    let family = family(address);
    format!(
        "v=0\r\no=- {} {} IN {family} {address}\r\ns=-\r\nc=IN {family} {address}\r\nt=0 0\r\n",
        local.session_id, local.version
    )
}

fn family(address: IpAddr) -> &'static str {
    if address.is_ipv4() { "IP4" } else { "IP6" }
}

fn audio_lines(
    text: &mut String,
    local: &Local,
    formats: &[(u8, Codec)],
    events: Option<u8>,
    direction: Direction,
) {
    let numbers = formats.iter().map(|(number, _)| *number).chain(events);
    let list = numbers.map(|number| number.to_string()).collect::<Vec<_>>().join(" ");
    // Writing to a String does not fail.
    let _ = write!(text, "m=audio {} RTP/AVP {list}\r\n", local.rtp.port());
    for (number, codec) in formats {
        let _ = write!(text, "a=rtpmap:{number} {}/8000\r\n", codec.name());
    }
    if let Some(number) = events {
        let _ = write!(text, "a=rtpmap:{number} telephone-event/8000\r\na=fmtp:{number} 0-15\r\n");
    }
    let _ = write!(text, "a=ptime:20\r\na={}\r\n", direction.attribute());
}

fn refused_line(text: &mut String, media: &Media) {
    let _ = write!(text, "m={} 0 {} {}\r\n", media.media, media.proto, media.fmt);
}
