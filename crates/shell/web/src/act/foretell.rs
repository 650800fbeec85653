//! A plan heard and reckoned before it calls anybody: the rehearsal and the dry run.

use chrono_tz::Tz;
use plan::{DryRun, DryRunTerms, Reckoning};
use ports::Rehearsal;
use records::{AttemptId, CustomerId, Number, PlanId};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::auth::Caller;
use crate::front::Front;
use crate::problem::Problem;

/// Customers looked at, at most.
const MOST: u32 = 200_000;
const PORTION: u32 = 1_000;
/// Rows shown of a dry run.
const ROWS: usize = 500;
/// First calls of one line in an hour, at three minutes each.
const CALLS_OF_A_LINE: u32 = 20;

/// What is asked of a dry run.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DryRunAsked {
    /// 1 to 366; 30 where absent.
    pub(crate) days: Option<u32>,
    /// First calls in an hour; what the trunks' lines can make where absent.
    pub(crate) per_hour: Option<u32>,
}

/// A dry run and what it was reckoned with.
pub(crate) struct Foretold {
    pub(crate) run: DryRun,
    pub(crate) days: u32,
    pub(crate) per_hour: u32,
    /// There are more customers than were looked at.
    pub(crate) cut: bool,
}

/// Who would be called when.
pub(crate) async fn dry_run(front: &Front, id: PlanId, asked: DryRunAsked) -> Result<Foretold, Problem> {
    let plan = front.desk.store.plan(id).await?;
    let days = asked.days.unwrap_or(30);
    if !(1..=366).contains(&days) {
        return Err(Problem::invalid(format!("days: {days} is out of range: give 1 to 366")));
    }
    let per_hour = asked.per_hour.filter(|calls| *calls > 0).unwrap_or_else(|| of_the_lines(front));
    let calendar = front.desk.shelf.calendar();
    let now = front.desk.store.now().await?;
    let zone = front.desk.settings.zone;
    let terms = DryRunTerms {
        plan: &plan.content,
        calendar: &calendar,
        now,
        days,
        per_hour: Some(per_hour),
        zone,
        rows: ROWS,
    };
    let mut reckoning = Reckoning::new(terms);
    let (mut after, mut looked) = (None, 0);
    let cut = loop {
        let part = front.desk.planning.customers_after(after, PORTION).await?;
        let Some(last) = part.last() else { break false };
        if looked >= MOST {
            break true;
        }
        after = Some(last.id);
        looked += part.len() as u32;
        let ids: Vec<CustomerId> = part.iter().map(|customer| customer.id).collect();
        let exemptions = front.desk.planning.exemptions(id, &ids).await?;
        for customer in &part {
            let exemptions = exemptions.get(&customer.id).map_or(&[][..], Vec::as_slice);
            reckoning.look(customer, exemptions);
        }
    };
    Ok(Foretold { run: reckoning.finish(), days, per_hour, cut })
}

/// What the trunks can begin in an hour.
fn of_the_lines(front: &Front) -> u32 {
    let of = |trunk: &ports::TrunkStatus| {
        (trunk.lines.saturating_mul(CALLS_OF_A_LINE)).min(trunk.cps.saturating_mul(3600))
    };
    let calls: u32 = front.desk.floor.trunks().iter().filter(|trunk| !trunk.fallback).map(of).sum();
    calls.max(CALLS_OF_A_LINE)
}

/// A rehearsal as its author asks for it.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RehearsalAsked {
    pub(crate) number: String,
    #[serde(default)]
    pub(crate) language: Option<String>,
    /// Ring although the plan's windows are shut now.
    #[serde(default)]
    pub(crate) outside_windows: bool,
}

/// Rings a number of the author's own, outside the plan's windows only where that was said.
pub(crate) async fn rehearse(
    front: &Front,
    caller: &Caller,
    id: PlanId,
    asked: RehearsalAsked,
) -> Result<AttemptId, Problem> {
    let number = Number::parse(&asked.number).map_err(|why| Problem::invalid(format!("number: {why}")))?;
    let plan = front.desk.store.plan(id).await?;
    let now = front.desk.store.now().await?;
    let shut =
        plan::may_call_now(&plan.content.policy, &front.desk.shelf.calendar(), Tz::Asia__Shanghai, now).err();
    if let Some(shut) = shut.filter(|_| !asked.outside_windows) {
        return Err(Problem::conflict(format!(
            "{shut}. Wait until then, or say that you want to be called now all the same (outside_windows)"
        )));
    }
    let rehearsal =
        Rehearsal { plan, number, language: asked.language.filter(|language| !language.is_empty()) };
    let attempt = front.desk.floor.rehearse(rehearsal).await.map_err(Problem::conflict)?;
    let detail = json!({"attempt": attempt, "outside_windows": shut.is_some()});
    front.trail(&caller.account.login, "plan.rehearse", &format!("plan:{id}"), detail).await;
    Ok(attempt)
}
