//! One call's side of offer and answer, whoever offers, from the first exchange to the last.

use sdp_types::Media;

use super::read::parse;
use super::stream::{Transport, Usable, cryptos, transport, usable};
use super::write::{Audio, Refused, audio_lines, description, refused_line, session_lines};
use super::{
    CODECS, Codec, Crypto, CryptoFault, Direction, KEY_RANDOMNESS, Local, MasterKey, Negotiated, Refusal,
    Rtcp, SrtpKeys, Suite, TELEPHONE_EVENT,
};

/// Gives octets that nobody can guess, each time others: a key is made of them.
pub type Randomness<'a> = &'a mut dyn FnMut() -> [u8; KEY_RANDOMNESS];

/// Our answer to the peer's offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// To be sent.
    pub sdp: String,
    /// What it agrees on.
    pub negotiated: Negotiated,
}

/// The state of a session between its exchanges (RFC 3264 section 8). It has no `Debug`, for the
/// last description holds our key.
pub struct Session {
    local: Local,
    version: u64,
    /// The last description's body; another one raises the version.
    said: Option<String>,
    /// The session's streams. Their number never falls, and each keeps its place.
    streams: Vec<Stream>,
    /// Our keys, one a suite.
    keys: Vec<MasterKey>,
    /// Our number for telephone events; a number once given stays (RFC 3264 section 8.3.2).
    events: u8,
    agreed: Option<Negotiated>,
}

enum Stream {
    /// The audio that we take.
    Ours,
    Refused(Refused),
}

/// What an offered stream would come to.
struct Taken {
    usable: Usable,
    /// The peer's attribute that we take.
    crypto: Option<Crypto>,
}

impl Session {
    /// A session that has said nothing yet.
    pub fn new(local: Local) -> Self {
        Self {
            local,
            version: 1,
            said: None,
            streams: vec![Stream::Ours],
            keys: Vec::new(),
            events: TELEPHONE_EVENT,
            agreed: None,
        }
    }

    /// What was last agreed on.
    pub fn agreed(&self) -> Option<&Negotiated> {
        self.agreed.as_ref()
    }

    /// Our offer, the first or a later one: all codecs, telephone events 0 to 15, 20 ms, both ways;
    /// a key for each suite where SRTP is required. Keys and refused streams stay as they were.
    pub fn offer(&mut self, random: Randomness<'_>) -> String {
        let suites = self.local.srtp.clone();
        let cryptos: Vec<Crypto> = suites
            .into_iter()
            .zip(1..)
            .map(|(suite, tag)| Crypto { tag, key: self.key(suite, random) })
            .collect();
        self.describe(&Audio {
            proto: if self.is_encrypted() { "RTP/SAVP" } else { "RTP/AVP" },
            formats: &CODECS.map(|codec| (codec.payload_type(), codec)),
            events: Some(self.events),
            direction: Direction::SendRecv,
            cryptos: &cryptos,
            mux: false,
        })
    }

    /// Takes the answer to our last offer. A refused one changes nothing.
    pub fn answered(&mut self, answer: &str) -> Result<Negotiated, Refusal> {
        let session = parse(answer)?;
        let media = self.answering(&session.medias).ok_or(Refusal::NoAudio)?;
        if media.port == 0 {
            return Err(self.rejected());
        }
        self.check_transport(media)?;
        let usable = usable(&session, media, self.local.rtp.ip())?;
        let srtp = if self.is_encrypted() { Some(self.keys_answered(media)?) } else { None };
        // We did not offer to have RTCP with the media; a peer that says so regardless is not followed.
        let usable = Usable { mux: false, ..usable };
        let negotiated = negotiated(usable, Some(self.events), srtp);
        self.agreed = Some(negotiated.clone());
        Ok(negotiated)
    }

