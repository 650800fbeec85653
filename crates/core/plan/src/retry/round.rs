//! One task's round of attempts, and the moments at which it may go on.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use records::{Direction, MoveRule, NextTry, Policy, Reason, ReasonTable};

use super::{Case, Ending};
use crate::slot::{HalfDay, Slot, day_after, end_of_half_day, end_of_slot, is_try, uses_slot};
use crate::windows::{at_hour, closing_before, is_open, next_opening, start_of_day};
use crate::{Calendar, Past};

const DAY: Duration = Duration::from_secs(24 * 3600);
/// After a line fault the wait doubles this often at most: from one minute to about an hour.
const DOUBLINGS: u32 = 6;
/// A search for a slot ends after that many days.
const LOOK_AHEAD_DAYS: u64 = 40;

/// When to try again, and by which rule; or by which rule the round is over.
pub(super) type Moment = Result<(DateTime<Utc>, MoveRule), MoveRule>;

/// The attempts of this round so far, the last one included.
pub(super) struct Round<'a> {
    policy: &'a Policy,
    calendar: &'a Calendar,
    zone: Tz,
    now: DateTime<Utc>,
    ending: &'a Ending<'a>,
    /// Every attempt of the round that ended, oldest first.
    made: Vec<Made<'a>>,
    /// The local days of the attempts that count, of earlier rounds as well.
    days: Vec<NaiveDate>,
}

struct Made<'a> {
    direction: Direction,
    number: &'a records::Number,
    at: DateTime<Utc>,
    reason: Reason,
}

impl Made<'_> {
    fn uses_slot(&self, table: &ReasonTable) -> bool {
        uses_slot(table, self.reason)
    }

    /// Was made by us at a time of our choosing or of the customer's: a customer who rings back tries nothing for us.
    fn tries_slot(&self, table: &ReasonTable) -> bool {
        self.direction == Direction::Outbound && self.uses_slot(table)
    }

    fn is_try(&self, table: &ReasonTable) -> bool {
        is_try(table, self.direction, self.reason)
    }
}

impl<'a> Round<'a> {
    pub(super) fn new(case: &Case<'a>, history: &'a [Past], ending: &'a Ending<'a>) -> Self {
        let Case { policy, calendar, zone, now, round_since, .. } = *case;
        let this = Made {
            direction: ending.direction,
            number: ending.number,
            at: ending.started_at,
            reason: ending.reason,
        };
        let earlier = history.iter().filter(|past| past.started_at != ending.started_at).filter_map(|past| {
            Some(Made {
                direction: past.direction,
                number: &past.number,
                at: past.started_at,
                reason: past.reason?,
            })
        });
        let all: Vec<Made<'a>> = earlier.chain([this]).collect();
        let counts = |made: &&Made<'_>| made.direction.counts(made.reason);
        let days = all.iter().filter(counts).map(|made| made.at.with_timezone(&zone).date_naive()).collect();
        let made = all.into_iter().filter(|made| round_since.is_none_or(|since| made.at >= since)).collect();
        Self { policy, calendar, zone, now, ending, made, days }
    }

    /// Tries made: attempts in one slot are one try.
    pub(super) fn tries(&self) -> u32 {
        let slots: BTreeSet<_> = self
            .made
            .iter()
            .filter(|made| made.is_try(self.table()))
            .map(|made| self.place(made.at))
            .collect();
        slots.len() as u32
    }

    /// Tries allowed.
    pub(super) fn tries_allowed(&self) -> u32 {
        self.policy.retry.tries_after(self.ending.reason)
    }

    pub(super) fn suspended_again(&self) -> bool {
        let found = |made: &&Made<'_>| made.reason == Reason::Suspended && made.number == self.ending.number;
        self.made.iter().filter(found).count() > 1
    }

    /// Not at once even where the next slot begins right after the call.
    pub(super) fn other_slot(&self) -> Moment {
        self.unless_exhausted(self.after(self.figure(self.policy.retry.soon)), MoveRule::OtherSlot)
    }

    pub(super) fn soon_or_other_slot(&self) -> Moment {
        let retry = &self.policy.retry;
        let soon = self.no_sooner(self.after(self.figure(retry.soon)));
        let in_a_row = self.trailing(NextTry::SoonThenOtherSlot);
        if in_a_row.is_multiple_of(retry.soon_retries + 1) {
            return self.other_slot();
        }
        let same_slot = self.place(soon) == self.place(self.ending.started_at);
        let open = is_open(&self.policy.windows, self.calendar, self.zone, soon);
        if same_slot && open && self.full_until(soon).is_none() {
            return Ok((soon, MoveRule::Soon));
        }
        self.unless_exhausted(soon, MoveRule::OtherSlot)
    }

