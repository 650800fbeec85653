//! Drives one call machine: facts of signalling, media and store in, orders out.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use call::{Call, Course, Input, Limits, Output, Phase, Report};
use media::{MediaFact, MediaLeg, StagedRecording};
use ports::LinePhase;
use records::{AttemptId, CallPolicy, Fact, MediaQuality};
use sip::{Events, FailureKind, Inbound, Leg, LegEvent, Refusal};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::hearing;
use super::sdp::{Agreement, Session};
use crate::app::board::Place;
use crate::app::journal::Entry;
use crate::app::library::Sound;
use crate::app::service::Service;
use crate::app::trace::Following;
use crate::app::trunks;

/// How long the recorder may take to finish a file after the call.
const RECORDER_PATIENCE: Duration = Duration::from_secs(20);

/// What is needed to carry one committed attempt.
pub struct Order {
    pub attempt: AttemptId,
    pub line: trunks::Line,
    /// The call that has come in; without one a call is placed.
    pub came_in: Option<Inbound>,
    /// Every prompt of the course.
    pub sound: Sound,
    pub policy: CallPolicy,
    pub place: Place,
    pub media: MediaLeg,
    pub heard: mpsc::Receiver<MediaFact>,
}

/// A call that is over.
pub struct Carried {
    pub report: Report,
    /// Since the attempt's start.
    pub answered_at: Option<Duration>,
    pub recording: Option<Box<StagedRecording>>,
    /// Nobody answered the INVITE, and the trunk still answers OPTIONS.
    pub silent: bool,
}

struct Driver {
    service: Arc<Service>,
    order: Order,
    call: Call,
    start: Instant,
    session: Session,
    leg: Option<Leg>,
    /// Keeps the signalling of the leg.
    following: Option<Following>,
    events: Option<Events>,
    kept: (mpsc::UnboundedSender<Kept>, mpsc::UnboundedReceiver<Kept>),
    answered_at: Option<Duration>,
    recording: Option<Box<StagedRecording>>,
    media: Option<MediaQuality>,
    /// The media leg is closed, or its engine gone: it tells nothing more.
    deaf: bool,
    told: Told,
    /// The trunk has given a sign of life in this call.
    heard_of: bool,
    silent: bool,
}

/// What the call has been told already.
#[derive(Clone, Copy, Default)]
struct Told {
    to_end: bool,
    to_drain: bool,
}

impl Told {
    fn note(&mut self, input: &Input) {
        if let Input::Drain { now } = input {
            self.to_end |= *now;
            self.to_drain = true;
        }
    }
}

/// Whether a fact is durable.
enum Kept {
    Fact(u32),
    Not,
}

impl From<Kept> for Input {
    fn from(kept: Kept) -> Self {
        match kept {
            Kept::Fact(seq) => Self::Saved { seq },
            Kept::Not => Self::StoreFailed,
        }
    }
}

/// What woke the driver.
enum Wake {
    /// With when it happened on the wire.
    Leg(Option<(Instant, LegEvent)>),
    Media(Option<MediaFact>),
    Input(Input),
    /// The trunk no longer answers OPTIONS.
    TrunkDown,
}

/// Carries a committed attempt to its end. What the call needs meanwhile lies in one box, so that whoever waits for
/// its end is small.
pub fn carry(
    service: Arc<Service>,
    order: Order,
    course: impl Into<Course>,
) -> impl Future<Output = Carried> + Send + 'static {
    let call = Call::new(order.policy.clone(), Limits::default(), course);
    let rtp = SocketAddr::new(service.rtp_address, order.media.local_port());
    let trunk = &order.line.trunk.config;
    let session = Session::new(rtp, order.attempt.0.as_u128() as u64, trunk);
    if !trunk.suites().is_empty() {
        order.media.require_srtp();
    }
    order.media.key_tones(order.policy.key_tones);
    let driver = Box::new(Driver {
        service,
        order,
        call,
        start: Instant::now(),
        session,
        leg: None,
        following: None,
        events: None,
        kept: mpsc::unbounded_channel(),
        answered_at: None,
        recording: None,
        media: None,
        deaf: false,
        told: Told::default(),
        heard_of: false,
        silent: false,
    });
    driver.run()
}

