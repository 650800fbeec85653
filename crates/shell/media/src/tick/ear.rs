//! What a leg hears: packets sorted, keys, tones and speech told, sound laid on the tape.

use super::keys::{KeyHeard, Keys};
use super::listening::{Listening, Room};
use crate::{Heard, Remote, fact::Facts, recorder::Recording};
use audio::{
    Arrival, Codec, ComfortNoise, Counts, FRAME, Header, KeyPolicy, NoiseFloor, Packet, PayloadTypes, Placed,
    Plausible, RATE, Silence, SourceLock, SourcePolicy, SpanEvent, SpanLimits, SpeechSpan, Stamp,
    StreamReceiver, Timeline, Tone, duration_of,
};
use hearing::{EarHears, Echo, ToneDetector, Whose};
use records::Marker;
use std::{net::SocketAddr, time::Duration};

/// Without a packet for this long, and without a word that it was meant, the recording tells of it (2 s).
const PAUSE: i64 = RATE as i64 * 2;
/// Behind comfort noise a sender may say nothing for so many times as long as others.
const PATIENCE: i64 = 6;

/// A packet found at a tick came half a tick earlier on average.
const HALF_TICK: i64 = FRAME as i64 / 2;

pub(super) struct Ear {
    types: PayloadTypes,
    source: SourceLock,
    stream: StreamReceiver,
    keys: Keys,
    timeline: Timeline,
    tones: ToneDetector,
    listening: Listening,
    echo: Echo,
    noise: NoiseFloor,
    span: Option<(u32, SpeechSpan)>,
    /// What the span is called.
    span_name: String,
    silence: Option<Silence>,
    answered: Option<i64>,
    last_packet: Option<i64>,
    /// Since when media is missed.
    waiting_since: i64,
    missed_told: bool,
    no_media_after: i64,
    refused: u64,
    strangers: u64,
}

/// Who sent a datagram.
#[derive(Clone, Copy)]
pub(super) enum Source {
    /// Whoever has the key, from wherever.
    Proven,
    /// Anyone at that address.
    At(SocketAddr),
}

/// Where an ear's findings go.
pub(super) struct Sinks<'a> {
    pub(super) facts: &'a Facts,
    pub(super) recording: Option<&'a mut Recording>,
}

impl Sinks<'_> {
    fn missing(&mut self, missing: Option<(i64, i64)>) {
        if let (Some(recording), Some(missing)) = (&mut self.recording, missing) {
            recording.missing(missing);
        }
    }
}

impl Ear {
    pub(super) fn new(
        no_media_after: u64,
        keys: KeyPolicy,
        source: SourcePolicy,
        listening: Listening,
    ) -> Self {
        Self {
            types: PayloadTypes::default(),
            source: SourceLock::new(source),
            stream: StreamReceiver::default(),
            keys: Keys::new(keys),
            timeline: Timeline::default(),
            tones: ToneDetector::default(),
            listening,
            echo: Echo::default(),
            noise: NoiseFloor::default(),
            span: None,
            span_name: String::new(),
            silence: None,
            answered: None,
            last_packet: None,
            waiting_since: 0,
            missed_told: false,
            no_media_after: no_media_after as i64,
            refused: 0,
            strangers: 0,
        }
    }

    pub(super) fn connect(&mut self, remote: &Remote) {
        self.types = remote.payload_types();
        self.keys.agree(remote);
        self.source.agree(remote.addr);
    }

    pub(super) fn answered(&mut self, at: i64) {
        if self.answered.is_some() {
            return;
        }
        self.answered = Some(at);
        self.listening.answered(at);
        self.expect_media_from(at);
        // A tone that began before the answer is news if it goes on behind it.
        self.tones = ToneDetector::default();
    }

    /// Media is missed only from this moment on.
    pub(super) fn expect_media_from(&mut self, at: i64) {
        self.waiting_since = self.waiting_since.max(at);
        self.missed_told = false;
    }

    pub(super) fn listen(
        &mut self,
        (span, name): (u32, String),
        at: i64,
        limits: SpanLimits,
        sinks: &mut Sinks<'_>,
    ) {
        if let Some((open, _)) = self.span {
            self.stop_span(open, at, sinks);
        }
        self.span = Some((span, SpeechSpan::open(at, limits)));
        self.span_name = name;
    }

    pub(super) fn stop_span(&mut self, span: u32, at: i64, sinks: &mut Sinks<'_>) {
        if let Some((_, open)) = self.span.take_if(|(id, _)| *id == span) {
            self.span_event(span, SpanEvent::Ended(open.close(at)), sinks);
        }
    }

    pub(super) fn close(&mut self, at: i64, sinks: &mut Sinks<'_>) {
        if let Some((open, _)) = self.span {
            self.stop_span(open, at, sinks);
        }
    }

    pub(super) fn counts(&self) -> (Counts, u64) {
        let counts = self.stream.counts();
        (counts, self.refused + counts.foreign)
    }

    /// Packets from elsewhere than the peer.
    pub(super) fn strangers(&self) -> u64 {
        self.strangers
    }

