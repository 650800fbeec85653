//! Proof: the certificate of a task, and how far the plans are. A certificate tells what a customer was called for, so no
//! one is read without an entry in the trail.

use std::time::Duration;

use chrono::NaiveDate;
use plan::{Certificate, PlanFigures, certify};
use ports::{Days, StoreError};
use records::{AccountId, PlanId, TaskId};
use serde::Deserialize;
use serde_json::json;

use super::case::is_theirs;
use crate::auth::Caller;
use crate::front::Front;
use crate::problem::Problem;

/// Figures of the plans that run are counted about once a minute; older ones are counted over again.
const AGE: Duration = Duration::from_secs(90);

/// The certificate of a task as of now; `form` says how it leaves the house. None where it is not the caller's case.
pub(crate) async fn certificate(
    front: &Front,
    caller: &Caller,
    id: TaskId,
    form: &str,
) -> Result<Option<Certificate>, Problem> {
    let dossier = front.desk.proofs.dossier(id).await?;
    if !is_theirs(caller, &dossier) {
        return Ok(None);
    }
    let mut certificate = certify(&dossier, &(front.desk.calendar)());
    front.must_trail(caller, "certificate.read", &format!("task:{id}"), json!({"form": form})).await?;
    name_people(front, &mut certificate).await?;
    Ok(Some(certificate))
}

/// The names of those whom the records tell of, and of nobody else.
async fn name_people(front: &Front, certificate: &mut Certificate) -> Result<(), StoreError> {
    let Certificate { plan, moves, steps, callbacks, .. } = &*certificate;
    let moved = moves.iter().filter_map(|made| made.by.as_ref()?.parse::<AccountId>().ok());
    let told: Vec<AccountId> = moved
        .chain(steps.iter().filter_map(|step| step.by))
        .chain(callbacks.iter().filter_map(|item| item.taken_by))
        .chain([plan.created_by])
        .chain(plan.approved_by)
        .collect();
    let accounts = front.desk.accounts.accounts().await?;
    let known = accounts.into_iter().filter(|account| told.contains(&account.id));
    certificate.people = known.map(|account| (account.id, account.name)).collect();
    Ok(())
}

/// `?from=2026-01-01&to=2026-03-31`: tasks that fell due on these days, both inclusive. Without both: the year so far.
#[derive(Clone, Copy, Debug, Default, serde::Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub(crate) struct CoverageAsked {
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
}

/// How far a plan is. Of one that runs, and without days, as it was counted within the last minutes.
pub(crate) async fn coverage(
    front: &Front,
    id: PlanId,
    asked: CoverageAsked,
) -> Result<PlanFigures, Problem> {
    if (asked.from, asked.to) == (None, None) {
        let all = front.desk.proofs.all_figures(AGE).await?;
        if let Some(found) = all.into_iter().find(|figures| figures.plan == id) {
            return Ok(found);
        }
    }
    let usual = Days::this_year(front.desk.store.now().await?);
    let days = Days { from: asked.from.unwrap_or(usual.from), to: asked.to.unwrap_or(usual.to) };
    if days.from > days.to {
        return Err(Problem::unreadable("from is later than to: give the first day as from, the last as to"));
    }
    Ok(front.desk.proofs.plan_figures(id, days).await?)
}

/// How far every plan is that runs or pauses.
pub(crate) async fn all_coverage(front: &Front) -> Result<Vec<PlanFigures>, Problem> {
    Ok(front.desk.proofs.all_figures(AGE).await?)
}
