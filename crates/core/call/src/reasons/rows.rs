//! One example for every row of the table, and none without a row.

use std::collections::BTreeSet;

use std::time::Duration;

use records::Heard::{
    self, Announcement, BusyTone, CongestionTone, Fax, InformationTone, NoCircuitTone, Sound,
    UnobtainableTone, VacantTone,
};
use records::Reason;

use super::table::ROWS;
use super::{Signs, reason_for};
use crate::{Failure, FailureKind};

/// Signs of a call, put together as the line tells them.
#[derive(Clone)]
struct Case {
    failure: Option<Failure>,
    by_us: bool,
    rang: Option<Duration>,
    provisional: bool,
    heard: Vec<Heard>,
}

impl Case {
    fn signs(&self) -> Signs {
        Signs::new(self.failure.as_ref(), self.by_us, &self.heard, self.rang, self.provisional)
    }

    fn rang(mut self) -> Self {
        self.rang = Some(Duration::from_secs(1));
        self
    }

    fn rang_for(mut self, seconds: u64) -> Self {
        self.rang = Some(Duration::from_secs(seconds));
        self
    }

    fn dead(mut self) -> Self {
        self.provisional = false;
        self
    }

    fn heard(mut self, heard: Heard) -> Self {
        self.heard.push(heard);
        self
    }

    fn by_us(mut self) -> Self {
        self.by_us = true;
        self
    }
}

fn of(failure: Option<Failure>) -> Case {
    Case { failure, by_us: false, rang: None, provisional: true, heard: vec![] }
}

fn kind(kind: FailureKind) -> Case {
    of(Some(Failure::of(kind)))
}

fn status(status: u16) -> Case {
    of(Some(Failure::response(status, "")))
}

fn phrase(status: u16, phrase: &str) -> Case {
    of(Some(Failure::response(status, phrase)))
}

fn cause(status: u16, cause: u16) -> Case {
    let header = format!("Q.850;cause={cause}");
    of(Some(Failure { reason_headers: vec![header], ..Failure::response(status, "Temporarily Unavailable") }))
}

fn warned(status: u16, warning: &str) -> Case {
    of(Some(Failure { warning: Some(warning.to_owned()), ..Failure::response(status, "") }))
}

fn silence() -> Case {
    of(None)
}

fn cases() -> Vec<(Case, Reason)> {
    [by_words(), by_cause(), by_tones(), by_status(), made_out()].concat()
}

/// By ear.
fn made_out() -> Vec<(Case, Reason)> {
    use Reason as R;
    vec![
        (status(480).heard(Announcement(R::PoweredOff)), R::PoweredOff),
        (cause(480, 31).heard(Announcement(R::OutOfCoverage)), R::OutOfCoverage),
        (status(486).heard(Announcement(R::Vacant)), R::Vacant),
        (cause(404, 1).heard(Announcement(R::Suspended)), R::Suspended),
        (status(500).heard(Announcement(R::Barred)), R::Barred),
        (status(487).heard(Announcement(R::Rejected)), R::Rejected),
        (silence().by_us().heard(Announcement(R::Busy)), R::Busy),
        (status(404).heard(Announcement(R::NoAnswer)), R::NoAnswer),
        (status(486).heard(Announcement(R::TrunkCongested)), R::TrunkCongested),
        (status(480).heard(Announcement(R::AnsweringMachine)), R::AnsweringMachine),
        // What the trunk itself says goes before.
        (phrase(503, "用户已关机").heard(Announcement(R::Busy)), R::PoweredOff),
        (status(480).heard(VacantTone), R::Vacant),
        (status(486).heard(NoCircuitTone), R::TrunkCongested),
        (status(487).by_us().heard(Fax), R::Fax),
        (status(480).heard(InformationTone), R::NoAnswer),
        (status(404).heard(InformationTone), R::Vacant),
    ]
}

