//! One leg on its tick thread: its sockets, a voice, an ear and, if recorded, a tape.

use super::{
    clock::Tick,
    command::Command,
    ear::{Ear, Sinks, Source},
    guard::Guard,
    listening::{Listening, Room},
    reports::{Path, Reports},
    voice::Voice,
    wire::{Look, Wire},
};
use crate::{
    Heard, LegStats,
    fact::{Facts, Reserved},
    ports::Sockets,
    recorder::{Job, Recording},
    srtp::Opened,
};
use audio::{KeyPolicy, SourcePolicy, samples_in};
use hearing::{Library, Limits};
use records::Marker;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// Datagrams taken in one tick; a flood must not starve the other legs.
const MOST_PER_TICK: usize = 64;
/// Longer than any datagram of G.711.
const LONGEST: usize = 2048;

/// Room that all legs of a thread use in turn.
pub(super) struct Scratch {
    octets: Box<[u8; LONGEST]>,
    samples: Box<[i16; LONGEST]>,
    room: Room,
}

impl Scratch {
    pub(super) fn new(announcements: Arc<Library>) -> Self {
        let (octets, samples) = (Box::new([0; LONGEST]), Box::new([0; LONGEST]));
        Self { octets, samples, room: Room::new(announcements) }
    }
}

/// What holds for every leg.
pub(crate) struct Terms {
    pub(crate) no_media_after: Duration,
    pub(crate) keys: KeyPolicy,
    pub(crate) source: SourcePolicy,
    pub(crate) announcements: Arc<Library>,
    pub(crate) listening: Limits,
}

pub(crate) struct Leg {
    wire: Wire,
    reports: Reports,
    facts: Facts,
    counted_fact: Reserved,
    closed_fact: Reserved,
    closed: Arc<AtomicBool>,
    voice: Voice,
    ear: Ear,
    guard: Guard,
    held: bool,
    recording: Option<Recording>,
}

impl Leg {
    pub(crate) fn new(sockets: Sockets, facts: Facts, closed: Arc<AtomicBool>, terms: &Terms) -> Self {
        let voice = Voice::new();
        let listening = Listening::new(terms.listening, &terms.announcements);
        Self {
            wire: Wire::new(sockets.rtp),
            reports: Reports::new(sockets.rtcp, voice.ssrc(), rand::random()),
            counted_fact: facts.reserve(),
            closed_fact: facts.reserve(),
            facts,
            closed,
            voice,
            ear: Ear::new(samples_in(terms.no_media_after), terms.keys, terms.source, listening),
            guard: Guard::default(),
            held: false,
            recording: None,
        }
    }

    /// A place for a fact that the recorder may have to tell.
    pub(crate) fn reserve(&self) -> Reserved {
        self.facts.reserve()
    }