    pub(super) fn other_day(&self) -> Moment {
        let wait = self.figure(self.policy.retry.other_day);
        self.unless_exhausted(self.days_on(wait), MoveRule::OtherDay)
    }

    pub(super) fn days_later(&self) -> Moment {
        let wait = self.figure(self.policy.retry.days_later);
        self.unless_exhausted(self.days_on(wait), MoveRule::DaysLater)
    }

    pub(super) fn other_number(&self) -> Moment {
        self.in_free_slot(self.after(self.figure(self.policy.retry.soon)), MoveRule::OtherNumber)
    }

    /// The first moment from `from` on at which the next try may be made: in a free slot, but for a call soon after the
    /// last one in the same slot, or at a time the customer asked for.
    pub(super) fn not_before(&self, from: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let at = self.search(from, |at| self.full_until(at))?;
        match self.table().of(self.ending.reason).next {
            NextTry::AsAsked => Some(at),
            NextTry::SoonThenOtherSlot if self.place(at) == self.place(self.ending.started_at) => Some(at),
            _ => self.free_slot(from),
        }
    }

    /// Waits longer after each fault in a row, and uses up nothing.
    pub(super) fn after_line_fault(&self) -> Moment {
        let in_a_row = self.trailing(NextTry::LineRetry);
        let wait = self.figure(self.policy.retry.line_retry);
        let wait = wait.saturating_mul(1 << in_a_row.saturating_sub(1).min(DOUBLINGS));
        self.in_free_slot(self.after(wait), MoveRule::LineRetry)
    }

    pub(super) fn next_window(&self) -> Moment {
        self.in_free_slot(self.after(self.figure(self.policy.retry.line_retry)), MoveRule::NextWindow)
    }

