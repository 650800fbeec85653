//! All that a call remembers; serialisable as a whole.

use std::collections::BTreeSet;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::event::Failure;
use super::timer::Timers;
use crate::dialog::Dialog;
use crate::digest::Answers;
use crate::line::Hop;
use crate::message::{Request, Response};
use crate::seed::Seed;
use crate::session_timer::SessionTimer;

/// Most forks, addresses and events remembered of one call: no peer may fill our memory.
pub(super) const MOST_FORKS: usize = 16;
const MOST_SOURCES: usize = 16;
/// Most INVITEs remembered: every way, each with its challenges.
pub(super) const MOST_INVITES: usize = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Phase {
    /// INVITE sent, nothing heard.
    Calling,
    /// A provisional response was heard.
    Proceeding,
    /// A 2xx is kept and acknowledged.
    Talking,
    /// Our BYE is out.
    Closing,
    /// The terminal event is given; late messages are still dealt with.
    Over,
    /// Nothing is dealt with any more.
    Done,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Core {
    pub phase: Phase,
    pub seed: Seed,
    pub local_tag: String,
    /// The INVITE as last sent.
    pub invite: Request,
    pub invite_hop: Hop,
    /// The INVITEs before the current one.
    pub earlier: Vec<Earlier>,
    /// Ways of the trunk that were not tried yet, best first.
    pub untried: Vec<Hop>,
    /// Targets of a redirection that were not tried yet, best first.
    pub redirected: Vec<String>,
    /// Redirections followed.
    pub redirects: u8,
    pub answers: Answers,
    pub session: Session,
    pub early: Vec<Early>,
    /// The largest number used in early dialogs that are forgotten: should one of them be answered
    /// after all, its numbers go on from there.
    pub spent_seq: u32,
    /// The dialog of the kept 2xx.
    pub dialog: Option<Kept>,
    /// Dialogs of other 2xx, ended as they came.
    pub strays: Vec<Kept>,
    pub outgoing: Vec<Outgoing>,
    pub offer: Option<Box<PeerOffer>>,
    /// Our last re-INVITE.
    pub reinvite: Option<Box<Reinvite>>,
    /// What we last described our side as, offer or answer.
    pub described: String,
    pub cancel: Option<Cancel>,
    /// What to tell once our BYE is through.
    pub farewell: Option<Box<Farewell>>,
    /// Addresses that the peer has answered from; only those may speak in the dialog.
    pub sources: BTreeSet<IpAddr>,
    pub timers: Timers,
}

/// An INVITE of this call that is no longer the current one.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Earlier {
    /// As far as it is needed, see [`shorten`].
    pub invite: Request,
    pub hop: Hop,
    pub fate: Fate,
}

/// What has become of an earlier INVITE.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Fate {
    /// It got its final response: only the 2xx of another fork can still come.
    Answered,
    /// Its transaction was given up before any response: the peer may yet act on it.
    Left,
    /// It was given up, came to life, and its CANCEL is out.
    Withdrawn,
    /// Its CANCEL is out; its transaction still stands and acknowledges the final response.
    Cancelled,
}

/// What is known for the session timer (RFC 4028).
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Session {
    /// The interval to ask for, in seconds; `None` asks for none.
    pub asked: Option<u32>,
    /// The smallest interval that we or a 422 allow.
    pub min_se: u32,
    /// 422 responses met in a row.
    pub too_small: u8,
    /// What was agreed on.
    pub timer: Option<SessionTimer>,
    /// Whether the peer takes UPDATE, as its Allow says.
    pub updates: bool,
}

/// A re-INVITE of ours.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Reinvite {
    pub request: Request,
    pub hop: Hop,
    pub answers: Answers,
    /// The ACK of its 2xx, for every repetition; `None` until then.
    pub ack: Option<Request>,
    /// It waits for its final response.
    pub open: bool,
}

/// One early dialog.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Early {
    pub dialog: Dialog,
    /// Last RSeq acknowledged by PRACK.
    pub rseq: Option<u32>,
    /// Our offer has been answered reliably.
    pub settled: bool,
    /// The peer has told its Contact.
    pub has_target: bool,
    /// Last (status, SDP) told.
    pub told: Option<(u16, Option<String>)>,
}

/// A dialog with the ACK that every repetition of its 2xx is answered with.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Kept {
    pub dialog: Dialog,
    pub ack: Request,
    pub hop: Hop,
}

/// A request of ours, not INVITE, that waits for its final response.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Outgoing {
    pub request: Request,
    pub purpose: Purpose,
    pub answers: Answers,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Purpose {
    Cancel,
    /// PRACK of the early dialog.
    Prack,
    /// BYE of the kept dialog.
    Bye,
    /// BYE of another fork's dialog.
    StrayBye,
    /// UPDATE that refreshes the session.
    Refresh,
}

/// An offer of the peer that our side has not answered, or whose 2xx is not acknowledged.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct PeerOffer {
    pub key: super::ServerKey,
    pub request: Request,
    /// Our 2xx is out and the ACK is awaited.
    pub accepted: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Cancel {
    pub reason: Option<String>,
    pub sent: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Farewell {
    Ended,
    LateAnswered,
    Failed(Failure),
}

/// Headers of an INVITE that are needed once it is answered, or another has taken its place: by which its responses are
/// known, it is cancelled, and they are acknowledged.
const REMEMBERED: [&str; 9] =
    ["Via", "Max-Forwards", "Route", "From", "To", "Call-ID", "CSeq", "Authorization", "Proxy-Authorization"];

/// Leaves of an INVITE what a call keeps of it to its end.
pub(super) fn shorten(invite: &mut Request) {
    invite.headers.keep(&REMEMBERED);
    invite.body = Vec::new();
}

impl Core {
    pub(super) fn learn_source(&mut self, from: IpAddr) {
        if self.sources.len() < MOST_SOURCES {
            self.sources.insert(from);
        }
    }

    /// The branch of the current INVITE.
    pub(super) fn branch(&self) -> &str {
        self.invite.headers.branch().unwrap_or_default()
    }

    /// Forgets the early dialogs: the next INVITE makes its own, and an answered one needs none.
    pub(super) fn forget_early(&mut self) {
        let used = std::mem::take(&mut self.early).into_iter().map(|early| early.dialog.local_seq).max();
        self.spent_seq = self.spent_seq.max(used.unwrap_or_default());
    }

    /// The INVITE is answered: what was needed to place the call is forgotten.
    pub(super) fn settle(&mut self) {
        self.forget_early();
        shorten(&mut self.invite);
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.cancel.is_some()
    }

    /// The early dialog that a provisional response belongs to, made if it is new.
    pub(super) fn early_of(&mut self, response: &Response) -> Option<&mut Early> {
        let tag = response.headers.to_tag().unwrap_or_default();
        let at = match self.early.iter().position(|early| early.dialog.remote_tag == tag) {
            Some(at) => at,
            None if self.early.len() < MOST_FORKS => {
                let mut dialog = Dialog::of(&self.invite, response, &self.invite_hop);
                dialog.local_seq = dialog.local_seq.max(self.spent_seq);
                let has_target = false;
                self.early.push(Early { dialog, rseq: None, settled: false, has_target, told: None });
                self.early.len() - 1
            }
            None => return None,
        };
        let early = self.early.get_mut(at)?;
        early.has_target |= response.headers.contact().is_some();
        Some(early)
    }
}