    /// The interarrival jitter of late, and the highest.
    pub(super) fn jitter(&self) -> (Duration, Duration) {
        let (jitter, most) = self.stream.jitter();
        (duration_of(jitter.into()), duration_of(most.into()))
    }

    pub(super) fn stream(&mut self) -> &mut StreamReceiver {
        &mut self.stream
    }

    /// A frame of a prompt went out at a position: it may come back.
    pub(super) fn said(&mut self, position: i64, loudness: [i8; 2], key: Option<char>) {
        self.echo.said(position, loudness);
        if let Some(digit) = key {
            self.keys.said(digit, position);
        }
    }

    /// Takes one datagram; `samples` is room to decode into, `room` what to listen with.
    pub(super) fn datagram(
        &mut self,
        octets: &[u8],
        from: Source,
        now: i64,
        (samples, room): (&mut [i16], &mut Room),
        sinks: &mut Sinks<'_>,
    ) {
        let Ok(packet) = Packet::parse(octets) else {
            self.refused += 1;
            return;
        };
        if !self.is_peer(&packet.header, from, now) {
            self.strangers += 1;
            return;
        }
        if self.last_packet.replace(now).is_none() {
            sinks.facts.tell(Heard::FirstPacket);
        }
        let silent_since = self.waiting_since;
        self.expect_media_from(now);
        let paused = (now - silent_since >= PAUSE && self.silence.is_none()).then_some(silent_since);
        match self.stream.receive(&packet, &self.types, now) {
            Arrival::Audio { stamp, codec, payload } => {
                let count = codec.decode(payload, samples);
                let sound = (codec, &payload[..count]);
                let position = self.sound(&stamp, sound, &samples[..count], (now, paused), sinks);
                let recording = sinks.recording.as_deref_mut();
                let heard = (position, &samples[..count]);
                self.listening.hear(heard, &self.echo, room, sinks.facts, recording);
            }
            Arrival::Noise { stamp, payload } => {
                let placed = self.timeline.place(&stamp, 0, now - HALF_TICK);
                self.silence =
                    ComfortNoise::parse(payload).map(|noise| Silence::new(&stamp, noise, placed.position));
                sinks.missing(placed.missing);
            }
            Arrival::Event { stamp, payload } => self.event(&stamp, payload, now, sinks),
            Arrival::Foreign { stamp, payload_type, payload } => {
                if self.keys.takes(payload_type, &stamp, payload) {
                    self.event(&stamp, payload, now, sinks);
                }
            }
            Arrival::Refused(_) => {}
        }
    }

    /// What time brings even when no packet comes.
    pub(super) fn tick(&mut self, now: i64, held: bool, samples: &mut [i16], sinks: &mut Sinks<'_>) {
        self.keep_quiet(now, samples, sinks);
        if let Some((span, open)) = &self.span
            && let Some(event) = open.at(now)
        {
            let span = *span;
            self.span = None;
            self.span_event(span, event, sinks);
        }
        let listening = &mut self.listening;
        self.keys.tick(now, |heard| tell_key(heard, listening, sinks));
        if held {
            self.expect_media_from(now);
        }
        let patience =
            if self.silence.is_some() { self.no_media_after * PATIENCE } else { self.no_media_after };
        let missed = now - self.waiting_since >= patience;
        if self.answered.is_some() && missed && !self.missed_told {
            self.missed_told = true;
            sinks.facts.tell(Heard::NoMedia);
        }
    }

    /// It need not be where we send to: carriers' media gateways often answer from another port. The key of SRTP
    /// proves more than any address.
    fn is_peer(&mut self, header: &Header, from: Source, now: i64) -> bool {
        let Source::At(from) = from else { return true };
        let (types, stream) = (self.types, &self.stream);
        self.source.takes(from, now, || Plausible {
            agreed: types.knows(header.payload_type),
            continues: stream.continues(header),
        })
    }

    /// A silence that its sender has announced is laid as the noise that it named, up to where sound may still come.
    fn keep_quiet(&mut self, now: i64, samples: &mut [i16], sinks: &mut Sinks<'_>) {
        if let (Some(silence), Some(recording)) = (&mut self.silence, &mut sinks.recording) {
            let (position, noise) = silence.until(now - HALF_TICK - FRAME as i64, samples);
            recording.noise(position, noise);
        }
    }

    /// Sound from behind the silence ends it; the noise reaches up to there.
    fn end_silence(&mut self, stamp: &Stamp, position: i64, sinks: &mut Sinks<'_>) {
        let Some(mut silence) = self.silence.take_if(|silence| silence.is_over(stamp)) else { return };
        let mut room = [0; FRAME];
        loop {
            let (from, noise) = silence.until(position, &mut room);
            match &mut sinks.recording {
                Some(recording) if !noise.is_empty() => recording.noise(from, noise),
                _ => return,
            }
        }
    }

