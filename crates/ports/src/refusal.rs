//! What is done with a claimed task whose attempt may not be opened.

use chrono::{DateTime, Utc};
use records::{Because, MoveRule, NextStep, Onward, RetryPolicy, TaskState};

use crate::OpenRefusal;

/// Instead of a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Instead {
    /// It is given back, and looked at again then.
    Later { at: DateTime<Utc>, because: Because },
    /// It is not to be called under this plan.
    MovesOn(Onward),
}

impl OpenRefusal {
    /// What is done at `now`, the store's clock.
    pub fn instead(self, retry: &RetryPolicy, now: DateTime<Utc>) -> Instead {
        let (at, rule) = match self {
            Self::Waived => {
                let (next, because) = (NextStep::End(TaskState::Withdrawn), Because::of(MoveRule::Waived));
                return Instead::MovesOn(Onward { next, callback: None, because });
            }
            // Another of the customer's numbers is taken next, or another is asked for.
            Self::OptedOut => (now, MoveRule::OptedOut),
            // A number on which we are talking is as busy as any: hardly a call lasts as long as it may. While it
            // does, the store refuses again.
            Self::AlreadyOpen { until } => (until.min(now + retry.soon), MoveRule::AlreadyOpen),
            // When the windows are open then is seen before the next call.
            Self::Capped { until, rule } => (until, rule),
            Self::Stopped => (now, MoveRule::Stopped),
            Self::LineLost => (now, MoveRule::NoLine),
            Self::ClaimLost | Self::Stranger => (now, MoveRule::ClaimLost),
        };
        Instead::Later { at, because: Because::of(rule) }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_refused_task_is_looked_at_again_when_it_may_be_called_or_moves_on() {
        let now = DateTime::UNIX_EPOCH;
        let retry = RetryPolicy { soon: Duration::from_secs(600), ..RetryPolicy::default() };
        let at = |seconds: u64| now + Duration::from_secs(seconds);
        let gap = MoveRule::Gap;
        for (refusal, after, rule) in [
            (OpenRefusal::OptedOut, 0, MoveRule::OptedOut),
            (OpenRefusal::Stopped, 0, MoveRule::Stopped),
            (OpenRefusal::LineLost, 0, MoveRule::NoLine),
            (OpenRefusal::ClaimLost, 0, MoveRule::ClaimLost),
            (OpenRefusal::Capped { until: at(7200), rule: gap }, 7200, gap),
            (OpenRefusal::AlreadyOpen { until: at(20) }, 20, MoveRule::AlreadyOpen),
            // The call may last for twenty minutes; most are over long before.
            (OpenRefusal::AlreadyOpen { until: at(1200) }, 600, MoveRule::AlreadyOpen),
        ] {
            let later = Instead::Later { at: at(after), because: Because::of(rule) };
            assert_eq!(refusal.clone().instead(&retry, now), later, "{refusal:?}");
        }
        let Instead::MovesOn(onward) = OpenRefusal::Waived.instead(&retry, now) else { panic!() };
        assert_eq!(
            (onward.next, onward.because.rule),
            (NextStep::End(TaskState::Withdrawn), MoveRule::Waived)
        );
    }
}
