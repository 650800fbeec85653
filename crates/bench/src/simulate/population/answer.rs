//! What one call brings.

use chrono::{DateTime, TimeDelta, Utc};
use rand::RngExt as _;
use rand::rngs::StdRng;
use records::Reason;

use super::{Person, Wire};

/// How a call went.
#[derive(Clone, Debug)]
pub(in crate::simulate) struct Brought {
    pub(in crate::simulate) reason: Reason,
    pub(in crate::simulate) lasted: TimeDelta,
    /// From the beginning; none: nobody answered.
    pub(in crate::simulate) answered_after: Option<TimeDelta>,
    pub(in crate::simulate) flags: Vec<String>,
    pub(in crate::simulate) person_asked: bool,
    pub(in crate::simulate) time_asked: Option<&'static str>,
}

/// What a call at that moment brings. `place`: of the number among the person's own, none for one that was corrected;
/// `expected`: the person asked to be called then.
pub(in crate::simulate) fn brought(
    person: &Person,
    place: Option<usize>,
    at: DateTime<Utc>,
    expected: bool,
    chance: &mut StdRng,
) -> Brought {
    let local = at.with_timezone(&person.zone);
    let wire = place.and_then(|place| person.wires.get(place)).copied().unwrap_or(Wire::Alive);
    match wire {
        Wire::Vacant => return unanswered(Reason::Vacant, 4, chance),
        Wire::SuspendedUntil(day) if local.date_naive() < day => {
            return unanswered(Reason::Suspended, 6, chance);
        }
        Wire::Fax => return answered(Reason::Fax, 12, chance),
        _ => {}
    }
    match chance.random_range(0..1000) {
        0..3 => return unanswered(Reason::TrunkCongested, 2, chance),
        3 => return unanswered(Reason::Unknown, 60, chance),
        4..40 => return unanswered(Reason::PoweredOff, 6, chance),
        40..55 => return unanswered(Reason::OutOfCoverage, 8, chance),
        55..110 if !expected => return unanswered(Reason::Busy, 3, chance),
        110..145 if !expected => return unanswered(Reason::Rejected, 8, chance),
        145..148 => return unanswered(Reason::Barred, 3, chance),
        148..151 => return unanswered(Reason::AnsweredLate, 32, chance),
        _ => {}
    }
    let likely = if expected { 90 } else { person.kind.answers(local) };
    if chance.random_range(0..100) >= likely {
        return match chance.random_range(0..100) {
            0..8 => answered(Reason::AnsweringMachine, 20, chance),
            _ => unanswered(Reason::NoAnswer, 32, chance),
        };
    }
    if wire == Wire::Strange {
        return answered(Reason::WrongPerson, 25, chance);
    }
    talked(chance)
}

/// What is talked about once the person is on the line.
pub(in crate::simulate) fn talked(chance: &mut StdRng) -> Brought {
    match chance.random_range(0..1000) {
        0..80 => answered(Reason::HungUpEarly, 15, chance),
        80..115 => answered(Reason::Declined, 20, chance),
        115..195 => {
            let asked = [None, Some("later_today"), Some("tomorrow_morning"), Some("tomorrow_afternoon")];
            let time_asked = asked[chance.random_range(0..asked.len())];
            Brought { time_asked, ..answered(Reason::Inconvenient, 25, chance) }
        }
        195..201 => answered(Reason::OptedOut, 30, chance),
        201..215 => Brought { person_asked: true, ..answered(Reason::HandedOver, 70, chance) },
        215..245 => answered(Reason::Partial, 60, chance),
        245..248 => answered(Reason::NoMedia, 12, chance),
        _ => Brought { flags: flags(chance), ..answered(Reason::Completed, 110, chance) },
    }
}

fn flags(chance: &mut StdRng) -> Vec<String> {
    match chance.random_range(0..1000) {
        0..60 => vec!["dissatisfied".to_owned()],
        60..66 => vec!["complaint".to_owned()],
        _ => vec![],
    }
}

fn unanswered(reason: Reason, seconds: i64, chance: &mut StdRng) -> Brought {
    let lasted = TimeDelta::milliseconds(seconds * 1000 + chance.random_range(0..3000));
    Brought { reason, lasted, answered_after: None, flags: vec![], person_asked: false, time_asked: None }
}

fn answered(reason: Reason, seconds: i64, chance: &mut StdRng) -> Brought {
    let rang = TimeDelta::milliseconds(chance.random_range(3_000..20_000));
    let talked = TimeDelta::milliseconds(seconds * chance.random_range(600..1500));
    Brought { lasted: rang + talked, answered_after: Some(rang), ..unanswered(reason, 0, chance) }
}
