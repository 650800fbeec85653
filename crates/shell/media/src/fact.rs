//! What the engine tells: facts, stamped on the media threads, over one bounded queue a leg.

use audio::{Cue, Tone, Way, rtcp::Quality, samples_in};
use hearing::What;
use std::{
    cell::Cell,
    path::PathBuf,
    time::{Duration, Instant},
};
use tokio::sync::mpsc::{self, OwnedPermit};

/// Facts that may wait for the reader; more are dropped, counted and logged.
const WAITING: usize = 64;

/// Something heard on a leg.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaFact {
    /// In milliseconds since the leg was opened.
    pub at_ms: u32,
    /// What.
    pub what: Heard,
}

/// What can be heard. Times are in milliseconds and the rare large ones are boxed: a leg's queue has room for 32 facts at
/// any time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// The first RTP packet came.
    FirstPacket,
    /// A key was pressed: once a press, by however many ways it came.
    Key {
        /// `0`–`9`, `*`, `#`, `A`–`D`.
        digit: char,
        /// The way that told it first: by its first packet, after 35 ms of its tones, or by a message.
        way: Way,
    },
    /// That key was released, or nothing more came of it. Not told of keys by INFO.
    KeyReleased {
        /// The key.
        digit: char,
        /// How long it was held.
        held_ms: u32,
    },
    /// The last frame of a prompt was sent. Not told of prompts stopped or replaced.
    PromptDone {
        /// As given to [`crate::MediaLeg::play`].
        play: u32,
    },
    /// Speech began in a span.
    SpeechStarted {
        /// As given to [`crate::MediaLeg::listen_span`].
        span: u32,
    },
    /// A span is over, by silence, by its longest time, or stopped.
    SpeechEnded {
        /// As given to [`crate::MediaLeg::listen_span`].
        span: u32,
        /// Offset in the recording where speech, or else the span, began.
        from_ms: u32,
        /// Offset in the recording where it ended.
        to_ms: u32,
        /// Whether there was speech.
        spoke: bool,
    },
    /// A call-progress tone; ring-back only before the answer.
    Tone(Tone),
    /// Before the answer: an announcement, music or speech. Told once.
    EarlySound,
    /// Something was made out by ear, before the answer or in the time after it; a later finding takes the place of an
    /// earlier one about the same thing, and one of confidence zero takes it back.
    Found(Box<Found>),
    /// After the answer: nothing came for [`crate::MediaConfig::no_media_after`].
    NoMedia,
    /// SRTP: a packet failed authentication and was not heard. Told once; more are counted.
    Forged,
    /// The recording cannot go on; what was written stays in the staging directory.
    RecorderFailed {
        /// What went wrong and what to do.
        error: Box<str>,
    },
    /// The leg's packets, all counted; always told, just before the end.
    Counted(Box<LegStats>),
    /// The leg is closed; always told, always last. A recording only if the call was to be recorded, nothing of it was
    /// lost by us, and it was answered or something was made out before: then it is the evidence of that.
    Closed(Option<Box<StagedRecording>>),
}

const _: () = assert!(size_of::<MediaFact>() <= 32, "a kilobyte for each leg");

/// What was made out by ear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// What.
    pub what: What,
    /// In percent.
    pub confidence: u8,
    /// Whether the call had been answered.
    pub answered: bool,
    /// Where it was heard: since the answer, or else since the leg was opened.
    pub from: Duration,
    /// Where it had been heard when it was told.
    pub to: Duration,
}

/// A whole recording, on disk (fdatasync), still under its temporary name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StagedRecording {
    /// `<staging>/<id>.wav.part`: stereo, 8 kHz, 16 bit; left the customer, right our side.
    pub path: PathBuf,
    /// Its length in sample pairs.
    pub samples: u64,
    /// The cue points in the file, ascending; each label is a [`records::Marker`]'s text.
    pub cues: Vec<Cue>,
    /// What the leg counted.
    pub stats: LegStats,
}

/// Packets of one leg.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LegStats {
    /// Received, without duplicates.
    pub received: u64,
    /// Sent by the peer, to judge by its numbers, and not received.
    pub lost: u64,
    /// Received again; under SRTP, replays among them.
    pub duplicates: u64,
    /// Received behind a later one.
    pub reordered: u64,
    /// Of a payload type nobody agreed on, or no RTP at all.
    pub refused: u64,
    /// From elsewhere than the peer, and not heard.
    pub strangers: u64,
    /// SRTP that failed authentication: sent by a stranger, or under another key.
    pub forged: u64,
    /// Sent by us.
    pub sent: u64,
    /// Interarrival jitter (RFC 3550 section 6.4.1) at the end; arrivals are seen at ticks of 20 ms.
    pub jitter: Duration,
    /// The highest that it was.
    pub most_jitter: Duration,
    /// What the peer's RTCP told of our stream.
    pub reports: Quality,
}

/// The tick's end of a leg's queue.
pub(crate) struct Facts {
    opened: Instant,
    queue: mpsc::Sender<MediaFact>,
    /// One was dropped: of the next it is not told again, or a flood of keys would flood the log.
    dropped: Cell<bool>,
}

/// A place in the queue kept free, so that this fact cannot be dropped.
pub(crate) struct Reserved {
    opened: Instant,
    place: OwnedPermit<MediaFact>,
}

impl Facts {
    pub(crate) fn queue(opened: Instant) -> (Self, mpsc::Receiver<MediaFact>) {
        let (queue, facts) = mpsc::channel(WAITING);
        (Self { opened, queue, dropped: Cell::new(false) }, facts)
    }

    /// A moment on the leg's clock: samples since it was opened.
    pub(crate) fn position(&self, at: Instant) -> i64 {
        match at.checked_duration_since(self.opened) {
            Some(since) => samples_in(since) as i64,
            None => -(samples_in(self.opened.duration_since(at)) as i64),
        }
    }

    pub(crate) fn tell(&self, what: Heard) {
        let fact = MediaFact { at_ms: since(self.opened), what };
        if let Err(mpsc::error::TrySendError::Full(fact)) = self.queue.try_send(fact) {
            metrics::counter!("media_facts_dropped_total").increment(1);
            if !self.dropped.replace(true) {
                tracing::error!(fact = ?fact.what, "a media fact was dropped, its reader lags; more of this leg are only counted");
            }
        }
    }

    /// Only to be asked of a fresh queue.
    pub(crate) fn reserve(&self) -> Reserved {
        let place = self.queue.clone().try_reserve_owned().expect("a fresh queue has room");
        Reserved { opened: self.opened, place }
    }
}

impl Reserved {
    pub(crate) fn tell(self, what: Heard) {
        self.place.send(MediaFact { at_ms: since(self.opened), what });
    }
}

/// In milliseconds: no leg is open for seven weeks.
fn since(opened: Instant) -> u32 {
    opened.elapsed().as_millis() as u32
}