    /// Our answer to the peer's offer. Of several streams the first usable audio is taken, the one in
    /// use before any other; the rest are refused in their places (RFC 3264 section 6). An offer that
    /// we refuse changes nothing.
    pub fn answer(&mut self, offer: &str, random: Randomness<'_>) -> Result<Answer, Refusal> {
        let session = parse(offer)?;
        let audio = |at: &usize| session.medias.get(*at).is_some_and(is_audio);
        let others = (0..session.medias.len()).filter(|at| *at != self.place());
        let places = std::iter::once(self.place()).chain(others).filter(audio);
        let mut refusal = None;
        let mut taken = None;
        for at in places {
            match self.take(&session, &session.medias[at]) {
                Ok(stream) => {
                    taken = Some((at, stream));
                    break;
                }
                Err(why) => refusal = refusal.or(Some(why)),
            }
        }
        let (at, taken) = taken.ok_or(refusal.unwrap_or(Refusal::NoAudio))?;
        Ok(self.accept(&session.medias, at, taken, random))
    }

    fn accept(&mut self, medias: &[Media], at: usize, taken: Taken, random: Randomness<'_>) -> Answer {
        let Taken { usable, crypto } = taken;
        let srtp = crypto.as_ref().map(|crypto| self.keys_for(&crypto.key, random));
        let ours = crypto
            .zip(srtp.as_ref())
            .map(|(theirs, keys)| Crypto { tag: theirs.tag, key: keys.send.clone() });
        let events = usable.telephone_event;
        self.events = events.filter(|number| !is_codec(*number)).unwrap_or(self.events);
        self.streams = medias.iter().enumerate().map(|(place, media)| stream(media, place == at)).collect();
        let sdp = self.describe(&Audio {
            proto: &medias[at].proto,
            formats: &[(usable.payload_type, usable.codec)],
            events,
            direction: usable.direction,
            cryptos: ours.as_slice(),
            mux: usable.mux,
        });
        let negotiated = negotiated(usable, events, srtp);
        self.agreed = Some(negotiated.clone());
        Answer { sdp, negotiated }
    }

    fn describe(&mut self, audio: &Audio<'_>) -> String {
        let mut body = session_lines(&self.local);
        for stream in &self.streams {
            match stream {
                Stream::Ours => audio_lines(&mut body, &self.local, audio),
                Stream::Refused(refused) => refused_line(&mut body, refused),
            }
        }
        if self.said.as_ref().is_some_and(|said| *said != body) {
            self.version += 1;
        }
        let description = description(&self.local, self.version, &body);
        self.said = Some(body);
        description
    }

    fn is_encrypted(&self) -> bool {
        !self.local.srtp.is_empty()
    }

    /// Where our audio stands among the streams.
    fn place(&self) -> usize {
        self.streams.iter().position(|stream| matches!(stream, Stream::Ours)).unwrap_or(0)
    }

