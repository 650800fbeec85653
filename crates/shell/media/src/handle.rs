//! The application's hold on one leg: every method is a command, taken at the next tick.

use crate::{Remote, tick::Command, tick::Order};
use audio::{Clip, SpanLimits, samples_in};
use crossbeam_channel::{SendTimeoutError, Sender};
use records::{KeyTones, Marker};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// A full queue is drained within one tick; waiting longer for it means the thread is stuck.
const PATIENCE: Duration = Duration::from_millis(100);
/// Speech that is to come must begin within this, however short the silence that ends it.
const SHORTEST_WAIT: Duration = Duration::from_secs(5);

/// One open leg. Dropped, it closes.
#[derive(Debug)]
pub struct MediaLeg {
    id: u64,
    port: u16,
    orders: Sender<Order>,
    closed: Arc<AtomicBool>,
}

impl MediaLeg {
    pub(crate) fn new(id: u64, port: u16, orders: Sender<Order>, closed: Arc<AtomicBool>) -> Self {
        Self { id, port, orders, closed }
    }

    /// The RTP port to offer.
    pub fn local_port(&self) -> u16 {
        self.port
    }

    /// Nothing leaves and nothing is heard in the clear, from before the first connection to the end.
    pub fn require_srtp(&self) {
        self.order(Command::RequireSrtp);
    }

    /// Sends to, and takes payload types from, the latest offer and answer: early media, then the answer,
    /// then each re-INVITE. Numbers, timestamps and SSRC go on. From the first call on one frame leaves each
    /// 20 ms, silence when nothing is played.
    pub fn connect(&self, remote: Remote) {
        self.order(Command::Connect(remote));
    }

    /// The call is answered: this moment is the recording's time zero.
    pub fn answered(&self) {
        self.answered_at(Instant::now());
    }

    /// The call was answered then; what was heard since belongs to the recording.
    pub fn answered_at(&self, at: Instant) {
        self.order_at(at, Command::Answered);
    }

    /// Plays a prompt from its beginning, in place of any other. The recording's markers call it by its name.
    pub fn play(&self, play: u32, name: &str, clip: Arc<Clip>) {
        self.order(Command::Play(play, name.to_owned(), clip));
    }

    /// Stops the prompt, if one plays.
    pub fn stop_play(&self) {
        self.order(Command::StopPlay);
    }

    /// Listens for one spoken answer, in place of any other span, which ends. The recording's markers call it by its
    /// name. It is over after `max`, after
    /// `end_silence` behind speech, or when none began within the longer of twice `end_silence` and 5 s.
    pub fn listen_span(&self, span: u32, name: &str, max: Duration, end_silence: Duration) {
        let start_within = samples_in((end_silence * 2).max(SHORTEST_WAIT));
        let limits = SpanLimits { max: samples_in(max), end_silence: samples_in(end_silence), start_within };
        self.order(Command::ListenSpan(span, name.to_owned(), limits));
    }

    /// Ends a span now, if it is still open.
    pub fn stop_span(&self, span: u32) {
        self.order(Command::StopSpan(span));
    }

    /// The customer objects: nothing from now on is kept, and the file ends here.
    pub fn stop_recording(&self) {
        self.order(Command::StopRecording);
    }

    /// On hold nothing is sent, the prompt pauses and missing media is no fault; the recording's time runs on.
    pub fn hold(&self, held: bool) {
        self.order(Command::Hold(held));
    }

    /// The signalling told a key press (SIP INFO). It is told as [`crate::Heard::Key`] unless it came by another way.
    pub fn pressed_by_info(&self, digit: char) {
        self.order(Command::Info(digit));
    }

    /// Sets a cue point at this moment of the recording. Prompts, keys, spoken answers, holds and what was lost are
    /// marked by themselves.
    pub fn mark(&self, marker: Marker) {
        self.order(Command::Mark(marker));
    }

    /// Whether the customer's keys can be heard in the recording from now on; at first they can.
    pub fn key_tones(&self, key_tones: KeyTones) {
        self.order(Command::KeyTones(key_tones));
    }

    /// Ends the leg now and finishes its recording; [`crate::Heard::Closed`] follows.
    pub fn close(&self) {
        self.close_at(Instant::now());
    }

    /// The same for a call that ended then: the recording does, and nothing that was heard since is in it. The first
    /// end that is told stands.
    pub fn close_at(&self, at: Instant) {
        if !self.closed.swap(true, Ordering::AcqRel) {
            self.order_at(at, Command::Close);
        }
    }

    fn order(&self, command: Command) {
        self.order_at(Instant::now(), command);
    }

    /// Waiting is the rare exception and ends with the tick. A lost `Close` is made good by the flag, which
    /// every tick looks at.
    fn order_at(&self, at: Instant, command: Command) {
        let order = Order { leg: self.id, at, command };
        if let Err(SendTimeoutError::Timeout(order)) = self.orders.send_timeout(order, PATIENCE) {
            metrics::counter!("media_commands_dropped_total").increment(1);
            tracing::error!(leg = self.id, command = ?order.command, "a media command was dropped: the tick is stuck");
        }
    }
}

impl Drop for MediaLeg {
    fn drop(&mut self) {
        self.close();
    }
}