/// Our own side's faults, warnings, and what the carrier says in words.
fn by_words() -> Vec<(Case, Reason)> {
    use Reason as R;
    vec![
        (kind(FailureKind::Auth), R::TrunkAuthFailed),
        (phrase(407, "Proxy Authentication Required"), R::TrunkAuthFailed),
        (kind(FailureKind::Transport).dead(), R::TrunkUnreachable),
        (kind(FailureKind::Transport), R::TrunkUnreachable),
        (phrase(488, "Not Acceptable Here"), R::NoCommonCodec),
        (warned(488, "370 sbc.example \"Insufficient Bandwidth\""), R::TrunkCongested),
        (warned(400, "305 sbc.example \"Incompatible media format\""), R::NoCommonCodec),
        (phrase(481, "Call/Transaction Does Not Exist"), R::TrunkUnreachable),
        (phrase(486, "Network Busy"), R::TrunkCongested),
        (phrase(480, "The subscriber is powered off"), R::PoweredOff),
        (phrase(480, "用户已关机"), R::PoweredOff),
        (phrase(480, "您拨打的用户不在服务区"), R::OutOfCoverage),
        (phrase(480, "Subscriber out of service area"), R::OutOfCoverage),
        (phrase(500, "您拨打的号码是空号"), R::Vacant),
        (phrase(604, "Does Not Exist Anywhere"), R::Vacant),
        (phrase(480, "您拨打的电话已停机"), R::Suspended),
        (phrase(486, "呼入限制"), R::Barred),
        (phrase(480, "用户拒绝"), R::Rejected),
        (phrase(480, "用户正忙，正在通话中"), R::Busy),
        (phrase(480, "No Answer"), R::NoAnswer),
    ]
}

/// Causes of Q.850.
fn by_cause() -> Vec<(Case, Reason)> {
    use Reason as R;
    vec![
        (cause(480, 1), R::Vacant),
        (cause(480, 22), R::Vacant),
        (cause(480, 28), R::Vacant),
        (cause(404, 3), R::Vacant),
        (cause(480, 17), R::Busy),
        (cause(480, 18), R::NoAnswer),
        (cause(480, 19).rang(), R::NoAnswer),
        (cause(480, 20), R::PoweredOff),
        (cause(480, 21), R::Rejected),
        (cause(480, 24), R::Rejected),
        (cause(404, 26), R::NoAnswer),
        (cause(502, 27), R::OutOfCoverage),
        (cause(503, 34), R::TrunkCongested),
        (cause(480, 41), R::TrunkCongested),
        (cause(403, 55), R::Barred),
        (cause(403, 57), R::Barred),
        (cause(488, 65), R::NoCommonCodec),
        (cause(500, 65), R::NoCommonCodec),
        (cause(503, 58), R::TrunkCongested),
        (cause(501, 79), R::TrunkCongested),
        (cause(504, 102), R::TrunkUnreachable),
        (cause(500, 3), R::TrunkUnreachable),
    ]
}

/// The network's tones, and nothing but silence.
fn by_tones() -> Vec<(Case, Reason)> {
    use Reason as R;
    vec![
        (status(480).heard(UnobtainableTone), R::Vacant),
        (status(486).heard(UnobtainableTone), R::Vacant),
        (status(480).heard(CongestionTone), R::TrunkCongested),
        (status(480).heard(BusyTone), R::Busy),
        (status(487).by_us().rang(), R::NoAnswer),
        (silence().by_us().rang(), R::NoAnswer),
        (status(487).by_us(), R::NoAnswer),
        (silence().by_us(), R::NoAnswer),
        (silence().by_us().heard(UnobtainableTone), R::Vacant),
        (silence().by_us().dead(), R::TrunkUnreachable),
        (kind(FailureKind::Timeout).rang(), R::NoAnswer),
        (kind(FailureKind::Timeout).dead(), R::TrunkUnreachable),
        (kind(FailureKind::Timeout), R::TrunkUnreachable),
    ]
}

