//! How often a caller without an open task is answered.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use parking_lot::Mutex;
use records::Number;
use tokio::time::Instant;

const HOUR: Duration = Duration::from_secs(3600);
/// Callers remembered at most; with more than that in one hour, further ones are not answered.
const MOST: usize = 4096;

/// Who has heard the notice in the last hour.
pub(super) struct Strangers {
    per_hour: usize,
    heard: Mutex<HashMap<Number, VecDeque<Instant>>>,
}

impl Strangers {
    pub(super) fn new(per_hour: u32) -> Self {
        Self { per_hour: per_hour as usize, heard: Mutex::default() }
    }

    /// Whether the notice may be said to this caller once more.
    pub(super) fn may_hear(&self, number: &Number, now: Instant) -> bool {
        let mut heard = self.heard.lock();
        if heard.len() >= MOST {
            heard.retain(|_, times| times.back().is_some_and(|last| now.duration_since(*last) < HOUR));
        }
        match heard.get_mut(number) {
            Some(times) => {
                while times.front().is_some_and(|first| now.duration_since(*first) >= HOUR) {
                    times.pop_front();
                }
                times.len() < self.per_hour
            }
            None => heard.len() < MOST && self.per_hour > 0,
        }
    }

    /// The caller is told the notice.
    pub(super) fn heard(&self, number: Number, now: Instant) {
        self.heard.lock().entry(number).or_default().push_back(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_hears_the_notice_so_often_an_hour_and_no_more() {
        let (start, number) = (Instant::now(), Number::parse("13800138000").unwrap());
        let strangers = Strangers::new(2);
        for minute in [0, 10] {
            let now = start + Duration::from_secs(60 * minute);
            assert!(strangers.may_hear(&number, now));
            strangers.heard(number.clone(), now);
        }
        assert!(!strangers.may_hear(&number, start + Duration::from_secs(3599)));
        assert!(strangers.may_hear(&Number::parse("13900139000").unwrap(), start));
        assert!(strangers.may_hear(&number, start + HOUR));
    }

    #[test]
    fn a_flood_of_numbers_finds_an_end_and_is_forgotten() {
        let start = Instant::now();
        let strangers = Strangers::new(1);
        let number = |n: usize| Number::parse(&format!("138{n:08}")).unwrap();
        for n in 0..MOST {
            strangers.heard(number(n), start);
        }
        assert!(!strangers.may_hear(&number(MOST), start));
        assert!(strangers.may_hear(&number(MOST), start + HOUR));
    }
}
