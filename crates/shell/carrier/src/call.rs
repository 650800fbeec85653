//! One call to a virtual customer, from INVITE to its end.

use std::future::pending;
use std::ops::ControlFlow;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, sleep};

use crate::actor::{Actor, Deed, ticks_of};
use crate::exchange::Ticket;
use crate::journal::{EndedBy, Event};
use crate::rtp::Frame;
use crate::script::{Answer, Behaviour, EarlyMedia, Failure, Heard, Speech, ToneName};
use crate::signal::{Fact, Signal};
use crate::sound::{Sound, Voice};
use crate::stream::Stream;

/// An exchange does not let a phone ring for ever.
const LONGEST_RING: Duration = Duration::from_secs(180);

/// How a call ended and with which final status.
type End = (EndedBy, u16);

/// One call. Its ticket stands for the dialog at the exchange, and leaves it when dropped.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) ticket: Ticket,
    pub(crate) signal: Signal,
    pub(crate) facts: UnboundedReceiver<Fact>,
    pub(crate) stream: Stream,
    /// Our SDP.
    pub(crate) answer: Vec<u8>,
    pub(crate) seed: u32,
    pub(crate) began: Instant,
    pub(crate) tally: Tally,
}

/// What is counted during a call.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    answered: Option<Instant>,
    confirmed: bool,
    keys: String,
    prompts: u32,
}

impl Call {
    /// Lives the call through as scripted.
    pub(crate) async fn run(mut self, behaviour: Behaviour) {
        let lived = match &behaviour {
            Behaviour::Answer(answer) => self.answer(answer).await,
            Behaviour::AnsweringMachine(machine) => self.answer(&machine.answer()).await,
            Behaviour::NoAnswer => self.ring_out().await,
            Behaviour::Mute => self.wait(LONGEST_RING).await.map_continue(|()| self.refuse(480, None)),
            other => match other.failure() {
                Some(failure) => self.fail(&failure).await,
                None => ControlFlow::Continue(self.refuse(404, None)),
            },
        };
        let (by, status) = match lived {
            ControlFlow::Break(end) | ControlFlow::Continue(end) => end,
        };
        self.close(by, status);
    }

    async fn answer(&mut self, answer: &Answer) -> ControlFlow<End, End> {
        if answer.early_media {
            self.let_hear(&EarlyMedia { hear: Heard::Tone(ToneName::RingBack), span: answer.after }).await?;
        } else {
            self.signal.respond(180, None, None);
            self.wait(answer.after.0).await?;
        }
        self.signal.respond(200, None, Some(self.answer.clone()));
        self.tally.answered = Some(Instant::now());
        self.ticket.note(Event::Answered);
        self.talk(answer).await
    }

    async fn ring_out(&mut self) -> ControlFlow<End, End> {
        self.signal.respond(180, None, None);
        self.wait(LONGEST_RING).await?;
        ControlFlow::Continue(self.refuse(480, Some((19, "No answer from user"))))
    }

    async fn fail(&mut self, failure: &Failure) -> ControlFlow<End, End> {
        if let Some(ringing) = failure.ringing {
            self.signal.respond(180, None, None);
            self.wait(ringing.0).await?;
        }
        if let Some(media) = &failure.early_media {
            self.let_hear(media).await?;
        }
        let text = failure.text.as_deref().unwrap_or_default();
        ControlFlow::Continue(self.refuse(failure.status, failure.cause.map(|cause| (cause, text))))
    }

    fn refuse(&self, status: u16, reason: Option<(u8, &str)>) -> End {
        self.signal.respond(status, reason, None);
        (EndedBy::Carrier, status)
    }

    /// Lets time pass before the answer; the caller may give up meanwhile.
    async fn wait(&mut self, span: Duration) -> ControlFlow<End> {
        let over = sleep(span);
        tokio::pin!(over);
        loop {
            tokio::select! {
                () = &mut over => return ControlFlow::Continue(()),
                fact = next(&mut self.facts) => self.unanswered(fact)?,
            }
        }
    }