    pub(crate) fn record(&mut self, recording: Recording) {
        self.recording = Some(recording);
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    pub(super) fn obey(&mut self, command: Command, at: Instant) {
        let at = self.facts.position(at);
        let mut sinks = Sinks { facts: &self.facts, recording: self.recording.as_mut() };
        match command {
            Command::RequireSrtp => self.guard.shield.require(),
            Command::Connect(remote) => {
                if self.guard.shield.agree(remote.srtp.as_ref()) {
                    self.voice.begin_key();
                }
                self.ear.connect(&remote);
                self.wire.connect(remote.addr);
                self.reports.connect(remote.rtcp, at);
                self.voice.connect(remote);
            }
            Command::Answered => {
                self.ear.answered(at);
                if let Some(recording) = &mut self.recording {
                    recording.start(at, &self.facts);
                }
            }
            Command::Play(play, name, clip) => {
                if let Some(recording) = &mut self.recording {
                    recording.name_prompt(play, name);
                }
                self.voice.play(play, clip);
            }
            Command::StopPlay => self.voice.stop(),
            Command::ListenSpan(span, name, limits) => self.ear.listen((span, name), at, limits, &mut sinks),
            Command::StopSpan(span) => self.ear.stop_span(span, at, &mut sinks),
            Command::StopRecording => {
                if let Some(recording) = &mut self.recording {
                    recording.stop(at, &self.facts);
                }
            }
            Command::Hold(held) => {
                if held != std::mem::replace(&mut self.held, held)
                    && let Some(recording) = &mut self.recording
                {
                    recording.mark(at, if held { &Marker::Hold } else { &Marker::Resume });
                }
                self.voice.hold(held);
            }
            Command::Mark(marker) => {
                if let Some(recording) = &mut self.recording {
                    recording.mark(at, &marker);
                }
            }
            Command::KeyTones(key_tones) => {
                if let Some(recording) = &mut self.recording {
                    recording.key_tones(key_tones);
                }
            }
            Command::Info(digit) => self.ear.info(digit, at, &mut sinks),
            // These are the thread's own.
            Command::Open(_) | Command::Close | Command::Shutdown => {}
        }
    }

    /// Receives what came and sends one frame.
    pub(super) fn tick(&mut self, tick: &Tick, scratch: &mut Scratch) {
        self.receive(tick.now, self.wire.look(tick.now), scratch);
        let now = self.facts.position(tick.now);
        let mut sinks = Sinks { facts: &self.facts, recording: self.recording.as_mut() };
        self.ear.tick(now, self.held, &mut scratch.samples[..], &mut sinks);
        if let Some(recording) = &mut self.recording {
            // Before our frame is laid: our side of the tape reaches no further than now.
            recording.tick(now, &self.facts);
        }
        self.send(tick, scratch);
        if self.reports.is_due(now) {
            let (sent, stream) = (self.voice.report(), self.ear.stream());
            let path = Path { wire: &self.wire, guard: &mut self.guard, facts: &self.facts };
            self.reports.run(now, path, sent, stream, &mut scratch.octets[..]);
        }
    }

    /// The recorder's last job for this leg, which then tells `Closed`; without one it is told here.
    /// What waits in the socket is heard first: a key pressed just before the hang-up counts, though the call was over
    /// at `at` already.
    pub(super) fn close(mut self: Box<Self>, at: Instant, scratch: &mut Scratch) -> Option<Job> {
        let now = Instant::now();
        self.receive(now, self.wire.last_look(now), scratch);
        let (at, now) = (self.facts.position(at), self.facts.position(now));
        let mut sinks = Sinks { facts: &self.facts, recording: self.recording.as_mut() };
        self.ear.close(at, &mut sinks);
        let (sent, stream) = (self.voice.report(), self.ear.stream());
        let path = Path { wire: &self.wire, guard: &mut self.guard, facts: &self.facts };
        self.reports.end(now, path, sent, stream, &mut scratch.octets[..]);
        let stats = self.stats();
        tracing::debug!(?stats, "media leg closed");
        self.counted_fact.tell(Heard::Counted(Box::new(stats)));
        if let Some(recording) = self.recording {
            return Some(recording.close(at, stats, &self.facts, self.closed_fact));
        }
        self.closed_fact.tell(Heard::Closed(None));
        None
    }

    fn receive(&mut self, now: Instant, mut look: Look, scratch: &mut Scratch) {
        let now = self.facts.position(now);
        for _ in 0..MOST_PER_TICK {
            let Some((length, from)) = self.wire.receive(&mut scratch.octets[..], &mut look) else { break };
            let datagram = &mut scratch.octets[..length];
            if self.reports.muxed(datagram, &mut self.guard, &self.facts) {
                continue;
            }
            let (length, source) = match self.guard.open(datagram, &self.facts) {
                Some(Opened::Clear(length)) => (length, Source::At(from)),
                Some(Opened::Proven(length)) => (length, Source::Proven),
                None => continue,
            };
            let mut sinks = Sinks { facts: &self.facts, recording: self.recording.as_mut() };
            let Scratch { octets, samples, room } = scratch;
            self.ear.datagram(&octets[..length], source, now, (&mut samples[..], room), &mut sinks);
        }
        self.wire.looked(&look);
    }

    fn send(&mut self, tick: &Tick, scratch: &mut Scratch) {
        let Some(sent) = self.voice.send(tick, &self.wire, &mut self.guard.shield, &mut scratch.octets[..])
        else {
            return;
        };
        let position = self.facts.position(tick.due);
        if let Some(loudness) = sent.loudness {
            self.ear.said(position, loudness, sent.key);
        }
        if let Some(recording) = &mut self.recording {
            recording.says(sent.play, sent.done.is_some(), position);
            if let Some((codec, payload)) = sent.prompt {
                recording.ours(position, codec, payload);
            }
        }
        if let Some(play) = sent.done {
            self.facts.tell(Heard::PromptDone { play });
        }
    }

    fn stats(&self) -> LegStats {
        let (counts, refused) = self.ear.counts();
        let (jitter, most_jitter) = self.ear.jitter();
        LegStats {
            received: counts.received,
            lost: counts.lost,
            duplicates: counts.duplicates + self.guard.replayed,
            reordered: counts.reordered,
            refused: refused + self.guard.unheard,
            forged: self.guard.forged,
            strangers: self.ear.strangers() + self.reports.strangers(),
            sent: self.voice.report().packets,
            jitter,
            most_jitter,
            reports: self.reports.quality(),
        }
    }
}