    /// The answer's stream for ours: in its place, or wherever a careless peer has put it.
    fn answering<'a>(&self, medias: &'a [Media]) -> Option<&'a Media> {
        let audio = || medias.iter().filter(|media| is_audio(media));
        let in_place = medias.get(self.place()).filter(|media| is_audio(media) && media.port != 0);
        in_place.or_else(|| audio().find(|media| media.port != 0)).or_else(|| audio().next())
    }

    fn rejected(&self) -> Refusal {
        if self.is_encrypted() {
            not_encrypted("the peer refused the encrypted stream (port 0)")
        } else {
            Refusal::Rejected
        }
    }

    fn check_transport(&self, media: &Media) -> Result<(), Refusal> {
        match (transport(media)?, self.is_encrypted()) {
            (Transport::Clear, false) | (Transport::Srtp, true) => Ok(()),
            (Transport::Srtp, false) => Err(Refusal::Encrypted { transport: media.proto.clone() }),
            (Transport::Clear, true) => {
                Err(not_encrypted(format!("the peer wants {} in the clear", media.proto)))
            }
        }
    }

    fn take(&self, session: &sdp_types::Session, media: &Media) -> Result<Taken, Refusal> {
        if media.port == 0 {
            return Err(self.rejected());
        }
        self.check_transport(media)?;
        let usable = usable(session, media, self.local.rtp.ip())?;
        let crypto = if self.is_encrypted() { Some(self.crypto_offered(media)?) } else { None };
        Ok(Taken { usable, crypto })
    }

    /// The first of the peer's attributes that we can use: the order is its liking.
    fn crypto_offered(&self, media: &Media) -> Result<Crypto, Refusal> {
        let offered = cryptos(media).map_err(keyless)?;
        let ours = |crypto: &Crypto| self.local.srtp.contains(&crypto.key.suite());
        offered.into_iter().find(ours).ok_or_else(|| not_encrypted(CryptoFault::Suite.to_string()))
    }

    /// The keys that the answer to our offer makes. The peer must take one of our attributes by its
    /// tag, and give a key of its own (RFC 4568 section 5.1.3).
    fn keys_answered(&self, media: &Media) -> Result<SrtpKeys, Refusal> {
        let crypto = cryptos(media).map_err(keyless)?.swap_remove(0);
        let suite = crypto.key.suite();
        let offered = crypto.tag.checked_sub(1).and_then(|at| self.local.srtp.get(at as usize));
        let send = self.keys.iter().find(|key| key.suite() == suite && offered == Some(&suite));
        match send {
            None => Err(not_encrypted("its answer takes a crypto suite under a tag that we did not offer")),
            Some(send) if *send == crypto.key => Err(not_encrypted("its answer repeats our own key")),
            Some(send) => Ok(SrtpKeys { send: send.clone(), receive: crypto.key }),
        }
    }

    /// The keys of a stream that the peer offers. While its key stays, so does ours; with a new one
    /// both begin anew, so that their packet counts do.
    fn keys_for(&mut self, theirs: &MasterKey, random: Randomness<'_>) -> SrtpKeys {
        let before = self.agreed.as_ref().and_then(|agreed| agreed.srtp.as_ref());
        if let Some(before) = before.filter(|before| before.receive == *theirs) {
            return before.clone();
        }
        self.keys.retain(|key| key.suite() != theirs.suite());
        SrtpKeys { send: self.key(theirs.suite(), random), receive: theirs.clone() }
    }

    fn key(&mut self, suite: Suite, random: Randomness<'_>) -> MasterKey {
        if let Some(key) = self.keys.iter().find(|key| key.suite() == suite) {
            return key.clone();
        }
        let key = MasterKey::new(suite, random());
        self.keys.push(key.clone());
        key
    }
}

fn negotiated(usable: Usable, events_here: Option<u8>, srtp: Option<SrtpKeys>) -> Negotiated {
    Negotiated {
        remote: usable.remote,
        codec: usable.codec,
        payload_type: usable.payload_type,
        telephone_event: usable.telephone_event,
        telephone_event_here: events_here,
        direction: usable.direction,
        ptime: usable.ptime,
        max_ptime: usable.max_ptime,
        srtp,
        rtcp: if usable.mux { Some(Rtcp::Muxed(usable.remote)) } else { usable.rtcp.map(Rtcp::At) },
    }
}

fn is_audio(media: &Media) -> bool {
    media.media.eq_ignore_ascii_case("audio")
}

fn is_codec(number: u8) -> bool {
    CODECS.iter().any(|codec| Codec::payload_type(*codec) == number)
}

fn stream(media: &Media, ours: bool) -> Stream {
    if ours {
        return Stream::Ours;
    }
    Stream::Refused(Refused {
        media: media.media.clone(),
        proto: media.proto.clone(),
        formats: media.fmt.clone(),
    })
}

fn not_encrypted(why: impl Into<String>) -> Refusal {
    Refusal::NotEncrypted { why: why.into() }
}

fn keyless(fault: Option<CryptoFault>) -> Refusal {
    not_encrypted(
        fault.map_or_else(|| "its description has no a=crypto line".to_owned(), |fault| fault.to_string()),
    )
}
