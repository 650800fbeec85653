//! Slows down guessing: after some failures of one login from one address, that pair waits.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

const FREE_FAILURES: u32 = 5;
const FIRST_WAIT: Duration = Duration::from_secs(30);
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);
/// Pairs remembered at most; the longest unseen one is forgotten first.
const REMEMBERED: usize = 10_000;

type Pair = (String, Option<IpAddr>);

struct Record {
    failures: u32,
    last: Instant,
}

/// Failures by login and address.
#[derive(Default)]
pub(crate) struct Throttle {
    records: HashMap<Pair, Record>,
}

impl Throttle {
    /// How long this pair still has to wait.
    pub(crate) fn wait(&self, login: &str, from: Option<IpAddr>, now: Instant) -> Option<Duration> {
        let record = self.records.get(&(login.to_lowercase(), from))?;
        let left = wait_after(record.failures)?.checked_sub(now.saturating_duration_since(record.last))?;
        (left > Duration::ZERO).then_some(left)
    }

    /// A login is being tried. It counts as failed until [`Self::succeeded`] is told, so that many tries at the same
    /// time do not slip through together.
    pub(crate) fn tried(&mut self, login: &str, from: Option<IpAddr>, now: Instant) {
        let pair = (login.to_lowercase(), from);
        if !self.records.contains_key(&pair) {
            self.make_room(now);
        }
        let record = self.records.entry(pair).or_insert(Record { failures: 0, last: now });
        if now.saturating_duration_since(record.last) > LONGEST_WAIT * 2 {
            record.failures = 0;
        }
        record.failures = record.failures.saturating_add(1);
        record.last = now;
    }

    pub(crate) fn succeeded(&mut self, login: &str, from: Option<IpAddr>) {
        self.records.remove(&(login.to_lowercase(), from));
    }

    fn make_room(&mut self, now: Instant) {
        if self.records.len() < REMEMBERED {
            return;
        }
        self.records.retain(|_, record| now.saturating_duration_since(record.last) <= LONGEST_WAIT);
        if self.records.len() >= REMEMBERED {
            let oldest =
                self.records.iter().min_by_key(|(_, record)| record.last).map(|(pair, _)| pair.clone());
            oldest.map(|pair| self.records.remove(&pair));
        }
    }
}

fn wait_after(failures: u32) -> Option<Duration> {
    let beyond = failures.checked_sub(FREE_FAILURES)?;
    Some(FIRST_WAIT.saturating_mul(1 << beyond.min(10)).min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_grows_with_every_failure_and_ends_with_a_success() {
        let (mut throttle, start) = (Throttle::default(), Instant::now());
        for _ in 0..4 {
            throttle.tried("li", None, start);
            assert_eq!(throttle.wait("li", None, start), None);
        }
        throttle.tried("LI", None, start);
        assert_eq!(throttle.wait("li", None, start), Some(FIRST_WAIT));
        assert_eq!(throttle.wait("li", None, start + FIRST_WAIT), None);
        throttle.tried("li", None, start);
        assert_eq!(throttle.wait("li", None, start), Some(FIRST_WAIT * 2));
        throttle.succeeded("li", None);
        assert_eq!(throttle.wait("li", None, start), None);
    }

    #[test]
    fn another_login_and_another_address_are_not_slowed() {
        let (mut throttle, now) = (Throttle::default(), Instant::now());
        let here = Some(IpAddr::from([127, 0, 0, 1]));
        for _ in 0..9 {
            throttle.tried("li", here, now);
        }
        assert!(throttle.wait("li", here, now).is_some());
        assert_eq!(throttle.wait("wang", here, now), None);
        assert_eq!(throttle.wait("li", Some(IpAddr::from([127, 0, 0, 2])), now), None);
    }

    #[test]
    fn the_memory_is_bounded_and_forgets_the_longest_unseen() {
        let (mut throttle, start) = (Throttle::default(), Instant::now());
        for n in 0..REMEMBERED + 10 {
            throttle.tried(&format!("login {n}"), None, start + Duration::from_millis(n as u64));
        }
        assert_eq!(throttle.records.len(), REMEMBERED);
        assert!(!throttle.records.contains_key(&("login 0".to_owned(), None)));
    }
}