/// The status alone, for causes that say nothing as well.
fn by_status() -> Vec<(Case, Reason)> {
    use Reason as R;
    vec![
        (phrase(302, "Moved Temporarily"), R::TrunkUnreachable),
        (phrase(400, "Bad Request"), R::TrunkCongested),
        (phrase(402, "Payment Required"), R::TrunkAuthFailed),
        (phrase(403, "Forbidden"), R::Barred),
        (phrase(410, "Gone"), R::Vacant),
        (phrase(404, "Not Found"), R::Vacant),
        (phrase(484, "Address Incomplete"), R::Vacant),
        (phrase(408, "Request Timeout").rang(), R::NoAnswer),
        (phrase(408, "Request Timeout").dead(), R::TrunkUnreachable),
        (phrase(408, "Request Timeout"), R::NoAnswer),
        (phrase(433, "Anonymity Disallowed"), R::Barred),
        (phrase(480, "Temporarily Unavailable").rang(), R::NoAnswer),
        (phrase(480, "Temporarily Unavailable"), R::NoAnswer),
        (phrase(480, "Temporarily Unavailable").heard(Sound), R::NoAnswer),
        // Causes that say nothing leave it to the status.
        (cause(480, 16), R::NoAnswer),
        (cause(480, 31), R::NoAnswer),
        (cause(486, 127), R::Busy),
        (phrase(486, "Busy Here"), R::Busy),
        (phrase(600, "Busy Everywhere"), R::Busy),
        (phrase(486, "Busy Here").rang_for(3), R::Rejected),
        (phrase(486, "Busy Here").rang(), R::Busy),
        (phrase(487, "Request Terminated").rang(), R::NoAnswer),
        (phrase(487, "Request Terminated"), R::NoAnswer),
        (phrase(500, "Server Internal Error"), R::TrunkCongested),
        (phrase(503, "Service Unavailable"), R::TrunkCongested),
        (phrase(405, "Method Not Allowed"), R::TrunkUnreachable),
        (phrase(505, "Version Not Supported"), R::TrunkUnreachable),
        (phrase(603, "Decline"), R::Rejected),
        (phrase(607, "Unwanted"), R::Rejected),
        (phrase(608, "Rejected"), R::Barred),
        (status(599), R::TrunkCongested),
        (status(699), R::Rejected),
        (status(499), R::TrunkUnreachable),
    ]
}

#[test]
fn every_example_has_its_reason() {
    for (case, reason) in cases() {
        let signs = case.signs();
        assert_eq!(reason_for(&signs).reason, reason, "{signs:?}");
    }
}

#[test]
fn every_row_decides_an_example() {
    let deciding = |case: &Case| ROWS.iter().position(|row| row.fits(&case.signs()));
    let decided: BTreeSet<_> = cases().iter().filter_map(|(case, _)| deciding(case)).collect();
    let idle: Vec<_> =
        (0..ROWS.len()).filter(|row| !decided.contains(row)).map(|row| ROWS[row].why).collect();
    assert!(idle.is_empty(), "rows without an example, or shadowed by earlier ones: {idle:?}");
}

#[test]
fn causes_that_say_nothing_by_themselves_are_in_no_row() {
    for cause in [16, 31, 127] {
        assert!(ROWS.iter().all(|row| !row.q850.contains(&cause)), "{cause}");
    }
}

#[test]
fn only_a_dead_number_ends_a_number() {
    // A number is given up for good: neither a fault of the network nor a guess may do that.
    for row in ROWS.iter().filter(|row| row.reason == Reason::Vacant) {
        assert_ne!(row.confidence, records::Confidence::Guess, "{}", row.why);
    }
}

#[test]
fn words_of_our_own_side_are_not_taken_for_the_carriers() {
    let phrase = Some("no answer: the trunk is not reachable".to_owned());
    let case = of(Some(Failure { phrase, ..Failure::of(FailureKind::Timeout) })).dead();
    assert_eq!(reason_for(&case.signs()).reason, Reason::TrunkUnreachable);
}
