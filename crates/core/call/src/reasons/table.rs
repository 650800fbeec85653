//! The reason table: rows as data, the most specific first. The first row that fits decides.
//!
//! Statuses are those of RFC 3261 and its extensions, causes those of Q.850, their meetings RFC 3398 sections 7.2.4.1 and 8.2.6.1.
//! What carriers in China do differently goes before: words and tones beat the status they come with.

use std::time::Duration;

use records::Confidence::{self, Certain, Guess, Likely};
use records::{Heard, Reason};

use super::words;
use crate::FailureKind;

/// Which final statuses a row is for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Status {
    Any,
    None,
    Of(&'static [u16]),
    From(u16, u16),
}

impl Status {
    pub(super) fn fits(self, found: Option<u16>) -> bool {
        match self {
            Self::Any => true,
            Self::None => found.is_none(),
            Self::Of(list) => found.is_some_and(|status| list.contains(&status)),
            Self::From(first, last) => found.is_some_and(|status| (first..=last).contains(&status)),
        }
    }
}

/// One row: every sign it names must be there; what it leaves open may be anything.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) kind: Option<FailureKind>,
    pub(super) status: Status,
    pub(super) q850: &'static [u16],
    pub(super) warnings: &'static [u16],
    pub(super) words: &'static [&'static str],
    pub(super) heard: Option<Heard>,
    pub(super) rang: Option<bool>,
    pub(super) rang_at_least: Duration,
    pub(super) provisional: Option<bool>,
    pub(super) by_us: Option<bool>,
    pub(super) reason: Reason,
    pub(super) confidence: Confidence,
    pub(super) why: &'static str,
}

const fn row(reason: Reason, confidence: Confidence, why: &'static str) -> Row {
    Row {
        kind: None,
        status: Status::Any,
        q850: &[],
        warnings: &[],
        words: &[],
        heard: None,
        rang: None,
        rang_at_least: Duration::ZERO,
        provisional: None,
        by_us: None,
        reason,
        confidence,
        why,
    }
}

impl Row {
    const fn kind(mut self, kind: FailureKind) -> Self {
        self.kind = Some(kind);
        self
    }

    const fn status(mut self, statuses: &'static [u16]) -> Self {
        self.status = Status::Of(statuses);
        self
    }

    const fn statuses(mut self, first: u16, last: u16) -> Self {
        self.status = Status::From(first, last);
        self
    }

    const fn no_status(mut self) -> Self {
        self.status = Status::None;
        self
    }

    const fn q850(mut self, causes: &'static [u16]) -> Self {
        self.q850 = causes;
        self
    }

    const fn warnings(mut self, codes: &'static [u16]) -> Self {
        self.warnings = codes;
        self
    }

    const fn words(mut self, words: &'static [&'static str]) -> Self {
        self.words = words;
        self
    }

    const fn heard(mut self, heard: Heard) -> Self {
        self.heard = Some(heard);
        self
    }

    const fn rang(mut self, rang: bool) -> Self {
        self.rang = Some(rang);
        self
    }

    const fn rang_at_least(mut self, seconds: u64) -> Self {
        self.rang_at_least = Duration::from_secs(seconds);
        self
    }

    const fn provisional(mut self, came: bool) -> Self {
        self.provisional = Some(came);
        self
    }

    const fn not_by_us(mut self) -> Self {
        self.by_us = Some(false);
        self
    }

    const fn by_us(mut self) -> Self {
        self.by_us = Some(true);
        self
    }
}

/// Fits whatever nothing else fitted.
pub(super) const LAST: Row =
    row(Reason::TrunkUnreachable, Guess, "the carrier ended the call in a way that says nothing");

