//! Stops and resumes all calling.

use ports::Switch;
use serde::Serialize;
use serde_json::json;

use crate::auth::Caller;
use crate::front::Front;
use crate::problem::Problem;

/// What stopping did.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Stopped {
    #[serde(flatten)]
    pub(crate) switch: Switch,
    /// Calls that were up and were ended.
    pub(crate) calls_ended: usize,
}

/// No new calls, and those that are up end now. They end even when the switch cannot be set.
pub(crate) async fn stop_all(front: &Front, caller: &Caller) -> Result<Stopped, Problem> {
    let login = &caller.account.login;
    let switch = front.desk.store.set_switch(false, login).await;
    let calls_ended = front.desk.floor.end_all().await;
    tracing::warn!(by = %caller.account.id, calls_ended, "all calling is stopped");
    let switch = switch.map_err(|error| {
        let problem = Problem::from(error);
        let detail = format!(
            "{calls_ended} calls were ended, but the switch could not be set, so new ones may start: {}",
            problem.detail
        );
        Problem { detail, ..problem }
    })?;
    front.trail(login, "calling.stop", "switch", json!({"calls_ended": calls_ended})).await;
    Ok(Stopped { switch, calls_ended })
}

/// Allows calling again.
pub(crate) async fn resume(front: &Front, caller: &Caller) -> Result<Switch, Problem> {
    let login = &caller.account.login;
    let switch = front.desk.store.set_switch(true, login).await?;
    tracing::warn!(by = %caller.account.id, "calling is resumed");
    front.trail(login, "calling.resume", "switch", json!({})).await;
    Ok(switch)
}