impl Driver {
    async fn run(mut self: Box<Self>) -> Carried {
        self.feed(if self.order.came_in.is_some() { Input::Arrived } else { Input::Start });
        let mut report = loop {
            if let Some(report) = self.carry_out() {
                break report;
            }
            match self.wake().await {
                Wake::Leg(Some((at, event))) => self.leg_event(at, event),
                Wake::Leg(None) => {
                    self.events = None;
                    self.feed(Input::LegEnded);
                }
                Wake::Media(Some(fact)) => self.media_fact(fact),
                Wake::Media(None) => {
                    // The engine ended under the call: what follows would not be recorded.
                    self.deaf = true;
                    self.feed(Input::RecorderFailed);
                }
                Wake::TrunkDown => self.trunk_down(),
                Wake::Input(input) => {
                    self.told.note(&input);
                    self.feed(input);
                }
            }
            self.show();
            if matches!(self.call.phase(), Phase::Settling | Phase::Ended) {
                // The recording ends with the call, not with the last fact that Postgres takes. Where the leg told the
                // end, it has ended already.
                self.order.media.close();
            }
        };
        self.order.line.ended(report.reason);
        self.settle().await;
        let Self { answered_at, recording, media, silent, .. } = *self;
        report.evidence.media = media;
        Carried { report, answered_at, recording, silent }
    }

    /// Waits for whatever comes first.
    async fn wake(&mut self) -> Wake {
        let timeout = self.call.poll_timeout().map(|(at, _)| self.start + at);
        let Told { to_end, to_drain } = self.told;
        let place = &self.order.place;
        let trunk = &self.order.line.trunk;
        let waiting = self.events.is_some() && !self.heard_of;
        tokio::select! {
            // A key that was heard before the BYE counts, where both wait.
            biased;
            fact = self.order.heard.recv(), if !self.deaf => Wake::Media(fact),
            event = next(&mut self.events) => Wake::Leg(event),
            Some(kept) = self.kept.1.recv() => Wake::Input(kept.into()),
            () = place.end_now.cancelled(), if !to_end => Wake::Input(Input::Drain { now: true }),
            () = place.draining.cancelled(), if !to_end && !to_drain => Wake::Input(Input::Drain { now: false }),
            () = trunk.down(), if waiting => Wake::TrunkDown,
            () = until(timeout) => Wake::Input(Input::Timeout),
        }
    }

    fn feed(&mut self, input: Input) {
        self.call.handle(self.start.elapsed(), input);
    }

    /// Carries out all orders; answers the report once the call is over. Facts of one moment are kept together.
    fn carry_out(&mut self) -> Option<Report> {
        let mut facts = Vec::new();
        let report = self.orders(&mut facts);
        if !facts.is_empty() {
            self.save(facts);
        }
        report
    }

    fn orders(&mut self, facts: &mut Vec<Fact>) -> Option<Report> {
        while let Some(output) = self.call.poll_output() {
            match output {
                Output::Dial => self.dial(),
                Output::Answer => self.answer(),
                Output::Cancel => self.leg.iter().for_each(Leg::cancel),
                Output::HangUp => self.leg.iter().for_each(|leg| leg.hang_up(None)),
                Output::Play { play, prompt } => match self.order.sound.clip(&prompt) {
                    Some(clip) => self.order.media.play(play, &prompt.id, clip),
                    // Cannot happen for a prepared script; the interview must not stall on it.
                    None => self.feed(Input::PromptDone { play }),
                },
                Output::StopPlay => self.order.media.stop_play(),
                Output::RecordSpan { span, tag, max, end_silence } => {
                    self.order.media.listen_span(span, &tag, max, end_silence);
                }
                Output::StopSpan { span } => self.order.media.stop_span(span),
                Output::StopRecording => self.order.media.stop_recording(),
                Output::Mark(marker) => self.order.media.mark(marker),
                Output::Save(fact) => facts.push(fact),
                Output::Ended(report) => return Some(*report),
            }
        }
        None
    }