    /// 183 with something to hear.
    async fn let_hear(&mut self, media: &EarlyMedia) -> ControlFlow<End> {
        self.signal.respond(183, None, Some(self.answer.clone()));
        let mut voice = Voice::new(self.seed);
        voice.start(match &media.hear {
            Heard::Tone(name) => Sound::Tone(*name),
            Heard::Announcement(Speech::Murmur(_)) => Sound::Murmur,
            Heard::Announcement(Speech::Clip(name)) => Sound::Clip(self.ticket.clip(name)),
        });
        self.stream.start();
        for _ in 0..ticks_of(media.span.0) {
            loop {
                tokio::select! {
                    fact = next(&mut self.facts) => self.unanswered(fact)?,
                    _ = self.stream.tick() => break,
                }
            }
            self.stream.send(&Frame::Audio(voice.frame())).await;
        }
        ControlFlow::Continue(())
    }

    /// A fact before the answer.
    fn unanswered(&mut self, fact: Fact) -> ControlFlow<End> {
        match fact {
            Fact::Cancelled => {
                self.signal.respond(487, None, None);
                ControlFlow::Break((EndedBy::Cancelled, 487))
            }
            // BYE in an early dialog (RFC 3261 section 15.1.2).
            Fact::HungUp => {
                self.signal.respond(487, None, None);
                ControlFlow::Break((EndedBy::Caller, 487))
            }
            Fact::TransactionOver => ControlFlow::Break((EndedBy::Carrier, 0)),
            Fact::Moved(terms) => {
                self.stream.follow(terms);
                ControlFlow::Continue(())
            }
            Fact::Acknowledged => ControlFlow::Continue(()),
        }
    }

    /// The answered call, until one side hangs up.
    async fn talk(&mut self, answer: &Answer) -> ControlFlow<End, End> {
        let mut actor = Actor::new(&answer.steps, self.ticket.habits(), self.ticket.clips(), self.seed);
        self.stream.start();
        loop {
            let heard = loop {
                tokio::select! {
                    fact = next(&mut self.facts) => self.answered(fact)?,
                    heard = self.stream.tick() => break heard,
                }
            };
            let tick = actor.tick(heard);
            self.stream.send(&tick.frame).await;
            if let Some(deed) = tick.deed {
                self.note(deed);
            }
            if tick.hang_up {
                return self.hang_up().await;
            }
        }
    }

    /// A fact after the answer.
    fn answered(&mut self, fact: Fact) -> ControlFlow<End> {
        match fact {
            Fact::HungUp => return ControlFlow::Break((EndedBy::Caller, 200)),
            Fact::Acknowledged => {
                self.tally.confirmed = true;
                self.ticket.note(Event::Confirmed);
            }
            Fact::TransactionOver if !self.tally.confirmed => {
                self.signal.hang_up();
                return ControlFlow::Break((EndedBy::Unconfirmed, 200));
            }
            Fact::Moved(terms) => self.stream.follow(terms),
            // A CANCEL that crossed our 200 has no effect (RFC 3261 section 9.2).
            Fact::TransactionOver | Fact::Cancelled => {}
        }
        ControlFlow::Continue(())
    }

    /// The called side may send BYE only once its 200 was acknowledged (RFC 3261 section 15).
    async fn hang_up(&mut self) -> ControlFlow<End, End> {
        while !self.tally.confirmed {
            let fact = next(&mut self.facts).await;
            self.answered(fact)?;
        }
        self.signal.hang_up();
        ControlFlow::Continue((EndedBy::Customer, 200))
    }

    fn note(&mut self, deed: Deed) {
        self.ticket.note(match deed {
            Deed::HeardPrompt => {
                self.tally.prompts += 1;
                Event::HeardPrompt
            }
            Deed::Pressed(key) => {
                self.tally.keys.push(key);
                Event::Pressed { key }
            }
            Deed::Spoke => Event::Spoke,
            Deed::LostPatience => Event::LostPatience,
        });
    }

    fn close(self, by: EndedBy, status: u16) {
        let now = Instant::now();
        let answered = self.tally.answered.unwrap_or(now);
        self.ticket.note(Event::Ended {
            by,
            status,
            keys: self.tally.keys,
            prompts: self.tally.prompts,
            rang: (answered - self.began).as_secs_f64(),
            talked: (now - answered).as_secs_f64(),
            packets_in: self.stream.packets_in,
            packets_out: self.stream.packets_out,
        });
    }
}

/// The next fact. The exchange holds a sender as long as the ticket lives.
async fn next(facts: &mut UnboundedReceiver<Fact>) -> Fact {
    match facts.recv().await {
        Some(fact) => fact,
        None => pending().await,
    }
}