    /// At the time the customer asked for, as far as the windows and the day's maximum allow it.
    pub(super) fn as_asked(&self, time: Option<&str>) -> Moment {
        let put_off = |made: &&Made<'_>| {
            self.table().of(made.reason).next == NextTry::AsAsked && made.direction == Direction::Outbound
        };
        let put_off = self.made.iter().filter(put_off).count();
        if put_off >= self.policy.retry.attempts as usize {
            return Err(MoveRule::PutOffTooOften);
        }
        let Some(asked) = time.and_then(|time| self.asked_moment(time)) else { return self.other_slot() };
        let at = self.search(self.no_sooner(asked), |at| self.full_until(at)).ok_or(MoveRule::NoSlotLeft)?;
        Ok((at, MoveRule::AsAsked))
    }

    fn asked_moment(&self, time: &str) -> Option<DateTime<Utc>> {
        let retry = &self.policy.retry;
        let tomorrow = self.today().checked_add_days(Days::new(1))?;
        match time {
            "later_today" => Some(self.after(retry.later_today)),
            // In a demonstration a day is shorter than a day.
            "tomorrow_morning" | "tomorrow_afternoon" if retry.other_day < DAY => {
                Some(self.after(retry.later_today))
            }
            "tomorrow_morning" => at_hour(self.zone, tomorrow, 10),
            "tomorrow_afternoon" => at_hour(self.zone, tomorrow, 14),
            _ => None,
        }
    }

    fn unless_exhausted(&self, from: DateTime<Utc>, rule: MoveRule) -> Moment {
        if self.tries() >= self.tries_allowed() {
            return Err(MoveRule::RoundExhausted);
        }
        let (at, rule) = self.in_free_slot(from, rule)?;
        Ok((self.spread(at), rule))
    }

    fn in_free_slot(&self, from: DateTime<Utc>, rule: MoveRule) -> Moment {
        Ok((self.free_slot(self.no_sooner(from)).ok_or(MoveRule::NoSlotLeft)?, rule))
    }

    /// The halves of the day that were tried.
    fn halves(&self) -> BTreeSet<HalfDay> {
        let tried = self.made.iter().filter(|made| made.tries_slot(self.table()));
        tried.map(|made| HalfDay::of(self.zone, made.at)).collect()
    }

    /// The least gap after the last attempt that counts.
    fn no_sooner(&self, from: DateTime<Utc>) -> DateTime<Utc> {
        let counts = |made: &&Made<'_>| made.direction.counts(made.reason);
        let last = self.made.iter().filter(counts).map(|made| made.at).max();
        let gap = TimeDelta::from_std(self.policy.retry.gap()).unwrap_or_default();
        last.and_then(|last| last.checked_add_signed(gap)).map_or(from, |least| least.max(from))
    }

    /// When the day after begins, where the day of that moment has its attempts.
    fn full_until(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let date = at.with_timezone(&self.zone).date_naive();
        let made = self.days.iter().filter(|day| **day == date).count();
        if made < self.policy.retry.per_day as usize { None } else { day_after(self.zone, at) }
    }

    /// The earliest moment from `from` on in a slot no attempt used; as far as the windows allow it on another clock
    /// hour than any try of ours before, and in the other half of the day once the tries left must bring it.
    fn free_slot(&self, from: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let used = self.made.iter().filter(|made| made.uses_slot(self.table()));
        let places: BTreeSet<_> = used.map(|made| self.place(made.at)).collect();
        let tried = self.made.iter().filter(|made| made.tries_slot(self.table()));
        let hours: BTreeSet<_> = tried.map(|made| self.place(made.at).1).collect();
        let halves = self.halves();
        let other_half = self.must_change_half_day(halves.len() as u32);
        let wanted = [(true, other_half), (false, other_half), (true, false), (false, false)];
        wanted.into_iter().find_map(|(other_hour, other_half)| {
            self.search(from, |at| {
                if let Some(tomorrow) = self.full_until(at) {
                    return Some(tomorrow);
                }
                if other_half && halves.contains(&HalfDay::of(self.zone, at)) {
                    return Some(end_of_half_day(self.zone, at));
                }
                let (date, slot) = self.place(at);
                let taken = places.contains(&(date, slot)) || (other_hour && hours.contains(&slot));
                taken.then(|| end_of_slot(&self.policy.retry, self.zone, at))
            })
        })
    }

    fn must_change_half_day(&self, halves_used: u32) -> bool {
        let missing = self.policy.retry.half_days.min(2).saturating_sub(halves_used);
        let left = self.tries_allowed().saturating_sub(self.tries());
        halves_used > 0 && missing > 0 && missing >= left
    }

    /// The first opening that `taken` leaves free; where taken, it says from when to look on.
    fn search(
        &self,
        from: DateTime<Utc>,
        taken: impl Fn(DateTime<Utc>) -> Option<DateTime<Utc>>,
    ) -> Option<DateTime<Utc>> {
        let limit = from.checked_add_days(Days::new(LOOK_AHEAD_DAYS))?;
        let mut from = from;
        while from < limit {
            let at = next_opening(&self.policy.windows, self.calendar, self.zone, from)?;
            match taken(at) {
                None => return Some(at),
                Some(later) => from = later,
            }
        }
        None
    }

    /// Somewhere in the first three quarters of what is left of the slot, so that retries do not come all at once.
    fn spread(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        let slot_end = end_of_slot(&self.policy.retry, self.zone, at);
        let room = closing_before(&self.policy.windows, self.calendar, self.zone, at, slot_end) - at;
        let room = (room.num_milliseconds() * 3 / 4).max(1) as u64;
        let spread = at + TimeDelta::milliseconds((mixed(self.ending.seed) % room) as i64);
        if is_open(&self.policy.windows, self.calendar, self.zone, spread) { spread } else { at }
    }

    /// Whole days lead to the beginning of the day; shorter times are kept as they are.
    fn days_on(&self, time: Duration) -> DateTime<Utc> {
        let days = Days::new(time.as_secs() / DAY.as_secs());
        let date = self.today().checked_add_days(days).filter(|_| time >= DAY);
        date.and_then(|date| start_of_day(self.zone, date)).unwrap_or_else(|| self.after(time))
    }

    fn after(&self, time: Duration) -> DateTime<Utc> {
        TimeDelta::from_std(time)
            .ok()
            .and_then(|time| self.now.checked_add_signed(time))
            .unwrap_or(self.now + DAY)
    }

    fn today(&self) -> NaiveDate {
        self.now.with_timezone(&self.zone).date_naive()
    }

    fn place(&self, at: DateTime<Utc>) -> (NaiveDate, Slot) {
        (at.with_timezone(&self.zone).date_naive(), Slot::of(&self.policy.retry, self.zone, at))
    }

    /// How many attempts at the end were followed by that rule.
    fn trailing(&self, next: NextTry) -> u32 {
        self.made.iter().rev().take_while(|made| self.table().of(made.reason).next == next).count() as u32
    }

    fn table(&self) -> &ReasonTable {
        &self.policy.retry.reasons
    }

    /// How long to wait: as the row of the reason says, or else as the policy does.
    fn figure(&self, figure: Duration) -> Duration {
        self.table().of(self.ending.reason).wait.unwrap_or(figure)
    }
}

/// SplitMix64's finaliser: neighbouring seeds land far apart.
fn mixed(seed: u64) -> u64 {
    let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