    fn sound(
        &mut self,
        stamp: &Stamp,
        (law, octets): (Codec, &[u8]),
        samples: &[i16],
        (now, paused): (i64, Option<i64>),
        sinks: &mut Sinks<'_>,
    ) -> i64 {
        let Placed { position, missing } =
            self.timeline.place(stamp, samples.len(), now - HALF_TICK - samples.len() as i64);
        self.end_silence(stamp, position, sinks);
        if let Some(recording) = &mut sinks.recording {
            recording.customer(position, law, octets);
            if let (Some(since), None) = (paused, missing) {
                recording.nothing(since, now);
            }
        }
        sinks.missing(missing);
        for (index, frame) in samples.chunks(FRAME).enumerate() {
            self.echo.hear(position + (index * FRAME) as i64, frame);
        }
        let (listening, echo) = (&mut self.listening, &self.echo);
        let explains = |from, to| echo.explains_tone(from, to);
        self.keys.sound(position, samples, explains, |heard| tell_key(heard, listening, sinks));
        let ringing = self.answered.is_none();
        self.tones.hear(position, samples, |hears| match hears {
            EarHears::Tone(heard) if ringing || heard.tone != Tone::Ringback => {
                tracing::debug!(tone = ?heard.tone, evidence = ?duration_of(heard.evidence), "tone heard");
                if let Some(recording) = sinks.recording.as_mut().filter(|_| heard.tone != Tone::Ringback) {
                    recording.heard(position - heard.evidence as i64, heard.tone.words());
                }
                sinks.facts.tell(Heard::Tone(heard.tone));
            }
            EarHears::Sound if ringing => sinks.facts.tell(Heard::EarlySound),
            EarHears::Tone(_) | EarHears::Sound => {}
        });
        for (index, frame) in samples.chunks(FRAME).enumerate() {
            self.speech(position + (index * FRAME) as i64, frame, sinks);
        }
        position
    }

    fn speech(&mut self, position: i64, frame: &[i16], sinks: &mut Sinks<'_>) {
        let theirs = self.echo.at(position) == Whose::Theirs;
        let active = self.noise.is_active(frame) && theirs;
        let Some((span, open)) = &mut self.span else { return };
        if let Some(event) = open.hear(position, frame.len(), active) {
            let span = *span;
            self.span_event(span, event, sinks);
        }
    }

    fn span_event(&self, span: u32, event: SpanEvent, sinks: &mut Sinks<'_>) {
        match event {
            SpanEvent::Started => sinks.facts.tell(Heard::SpeechStarted { span }),
            SpanEvent::Ended(end) => {
                if let Some(recording) = &mut sinks.recording {
                    let name = || self.span_name.clone();
                    if end.spoke {
                        recording.mark(end.from, &Marker::SpeechBegins { name: name() });
                        recording.mark(end.to, &Marker::SpeechEnds { name: name() });
                    } else {
                        recording.mark(end.from, &Marker::NoSpeech { name: name() });
                    }
                }
                let offset = |position: i64| millis((position - self.answered.unwrap_or(0)).max(0) as u64);
                let (from_ms, to_ms) = (offset(end.from), offset(end.to));
                sinks.facts.tell(Heard::SpeechEnded { span, from_ms, to_ms, spoke: end.spoke });
            }
        }
    }

    fn event(&mut self, stamp: &Stamp, payload: &[u8], now: i64, sinks: &mut Sinks<'_>) {
        let lasts = payload.get(2..4).map_or(0, |octets| u16::from_be_bytes([octets[0], octets[1]]));
        let Placed { position, missing } = self.timeline.place_event(stamp, lasts.into(), now - HALF_TICK);
        sinks.missing(missing);
        if let Some(recording) = &mut sinks.recording {
            recording.key_down(position, position + i64::from(lasts));
        }
        let listening = &mut self.listening;
        self.keys.event(stamp, payload, (position, now), |heard| tell_key(heard, listening, sinks));
    }

    /// The signalling told a press at `at`.
    pub(super) fn info(&mut self, digit: char, at: i64, sinks: &mut Sinks<'_>) {
        let listening = &mut self.listening;
        self.keys.info(digit, at, |heard| tell_key(heard, listening, sinks));
    }
}

/// Of so many samples.
fn millis(samples: u64) -> u32 {
    duration_of(samples).as_millis() as u32
}

fn tell_key(heard: KeyHeard, listening: &mut Listening, sinks: &mut Sinks<'_>) {
    match heard {
        KeyHeard::Pressed { digit, way, at } => {
            metrics::counter!("media_keys_total", "way" => way.slug()).increment(1);
            if let Some(recording) = &mut sinks.recording {
                recording.key(at, digit, way);
            }
            sinks.facts.tell(Heard::Key { digit, way });
            listening.key(at, sinks.facts);
        }
        KeyHeard::Released { digit, held } => {
            sinks.facts.tell(Heard::KeyReleased { digit, held_ms: millis(held) });
        }
        KeyHeard::Tone { from, to } => {
            if let Some(recording) = &mut sinks.recording {
                recording.key_down(from, to);
            }
        }
    }
}
