//! The whole way of a task: claimed, its attempt committed and ended, or given back.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ports::{Closing, NewAttempt, Seen, Store};
use postgres::Postgres;
use records::{AttemptId, Because, Claim, Evidence, MoveRule, NextStep, Reason};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::DialerBenchError;
use super::options::Work;
use super::worker::{Done, LEASE, micros};

/// Tasks that are on their way at the same time.
const AT_ONCE: u32 = 16;
const LONGEST: Duration = Duration::from_secs(300);
/// Every so manieth is given back, as when no line is left or the window has closed.
const GIVEN_BACK: usize = 10;

pub(super) async fn run(
    store: &Arc<Postgres>,
    options: &Work,
    tasks: usize,
) -> Result<Done, DialerBenchError> {
    let mut done = Done::default();
    let begun = Instant::now();
    while (done.claimed as usize) < tasks {
        let claims = store.claim_due(&options.node, AT_ONCE, LEASE).await?;
        if claims.is_empty() {
            break;
        }
        let mut at_work = JoinSet::new();
        for claim in claims {
            done.claimed += 1;
            let back = (done.claimed as usize).is_multiple_of(GIVEN_BACK);
            at_work.spawn(one(Arc::clone(store), claim, back));
        }
        while let Some(ended) = at_work.join_next().await {
            ended.map_err(|error| DialerBenchError::Worker(error.to_string()))??;
        }
    }
    done.took = micros(begun.elapsed());
    Ok(done)
}

async fn one(store: Arc<Postgres>, claim: Claim, back: bool) -> Result<(), DialerBenchError> {
    let standing = store.standing(&claim).await?;
    let later = standing.now + Duration::from_secs(3600);
    let Some(number) = standing.numbers.first().filter(|_| !back) else {
        return Ok(store.release(&claim, later, &Because::of(MoveRule::NotReady)).await?);
    };
    let attempt = NewAttempt {
        id: AttemptId(Uuid::now_v7()),
        number: number.clone(),
        trunk: "bench".to_owned(),
        caller: None,
        longest: LONGEST,
        lent: None,
        seen: Seen { at: standing.now, recent: standing.recent.clone() },
    };
    let Ok(attempt) = store.open_attempt(&claim, &attempt).await? else {
        return Ok(store.release(&claim, later, &Because::of(MoveRule::NotReady)).await?);
    };
    let closing = Closing {
        reason: Reason::NoAnswer,
        evidence: Evidence::default(),
        answered_at: None,
        next: NextStep::TryAgain { at: later, why: "another slot".to_owned() },
        callback: None,
        number_dead: false,
        because: Because::of(MoveRule::OtherSlot),
    };
    Ok(store.close_attempt(attempt.id, claim.fence, &closing).await?)
}
