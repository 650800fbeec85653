//! The offer of a caller and the carrier's answer to it (RFC 3264): G.711 and telephone-event, nothing else.

use std::net::SocketAddr;

use audio_codec_algorithms::{decode_alaw, decode_ulaw, encode_alaw, encode_ulaw};
use sdp_types::{Attribute, Connection, Media, MediaType, Origin, RtpMap, Session, Time, TransportProto};

/// G.711's two laws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Law {
    A,
    Mu,
}

impl Law {
    /// Static payload type (RFC 3551).
    pub(crate) fn payload_type(self) -> u8 {
        match self {
            Self::Mu => 0,
            Self::A => 8,
        }
    }

    fn of(payload_type: u8) -> Option<Self> {
        [Self::A, Self::Mu].into_iter().find(|law| law.payload_type() == payload_type)
    }

    fn rtpmap(self) -> &'static str {
        match self {
            Self::Mu => "0 PCMU/8000",
            Self::A => "8 PCMA/8000",
        }
    }

    pub(crate) fn encode(self, samples: &[i16]) -> Vec<u8> {
        let encode = match self {
            Self::A => encode_alaw,
            Self::Mu => encode_ulaw,
        };
        samples.iter().map(|&sample| encode(sample)).collect()
    }

    pub(crate) fn decode(self, payload: &[u8]) -> Vec<i16> {
        let decode = match self {
            Self::A => decode_alaw,
            Self::Mu => decode_ulaw,
        };
        payload.iter().map(|&byte| decode(byte)).collect()
    }
}

/// What both sides agreed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Terms {
    /// Where the caller receives RTP.
    pub(crate) remote: SocketAddr,
    pub(crate) law: Law,
    /// Payload type of RFC 4733 events, when the caller takes them.
    pub(crate) keys: Option<u8>,
}

/// Reads an offer; the error says why no call can come of it.
pub(crate) fn accept(offer: &[u8]) -> Result<Terms, String> {
    let session = Session::parse(offer).map_err(|e| format!("the offer is no SDP: {e}"))?;
    let is_audio = |media: &&Media| media.media == "audio" && media.port != 0;
    let audio = session.medias.iter().find(is_audio).ok_or("the offer has no audio")?;
    let address =
        audio.connections.first().or(session.connection.as_ref()).ok_or("the offer has no c= line")?;
    let ip = address.try_address().map_err(|e| format!("c= has no address: {e}"))?.ip;
    let law = audio
        .fmt
        .split_whitespace()
        .find_map(|format| format.parse().ok().and_then(Law::of))
        .ok_or("the offer has neither PCMA nor PCMU")?;
    let keys = audio
        .attributes_typed::<RtpMap>()
        .filter_map(Result::ok)
        .find(|map| map.encoding_name.eq_ignore_ascii_case("telephone-event") && map.clock_rate == 8000)
        .map(|map| map.payload_type);
    Ok(Terms { remote: SocketAddr::new(ip, audio.port), law, keys })
}

/// The answer that takes these terms, with our RTP at `local`.
pub(crate) fn answer(terms: &Terms, local: SocketAddr) -> Vec<u8> {
    let session_id = u64::from(local.port()).to_string();
    let mut session = Session::new(Origin::with_ip_addr(session_id, 1, local.ip()), "-");
    session.set_connection(Connection::from_ip_addr(local.ip()));
    session.add_time(Time::new(0, 0));
    let mut formats = terms.law.payload_type().to_string();
    let mut attributes = vec![Attribute::with_value("rtpmap", terms.law.rtpmap())];
    if let Some(keys) = terms.keys {
        formats = format!("{formats} {keys}");
        attributes.push(Attribute::with_value("rtpmap", format!("{keys} telephone-event/8000")));
        attributes.push(Attribute::with_value("fmtp", format!("{keys} 0-15")));
    }
    attributes.push(Attribute::with_value("ptime", "20"));
    attributes.push(Attribute::new("sendrecv"));
    let mut media = Media::new(MediaType::Audio, local.port(), TransportProto::RtpAvp, formats);
    media.add_attributes(attributes);
    session.add_media(media);
    let mut text = Vec::new();
    // Writing into memory does not fail; an empty answer would be refused by the caller.
    session.write(&mut text).unwrap_or_default();
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFER: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
        m=audio 4000 RTP/AVP 18 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\n";

    #[test]
    fn the_callers_order_of_codecs_is_followed() {
        let terms = accept(OFFER.as_bytes()).unwrap();
        assert_eq!(terms, Terms { remote: "127.0.0.1:4000".parse().unwrap(), law: Law::A, keys: Some(101) });
        let reversed = OFFER.replace("8 0 101", "0 8");
        assert_eq!(accept(reversed.as_bytes()).unwrap().law, Law::Mu);
    }

    #[test]
    fn an_answer_reads_back_as_the_same_terms() {
        let local = "127.0.0.1:6000".parse().unwrap();
        let terms = accept(OFFER.as_bytes()).unwrap();
        let back = accept(&answer(&terms, local)).unwrap();
        assert_eq!(back, Terms { remote: local, ..terms });
    }

    #[test]
    fn offers_that_cannot_become_a_call_are_refused_with_the_cause() {
        for (offer, cause) in [
            (OFFER.replace("18 8 0 101", "18"), "neither PCMA nor PCMU"),
            (OFFER.replace("audio 4000", "audio 0"), "no audio"),
            (OFFER.replace("c=IN IP4 127.0.0.1\r\n", ""), "no c= line"),
            ("hello".to_owned(), "no SDP"),
        ] {
            assert!(accept(offer.as_bytes()).unwrap_err().contains(cause), "{cause}");
        }
    }
}
