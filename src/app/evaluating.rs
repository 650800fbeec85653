//! Makes the tasks of lists, and keeps those of schedules in step with the dates of their customers: at start, when
//! customers change, and once a day.
//! Any number of processes may do it; a round is leased to one of them, and is gone on with by another if that one dies.

use std::sync::Arc;
use std::time::Duration;

use plan::{Calendar, Horizon, Subject, occasions};
use ports::{Evaluation, KeptTasks, Planning, StoreError};

use super::service::Service;

/// Tasks are made so many days ahead, so that people see what comes.
const AHEAD_DAYS: u64 = 40;
/// How often it is looked whether there is something to do.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// A process that is silent for longer lost its round.
const LEASE: Duration = Duration::from_secs(60);
/// Customers in memory at once.
const PORTION: u32 = 1_000;

/// Does what there is to do, for ever.
pub(super) async fn run(service: Arc<Service>, planning: Arc<dyn Planning>) {
    let mut trouble = None;
    loop {
        let found = look(planning.as_ref(), &service.calendar.current(), &service.node).await;
        let why = found.err().map(|error| error.to_string());
        if let Some(why) = &why
            && trouble.as_ref() != Some(why)
        {
            tracing::error!(why, "the tasks of plans cannot be kept in step with their customers' dates");
        }
        trouble = why;
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Every list and every round there is to do now.
async fn look(planning: &dyn Planning, calendar: &Calendar, node: &str) -> Result<(), StoreError> {
    lists(planning).await?;
    while let Some(round) = planning.take_evaluation(node, LEASE).await? {
        let plan = round.plan.id;
        match whole(planning, calendar, round).await {
            Ok(KeptTasks { made: 0, moved: 0, withdrawn: 0 }) => {}
            Ok(KeptTasks { made, moved, withdrawn }) => {
                tracing::info!(%plan, made, moved, withdrawn, "tasks follow their customers' dates");
            }
            // Stopped meanwhile, or another process has it: nothing is lost.
            Err(StoreError::Conflict(why)) => tracing::debug!(%plan, why, "a round was left"),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Lists that were started, a part at a time, until everybody on them has a task.
async fn lists(planning: &dyn Planning) -> Result<(), StoreError> {
    let mut made = 0;
    while let Some(part) = planning.go_on_listing(PORTION).await? {
        made += part.made;
        if part.whole {
            tracing::info!(plan = %part.plan, made, "everybody on the list has a task");
            made = 0;
        }
    }
    Ok(())
}

/// One round to its end.
async fn whole(
    planning: &dyn Planning,
    calendar: &Calendar,
    mut round: Evaluation,
) -> Result<KeptTasks, StoreError> {
    let horizon = Horizon::of(&round.plan, round.today, AHEAD_DAYS);
    let content = round.plan.content.clone();
    let mut done = KeptTasks::default();
    loop {
        let customers = planning.next_customers(&round, PORTION).await?;
        if customers.is_empty() {
            break;
        }
        let wanted: Vec<_> = customers
            .iter()
            .map(|one| {
                let subject = Subject::from(one);
                (one.id, occasions(&content.schedule, &content.audience, &subject, calendar, horizon))
            })
            .collect();
        done += planning.keep_tasks(&mut round, &wanted, LEASE).await?;
    }
    planning.finish_evaluation(&round).await?;
    Ok(done)
}