/// See the file's head for the order.
#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    // The trunk itself, whatever else was said.
    row(Reason::TrunkAuthFailed, Certain, "the trunk refused our credentials").kind(FailureKind::Auth),
    row(Reason::TrunkAuthFailed, Certain, "the trunk asks for credentials it does not accept").status(&[401, 407]),
    row(Reason::TrunkUnreachable, Certain, "the call could not be sent to the trunk").kind(FailureKind::Transport).provisional(false),
    row(Reason::TrunkUnreachable, Likely, "the way to the trunk broke during the call's set-up").kind(FailureKind::Transport),
    row(Reason::TrunkCongested, Likely, "Warning 370: not enough bandwidth").warnings(&[370]),
    row(Reason::NoCommonCodec, Certain, "the other side accepts none of our codecs").status(&[406, 415, 488, 606]),
    row(Reason::NoCommonCodec, Likely, "the Warning names our media").warnings(&[300, 301, 302, 303, 304, 305, 306, 307, 330, 331]),
    row(Reason::TrunkUnreachable, Likely, "the trunk lost the call").status(&[481, 482, 483]),

    // What the carrier says in words.
    row(Reason::TrunkCongested, Likely, "the carrier's words: the network is busy").words(words::NETWORK_BUSY),
    row(Reason::PoweredOff, Certain, "the carrier's words: powered off").words(words::POWERED_OFF),
    row(Reason::OutOfCoverage, Certain, "the carrier's words: out of coverage").words(words::OUT_OF_COVERAGE),
    row(Reason::Vacant, Certain, "the carrier's words: no such number").words(words::VACANT),
    row(Reason::Suspended, Certain, "the carrier's words: suspended").words(words::SUSPENDED),
    row(Reason::Barred, Likely, "the carrier's words: barred").words(words::BARRED),
    row(Reason::Rejected, Certain, "the carrier's words: rejected").words(words::REJECTED),
    row(Reason::Busy, Certain, "the carrier's words: busy").words(words::BUSY),
    row(Reason::NoAnswer, Certain, "the carrier's words: no answer").words(words::NO_ANSWER),

    // Announcements that the operator knows: what the customer of another carrier would hear.
    row(Reason::PoweredOff, Likely, "a known announcement: powered off").heard(Heard::Announcement(Reason::PoweredOff)),
    row(Reason::OutOfCoverage, Likely, "a known announcement: out of coverage").heard(Heard::Announcement(Reason::OutOfCoverage)),
    row(Reason::Vacant, Likely, "a known announcement: no such number").heard(Heard::Announcement(Reason::Vacant)),
    row(Reason::Suspended, Likely, "a known announcement: suspended").heard(Heard::Announcement(Reason::Suspended)),
    row(Reason::Barred, Likely, "a known announcement: barred").heard(Heard::Announcement(Reason::Barred)),
    row(Reason::Rejected, Likely, "a known announcement: rejected").heard(Heard::Announcement(Reason::Rejected)),
    row(Reason::Busy, Likely, "a known announcement: busy").heard(Heard::Announcement(Reason::Busy)),
    row(Reason::NoAnswer, Likely, "a known announcement: no answer").heard(Heard::Announcement(Reason::NoAnswer)),
    row(Reason::TrunkCongested, Likely, "a known announcement: the network is busy").heard(Heard::Announcement(Reason::TrunkCongested)),
    row(Reason::AnsweringMachine, Likely, "a known announcement: a mailbox").heard(Heard::Announcement(Reason::AnsweringMachine)),

    // Q.850 causes that say something by themselves; 16, 31 and 127 do not.
    row(Reason::Vacant, Certain, "Q.850: unallocated or changed number").q850(&[1, 22]),
    row(Reason::Vacant, Likely, "Q.850: invalid number format").q850(&[28]),
    row(Reason::Vacant, Likely, "404 and no route to the destination").status(&[404, 604]).q850(&[2, 3]),
    row(Reason::Busy, Certain, "Q.850: user busy").q850(&[17]),
    row(Reason::NoAnswer, Certain, "Q.850: no answer or no user responding").q850(&[18, 19]),
    row(Reason::PoweredOff, Likely, "Q.850: subscriber absent").q850(&[20]),
    row(Reason::Rejected, Certain, "Q.850: call rejected").q850(&[21]),
    row(Reason::Rejected, Likely, "Q.850: rejected by a feature of the destination").q850(&[24]),
    row(Reason::NoAnswer, Guess, "Q.850: another user was selected").q850(&[26]),
    row(Reason::OutOfCoverage, Guess, "Q.850: destination out of order").q850(&[27]),
    row(Reason::TrunkCongested, Certain, "Q.850: no circuit, congestion or temporary failure").q850(&[8, 9, 34, 38, 41, 42, 44, 46, 47]),
    row(Reason::Barred, Likely, "Q.850: barred or not subscribed").q850(&[50, 52, 53, 54, 55, 57, 87, 90]),
    row(Reason::NoCommonCodec, Likely, "Q.850: bearer capability not implemented").q850(&[65, 70]),
    row(Reason::TrunkCongested, Likely, "Q.850: service or bearer not available").q850(&[29, 43, 49, 58, 63, 66, 69, 79, 88]),
    row(Reason::TrunkUnreachable, Likely, "Q.850: no route, or an interworking fault").q850(&[2, 3, 5, 6, 23, 25, 62, 81, 82, 86, 91, 95, 96, 97, 98, 99, 100, 101, 102, 103, 110, 111]),

    // Tones in early media: they speak before the status that follows them.
    row(Reason::Vacant, Likely, "the number-unobtainable tone was heard").heard(Heard::UnobtainableTone),
    row(Reason::TrunkCongested, Likely, "the congestion tone was heard").heard(Heard::CongestionTone),
    row(Reason::Busy, Likely, "the busy tone was heard").heard(Heard::BusyTone),
    row(Reason::Vacant, Likely, "the special information tone of a dead number was heard").heard(Heard::VacantTone),
    row(Reason::TrunkCongested, Likely, "the special information tone of a full network was heard").heard(Heard::NoCircuitTone),
    row(Reason::Fax, Likely, "fax tones were heard").heard(Heard::Fax),
    row(Reason::NoAnswer, Guess, "a special information tone: the network could not connect the call").status(&[408, 480, 487]).heard(Heard::InformationTone),

    // Given up by us: no status, or the 487 we asked for.
    row(Reason::NoAnswer, Certain, "it rang its time and nobody answered").status(&[487]).by_us().rang(true),
    row(Reason::NoAnswer, Certain, "it rang its time and nobody answered").no_status().by_us().rang(true),
    row(Reason::NoAnswer, Guess, "the line was open for the whole set-up time without a ring").status(&[487]).by_us(),
    row(Reason::NoAnswer, Guess, "the line was open for the whole set-up time without a ring").no_status().by_us().provisional(true),
    row(Reason::TrunkUnreachable, Likely, "the trunk gave no sign of life").no_status().by_us(),

    // Silence.
    row(Reason::NoAnswer, Likely, "it rang and no final response came").kind(FailureKind::Timeout).rang(true),
    row(Reason::TrunkUnreachable, Likely, "the trunk gave no sign of life").kind(FailureKind::Timeout).provisional(false),
    row(Reason::TrunkUnreachable, Guess, "the trunk never came to an end").kind(FailureKind::Timeout),

    // Statuses by themselves.
    row(Reason::TrunkUnreachable, Likely, "the trunk redirects calls: put the new address into the trunk's configuration").statuses(300, 399),
    row(Reason::TrunkCongested, Guess, "400: the carrier takes the request for broken").status(&[400]),
    row(Reason::TrunkAuthFailed, Likely, "402: the trunk's account has no credit").status(&[402]),
    row(Reason::Barred, Likely, "403: forbidden").status(&[403]),
    row(Reason::Vacant, Certain, "the number is gone or exists nowhere").status(&[410, 604]),
    row(Reason::Vacant, Likely, "not found, incomplete or ambiguous").status(&[404, 484, 485]),
    row(Reason::NoAnswer, Likely, "408 after ringing").status(&[408]).rang(true),
    row(Reason::TrunkUnreachable, Likely, "408 without any sign of life").status(&[408]).provisional(false),
    row(Reason::NoAnswer, Guess, "408 without ringing").status(&[408]),
    row(Reason::Barred, Likely, "the caller's identity is not accepted").status(&[428, 433, 436, 437, 438]),
    row(Reason::NoAnswer, Likely, "480 after ringing").status(&[480]).rang(true),
    row(Reason::NoAnswer, Guess, "480 and nothing else").status(&[480]),
    // A telephone that is busy does not ring before it says so.
    row(Reason::Rejected, Guess, "busy after ringing: pressed away").status(&[486, 600]).rang_at_least(3).not_by_us(),
    row(Reason::Busy, Certain, "busy").status(&[486, 600]),
    row(Reason::NoAnswer, Likely, "the carrier ended the ringing").status(&[487]).rang(true),
    row(Reason::NoAnswer, Guess, "the carrier ended the call before it rang").status(&[487]),
    row(Reason::TrunkCongested, Likely, "the trunk asks to try again later").status(&[491, 500, 502, 504, 580]),
    row(Reason::TrunkCongested, Certain, "503: no capacity").status(&[503]),
    row(Reason::TrunkUnreachable, Likely, "the trunk does not do what we ask").status(&[405, 413, 414, 416, 420, 421, 422, 423, 493, 501, 505, 513]),
    row(Reason::Rejected, Likely, "603: declined").status(&[603]),
    row(Reason::Rejected, Certain, "607: unwanted by the customer (RFC 8197)").status(&[607]),
    row(Reason::Barred, Certain, "608: rejected by an intermediary (RFC 8688)").status(&[608]),
    row(Reason::TrunkCongested, Guess, "a server's failure").statuses(500, 599),
    row(Reason::Rejected, Guess, "a global failure").statuses(600, 699),
];
