//! Reading the peer's description.

use std::net::{IpAddr, SocketAddr};

use sdp_types::{Media, Session};

use super::{CODECS, Codec, Direction, Negotiated, Refusal};

/// Reads the answer to our [`super::offer`].
pub fn accept(answer: &str) -> Result<Negotiated, Refusal> {
    let session = parse(answer)?;
    let media = session
        .medias
        .iter()
        .find(|media| media.media == "audio")
        .ok_or_else(|| unusable("no audio stream"))?;
    negotiate(&session, media)
}

/// The lines that mean something to us; session names in any encoding and unknown lines are left
/// out before the parser sees them.
pub(super) fn parse(text: &str) -> Result<Session, Refusal> {
    let mut kept = String::from("v=0\r\n");
    let lines = text.lines().map(str::trim_end);
    for line in lines.filter(|line| ["c=", "m=", "a="].iter().any(|kind| line.starts_with(kind))) {
        kept.push_str(line);
        kept.push_str("\r\n");
    }
    Session::parse(kept.as_bytes()).map_err(|error| unusable(error.to_string()))
}

pub(super) fn unusable(why: impl Into<String>) -> Refusal {
    Refusal::Unusable { why: why.into() }
}

/// What one of the peer's audio streams agrees with.
pub(super) fn negotiate(session: &Session, media: &Media) -> Result<Negotiated, Refusal> {
    if media.port == 0 {
        return Err(Refusal::Rejected);
    }
    if media.proto != "RTP/AVP" {
        return Err(unusable(format!("transport {} instead of RTP/AVP", media.proto)));
    }
    let formats: Vec<u8> = media.fmt.split_whitespace().filter_map(|format| format.parse().ok()).collect();
    let spoken = formats.iter().find_map(|format| codec_of(media, *format).map(|codec| (*format, codec)));
    let (payload_type, codec) =
        spoken.ok_or_else(|| Refusal::NoCommonCodec { offered: media.fmt.clone() })?;
    let address = address_of(session, media)?;
    let event = |format: &&u8| {
        encoding(media, **format).is_some_and(|name| name.eq_ignore_ascii_case("telephone-event/8000"))
    };
    Ok(Negotiated {
        remote: SocketAddr::new(address, media.port),
        codec,
        payload_type,
        telephone_event: formats.iter().find(event).copied(),
        direction: direction_of(session, media, address),
        ptime: ptime_of(media),
    })
}

fn codec_of(media: &Media, format: u8) -> Option<Codec> {
    let named = |codec: &Codec| match encoding(media, format) {
        Some(encoding) => {
            let (name, rest) = encoding.split_once('/').unwrap_or((encoding, "8000"));
            name.eq_ignore_ascii_case(codec.name()) && matches!(rest, "8000" | "8000/1")
        }
        None => codec.payload_type() == format,
    };
    CODECS.iter().find(|codec| named(codec)).copied()
}

/// The encoding that an rtpmap gives to a payload type.
fn encoding(media: &Media, format: u8) -> Option<&str> {
    media.get_attribute_values("rtpmap").flatten().find_map(|value| {
        let (number, encoding) = value.split_once(char::is_whitespace)?;
        (number.parse() == Ok(format)).then(|| encoding.trim())
    })
}

fn address_of(session: &Session, media: &Media) -> Result<IpAddr, Refusal> {
    let connection = media.connections.first().or(session.connection.as_ref());
    let text = &connection.ok_or_else(|| unusable("no connection address"))?.connection_address;
    // A multicast address may carry a TTL; none of ours does, but it is not our business here.
    let host = text.split('/').next().unwrap_or(text);
    let address: IpAddr =
        host.parse().map_err(|_| unusable(format!("connection address {text} is not an IP address")))?;
    if address.is_multicast() { Err(unusable("multicast connection address")) } else { Ok(address) }
}

/// The peer's direction turned round. The address 0.0.0.0 is the hold of RFC 2543: the peer does
/// not want to receive.
fn direction_of(session: &Session, media: &Media, address: IpAddr) -> Direction {
    let of = |has: &dyn Fn(&str) -> bool| {
        ["sendrecv", "sendonly", "recvonly", "inactive"].into_iter().find(|name| has(name))
    };
    let named = of(&|name| media.has_attribute(name)).or_else(|| of(&|name| session.has_attribute(name)));
    let (peer_sends, peer_receives) = match named {
        Some("sendonly") => (true, false),
        Some("recvonly") => (false, true),
        Some("inactive") => (false, false),
        _ => (true, true),
    };
    Direction::from_flags(peer_receives && !address.is_unspecified(), peer_sends)
}

fn ptime_of(media: &Media) -> u16 {
    let value = media.get_first_attribute_value("ptime").flatten();
    value.and_then(|value| value.trim().parse().ok()).filter(|ptime| (10..=200).contains(ptime)).unwrap_or(20)
}
