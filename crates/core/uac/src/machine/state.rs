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

/// Most forks, addresses and events remembered of one call: no peer may fill our memory.
pub(super) const MOST_FORKS: usize = 16;
const MOST_SOURCES: usize = 16;

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
    /// Branches of all INVITEs of this call, the current one last.
    pub branches: Vec<String>,
    pub answers: Answers,
    pub early: Vec<Early>,
    /// The dialog of the kept 2xx.
    pub dialog: Option<Kept>,
    /// Dialogs of other 2xx, ended as they came.
    pub strays: Vec<Kept>,
    pub outgoing: Vec<Outgoing>,
    pub offer: Option<PeerOffer>,
    pub cancel: Option<Cancel>,
    /// What to tell once our BYE is through.
    pub farewell: Option<Farewell>,
    /// Addresses that the peer has answered from; only those may speak in the dialog.
    pub sources: BTreeSet<IpAddr>,
    pub timers: Timers,
}

/// One early dialog.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Early {
    pub dialog: Dialog,
    /// Last RSeq acknowledged by PRACK.
    pub rseq: Option<u32>,
    /// Our offer has been answered reliably.
    pub settled: bool,
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

impl Core {
    pub(super) fn learn_source(&mut self, from: IpAddr) {
        if self.sources.len() < MOST_SOURCES {
            self.sources.insert(from);
        }
    }

    pub(super) fn branch(&self) -> &str {
        self.branches.last().map_or("", String::as_str)
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
                let dialog = Dialog::of(&self.invite, response);
                self.early.push(Early { dialog, rseq: None, settled: false, told: None });
                self.early.len() - 1
            }
            None => return None,
        };
        self.early.get_mut(at)
    }
}
