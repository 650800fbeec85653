//! Watches over the trunks: since when they stand as they do, how their shown numbers fare, which alarms stand.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use ports::{CallerCounts, Overview, TrunkWord};
use records::{AlarmChange, AlarmName, Finding};
use tokio::time::Instant;
use trunk::rates::{Counts, Fault};
use web::events::Happening;

use super::{Trunk, Trunks};
use crate::app::proving;
use crate::app::service::Service;

/// How soon a change of state is seen.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often the figures are counted.
const COUNT_EVERY: Duration = Duration::from_secs(30);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// What was last seen of each trunk.
pub(super) struct Sightings(Vec<Sighting>);

/// What was last seen of one trunk.
#[derive(Clone, Copy)]
pub(super) struct Sighting {
    word: TrunkWord,
    pub(super) since: DateTime<Utc>,
    /// Of its shown number.
    pub(super) hour: Counts,
    pub(super) day: Counts,
}

impl Sightings {
    pub(super) fn new(trunks: usize) -> Self {
        let unknown = Sighting {
            word: TrunkWord::Unknown,
            since: Utc::now(),
            hour: Counts::default(),
            day: Counts::default(),
        };
        Self(vec![unknown; trunks])
    }

    pub(super) fn of(&self, index: usize) -> Sighting {
        self.0[index]
    }
}

/// Watches for ever.
pub(in crate::app) async fn watch(service: Arc<Service>, overview: Arc<dyn Overview>) {
    let mut counted: Option<Instant> = None;
    loop {
        if counted.is_none_or(|at| at.elapsed() >= COUNT_EVERY) {
            counted = Some(Instant::now());
            match count(overview.as_ref()).await {
                Ok((hour, day)) => service.trunks.counted(&hour, &day),
                // The dialer tells that the database is away.
                Err(error) => tracing::debug!(%error, "the figures of the shown numbers were not counted"),
            }
        }
        look(&service);
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn count(overview: &dyn Overview) -> Result<(Vec<CallerCounts>, Vec<CallerCounts>), ports::StoreError> {
    Ok((overview.caller_counts(HOUR).await?, overview.caller_counts(DAY).await?))
}

fn look(service: &Service) {
    let now = Utc::now();
    let mut findings = service.trunks.findings(now, &service.config.alarm.limits());
    findings.extend(service.calendar.findings(now));
    findings.extend(proving::findings(&service.figures.lock()));
    let changes = service.alarms.lock().found(now, findings);
    for change in changes {
        match change {
            AlarmChange::On(alarm) => {
                tracing::error!(alarm = alarm.name.slug(), trunk = alarm.trunk, what = alarm.what, "alarm");
                service.board.events().tell(Happening::AlarmRaised(alarm));
            }
            AlarmChange::Off(alarm) => {
                tracing::info!(alarm = alarm.name.slug(), trunk = alarm.trunk, since = %alarm.since, "alarm over");
                service.board.events().tell(Happening::AlarmCleared(alarm));
            }
        }
    }
}

impl Trunks {
    fn counted(&self, hour: &[CallerCounts], day: &[CallerCounts]) {
        let mut sightings = self.sightings.lock();
        for (trunk, seen) in self.all.iter().zip(&mut sightings.0) {
            seen.hour = of(hour, &trunk.config.caller);
            seen.day = of(day, &trunk.config.caller);
        }
    }

    /// What gives cause for alarm now; also notes since when each trunk stands as it does.
    fn findings(&self, now: DateTime<Utc>, limits: &trunk::rates::Limits) -> Vec<Finding> {
        let mut sightings = self.sightings.lock();
        let mut findings = Vec::new();
        for (trunk, seen) in self.all.iter().zip(&mut sightings.0) {
            let word = self.word(trunk);
            if word != seen.word {
                (seen.word, seen.since) = (word, now);
            }
            findings.extend(self.state_finding(trunk, word));
            for (window, counts) in [("hour", seen.hour), ("day", seen.day)] {
                findings.extend(
                    counts.faults(limits).into_iter().map(|fault| rate(trunk, fault, window, counts)),
                );
            }
        }
        findings
    }

    fn state_finding(&self, trunk: &Trunk, word: TrunkWord) -> Option<Finding> {
        let (name, what) = match word {
            TrunkWord::Down => (AlarmName::TrunkDown, trunk.trouble()?),
            TrunkWord::Refused => (AlarmName::TrunkRefused, trunk.trouble()?),
            TrunkWord::Resting => (AlarmName::BreakerOpen, self.resting(trunk.index)?),
            TrunkWord::Unknown | TrunkWord::Up => return None,
        };
        Some(Finding { name, trunk: trunk.name.clone(), what })
    }
}

fn of(counts: &[CallerCounts], caller: &str) -> Counts {
    let found = counts.iter().find(|counts| counts.caller == caller);
    found.map_or_else(Counts::default, |found| Counts {
        calls: found.calls,
        answered: found.answered,
        barred: found.barred,
    })
}

fn rate(trunk: &Trunk, fault: Fault, window: &str, counts: Counts) -> Finding {
    let (caller, Counts { calls, answered, barred }) = (&trunk.config.caller, counts);
    let (name, what) = match fault {
        Fault::TooManyBarred => (
            AlarmName::BarredShare,
            format!(
                "{barred} of {calls} calls as {caller} were barred in the last {window}: the number may be marked as \
                 spam. Ask the carrier, and show another number meanwhile"
            ),
        ),
        Fault::TooFewAnswered => (
            AlarmName::AnswerRate,
            format!(
                "{answered} of {calls} calls as {caller} were answered in the last {window}: the number may be marked \
                 as spam, or the hours do not suit. Call it from a mobile to see how it is shown"
            ),
        ),
    };
    Finding { name, trunk: trunk.name.clone(), what }
}
