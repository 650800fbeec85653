//! One audio stream of the peer's: what we could agree on with it.

use std::net::{IpAddr, SocketAddr};

use sdp_types::{Media, Session};

use super::read::unusable;
use super::{CODECS, Codec, Crypto, CryptoFault, Direction, Refusal};

/// A stream that we can speak on; keys aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Usable {
    pub(super) remote: SocketAddr,
    pub(super) codec: Codec,
    pub(super) payload_type: u8,
    pub(super) telephone_event: Option<u8>,
    pub(super) direction: Direction,
    pub(super) ptime: u16,
    pub(super) max_ptime: Option<u16>,
    /// Besides the media.
    pub(super) rtcp: Option<SocketAddr>,
    /// The peer would have it with the media.
    pub(super) mux: bool,
}

/// How packets are carried, by the stream's `m=` line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transport {
    Clear,
    Srtp,
}

/// The feedback profiles (RFC 4585, RFC 5124) differ in RTCP only, which they do not force on anyone.
pub(super) fn transport(media: &Media) -> Result<Transport, Refusal> {
    let is = |name: &str| media.proto.eq_ignore_ascii_case(name);
    if is("RTP/AVP") || is("RTP/AVPF") {
        Ok(Transport::Clear)
    } else if is("RTP/SAVP") || is("RTP/SAVPF") {
        Ok(Transport::Srtp)
    } else if media.proto.to_ascii_uppercase().contains("TLS/RTP") {
        Err(unusable(format!(
            "transport {}: keys by DTLS are not spoken here, have the carrier use SDES",
            media.proto
        )))
    } else {
        Err(unusable(format!("transport {} instead of RTP/AVP", media.proto)))
    }
}

/// Codec, address and direction. `here` is the address our own packets leave from.
pub(super) fn usable(session: &Session, media: &Media, here: IpAddr) -> Result<Usable, Refusal> {
    let formats: Vec<u8> = media.fmt.split_whitespace().filter_map(|format| format.parse().ok()).collect();
    let spoken = formats.iter().find_map(|format| codec_of(media, *format).map(|codec| (*format, codec)));
    let (payload_type, codec) =
        spoken.ok_or_else(|| Refusal::NoCommonCodec { offered: media.fmt.clone() })?;
    let address = address_of(session, media, here)?;
    let event = |format: &&u8| {
        encoding(media, **format).is_some_and(|name| name.eq_ignore_ascii_case("telephone-event/8000"))
    };
    Ok(Usable {
        remote: SocketAddr::new(address, media.port),
        codec,
        payload_type,
        telephone_event: formats.iter().find(event).copied(),
        direction: direction_of(session, media, address),
        ptime: ptime_of(media),
        max_ptime: milliseconds(media, "maxptime"),
        rtcp: rtcp_of(media, address),
        mux: media.has_attribute("rtcp-mux"),
    })
}

/// The peer's keys that we can use, in its order of liking; else what is wrong with the first.
pub(super) fn cryptos(media: &Media) -> Result<Vec<Crypto>, Option<CryptoFault>> {
    let read = media.get_attribute_values("crypto").map(|value| Crypto::parse(value.unwrap_or_default()));
    let (good, bad): (Vec<_>, Vec<_>) = read.partition(Result::is_ok);
    let good: Vec<Crypto> = good.into_iter().flatten().collect();
    if good.is_empty() { Err(bad.into_iter().find_map(Result::err)) } else { Ok(good) }
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
        let (number, encoding) = value.trim().split_once(char::is_whitespace)?;
        (number.parse() == Ok(format)).then(|| encoding.trim())
    })
}

fn address_of(session: &Session, media: &Media, here: IpAddr) -> Result<IpAddr, Refusal> {
    let connection = media.connections.first().or(session.connection.as_ref());
    let text = &connection.ok_or_else(|| unusable("no connection address"))?.connection_address;
    // A multicast address may carry a TTL; none of ours does, but it is not our business here.
    let host = text.split('/').next().unwrap_or(text);
    let address: IpAddr =
        host.parse().map_err(|_| unusable(format!("connection address {text} is not an IP address")))?;
    if address.is_multicast() {
        Err(unusable("multicast connection address"))
    } else if address.is_ipv4() != here.is_ipv4() && !address.is_unspecified() {
        Err(unusable(format!(
            "connection address {text}, which cannot be reached from our media address {here}: set media.advertise to an address of its kind, or have the carrier use ours"
        )))
    } else {
        Ok(address)
    }
}

/// The peer's direction turned round. The unspecified address is the hold of RFC 2543: the peer
/// does not want to receive.
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

/// A wish within its own bounds; nonsense is no wish.
fn ptime_of(media: &Media) -> u16 {
    let most = milliseconds(media, "maxptime").unwrap_or(200);
    milliseconds(media, "ptime").unwrap_or(20).min(most)
}

fn milliseconds(media: &Media, name: &str) -> Option<u16> {
    let value: Option<u16> = media.get_first_attribute_value(name).flatten()?.trim().parse().ok();
    value.filter(|value| (10..=200).contains(value))
}

/// `a=rtcp:PORT [IN IP4 ADDRESS]` (RFC 3605), or the port above the media's.
fn rtcp_of(media: &Media, address: IpAddr) -> Option<SocketAddr> {
    let Some(value) = media.get_first_attribute_value("rtcp").flatten() else {
        return Some(SocketAddr::new(address, media.port.checked_add(1)?));
    };
    let mut words = value.split_whitespace();
    let port = words.next()?.parse().ok().filter(|port| *port != 0)?;
    let host = match words.nth(2) {
        Some(host) => host.parse().ok().filter(|host: &IpAddr| host.is_ipv4() == address.is_ipv4())?,
        None => address,
    };
    Some(SocketAddr::new(host, port))
}