    fn dial(&mut self) {
        let (call_id, offer) = (self.order.attempt.to_string(), self.session.offer());
        self.following = Some(self.service.tracer.follow(&call_id, self.order.attempt));
        let (leg, events) = self.order.line.dial(call_id, offer);
        self.leg = Some(leg);
        self.events = Some(events);
    }

    /// The trunk died before it took the call: the INVITE is given up, whatever still comes of it.
    fn trunk_down(&mut self) {
        self.heard_of = true;
        self.leg.iter().for_each(Leg::cancel);
        let phrase = Some("the trunk no longer answers OPTIONS".to_owned());
        self.feed(Input::Failed(call::Failure { phrase, ..call::Failure::of(call::FailureKind::Transport) }));
    }

    /// Answers the call that has come in. Nothing is said before the caller's side has confirmed it.
    fn answer(&mut self) {
        let Some(Inbound { leg, events, offer, .. }) = self.order.came_in.take() else { return };
        let answer = self.answer_to(offer.as_deref());
        self.heard_of = true;
        self.events = Some(events);
        match answer {
            Ok(sdp) => leg.accept(sdp),
            Err(why) => {
                leg.refuse(Refusal::new(488, "Not Acceptable Here"));
                self.feed(Input::NoCommonCodec { why });
            }
        }
        self.leg = Some(leg);
    }

    fn save(&self, facts: Vec<Fact>) {
        let journal = Arc::clone(&self.service.journal);
        let (attempt, reply) = (self.order.attempt, self.kept.0.clone());
        let seqs: Vec<u32> = facts.iter().map(|fact| fact.seq).collect();
        tokio::spawn(async move {
            let kept = journal.keep(Entry::Facts { attempt, facts }).await;
            if let Err(error) = &kept {
                tracing::error!(%attempt, %error, "facts of a call could not be made durable");
            }
            for seq in seqs {
                // The call may have ended meanwhile; the fact is kept all the same.
                let _ = reply.send(if kept.is_ok() { Kept::Fact(seq) } else { Kept::Not });
            }
        });
    }

    fn leg_event(&mut self, at: Instant, event: LegEvent) {
        self.heard_of = true;
        if event.is_terminal() || event == LegEvent::HungUp {
            self.order.media.close_at(at.into_std());
        }
        match &event {
            LegEvent::Provisional { status: 180, .. } | LegEvent::Answered { .. } => self.order.line.taken(),
            LegEvent::Failed(failure) => {
                self.silent = failure.kind == FailureKind::Timeout && !self.order.line.trunk.is_down();
            }
            _ => {}
        }
        match event {
            LegEvent::Trying => self.feed(Input::Trying),
            LegEvent::Provisional { status, sdp } => {
                let early = sdp.as_deref().and_then(|sdp| self.session.answered(sdp).ok());
                let opened = early.is_some();
                if let Some(agreement) = early {
                    self.connect(agreement);
                }
                self.feed(Input::Provisional { status, sdp: opened });
            }
            LegEvent::Answered { sdp } => self.answered(at, sdp.as_deref()),
            LegEvent::Failed(failure) => self.feed(Input::Failed(hearing::failure(failure))),
            LegEvent::LateAnswered => {
                self.feed(Input::LateAnswered);
                // Its BYE is through as well: this is the last event of the leg.
                self.feed(Input::LegEnded);
            }
            LegEvent::PeerHungUp { .. } => self.feed(Input::PeerHungUp),
            LegEvent::Reoffer { sdp } => self.reoffered(sdp.as_deref()),
            LegEvent::Reanswer { sdp } => {
                // One that cannot be used leaves the session as it was agreed on before.
                match self.session.answered(&sdp) {
                    Ok(agreement) => self.connect(agreement),
                    Err(why) => {
                        tracing::warn!(attempt = %self.order.attempt, %why, "the answer to our offer in the call is not taken");
                    }
                }
            }
            LegEvent::Ended { .. } => self.feed(Input::LegEnded),
            // The media side knows whether the same press came by another way.
            LegEvent::Key { key, .. } => self.order.media.pressed_by_info(key),
            // The stack logs these, and the call goes on as it is; or the recording has ended, and the carrier's word for it
            // is still to come.
            LegEvent::FailedOver { .. } | LegEvent::Overlapped { .. } | LegEvent::HungUp => {}
        }
    }

    /// 200: the answer stands in it, or stood in an earlier provisional response.
    fn answered(&mut self, at: Instant, sdp: Option<&str>) {
        let agreement = match sdp {
            Some(sdp) => self.session.answered(sdp).map_err(|refusal| refusal.to_string()),
            None => self.session.agreed().ok_or_else(|| "200 without SDP".to_owned()),
        };
        match agreement {
            Ok(agreement) => {
                self.connect(agreement);
                self.order.media.answered_at(at.into_std());
                self.answered_at = Some(at.saturating_duration_since(self.start));
                self.feed(Input::Answered);
            }
            Err(why) => {
                tracing::warn!(attempt = %self.order.attempt, why, "the answer cannot be used; the call is ended");
                self.feed(Input::NoCommonCodec { why });
                self.leg.iter().for_each(|leg| leg.hang_up(None));
            }
        }
    }

    /// On hold nothing may leave any more, before the address of the hold is taken.
    fn connect(&mut self, agreement: Agreement) {
        let media = &self.order.media;
        if agreement.held {
            media.hold(true);
            media.connect(agreement.remote);
        } else {
            media.connect(agreement.remote);
            media.hold(false);
        }
    }

    fn reoffered(&mut self, sdp: Option<&str>) {
        let answer = self.answer_to(sdp).ok();
        self.leg.iter().for_each(|leg| leg.answer_reoffer(answer.clone()));
    }

    /// Our answer to the peer's offer, or why it is of no use. Without an offer we make one (RFC 3261 sections 13.3.1
    /// and 14.2).
    fn answer_to(&mut self, offer: Option<&str>) -> Result<String, String> {
        let Some(offer) = offer else { return Ok(self.session.offer()) };
        match self.session.reoffered(offer) {
            Ok((answer, agreement)) => {
                self.connect(agreement);
                Ok(answer)
            }
            Err(why) => {
                tracing::warn!(attempt = %self.order.attempt, %why, "the peer's offer is refused");
                Err(why.to_string())
            }
        }
    }

    fn media_fact(&mut self, fact: MediaFact) {
        match fact.what {
            media::Heard::Closed(recording) => {
                self.recording = recording;
                self.deaf = true;
                return;
            }
            media::Heard::Counted(stats) => {
                self.media = Some(hearing::quality(&stats));
                return;
            }
            _ => {}
        }
        if let Some(input) = hearing::input(fact.what, &self.service.announcements) {
            self.feed(input);
        }
    }

    fn show(&self) {
        let phase = match self.call.phase() {
            Phase::Idle | Phase::Dialling => LinePhase::Dialling,
            Phase::Answering | Phase::Ringing | Phase::Cancelling => LinePhase::Ringing,
            Phase::Talking => LinePhase::Talking,
            Phase::Closing | Phase::HangingUp | Phase::Settling | Phase::Ended => LinePhase::Closing,
        };
        self.order.place.show(phase, self.call.question());
    }

    /// Closes the media and waits for the recording to be whole on disk.
    async fn settle(&mut self) {
        self.order.media.close();
        if self.deaf {
            return;
        }
        let closed = tokio::time::timeout(RECORDER_PATIENCE, async {
            while let Some(fact) = self.order.heard.recv().await {
                match fact.what {
                    media::Heard::Counted(stats) => self.media = Some(hearing::quality(&stats)),
                    media::Heard::Closed(recording) => {
                        self.recording = recording;
                        break;
                    }
                    _ => {}
                }
            }
        });
        if closed.await.is_err() {
            tracing::error!(attempt = %self.order.attempt, "the recorder did not finish in time; the file is repaired at the next start");
        }
    }
}

async fn next(events: &mut Option<Events>) -> Option<(Instant, LegEvent)> {
    match events {
        Some(events) => events.recv_at().await.map(|(at, event)| (Instant::from_std(at), event)),
        None => std::future::pending().await,
    }
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
