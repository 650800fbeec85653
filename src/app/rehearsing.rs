//! A plan heard before it calls anybody: its questionnaire, asked on a phone of its author's (W9.1).

use std::sync::Arc;

use ports::Rehearsal;
use records::AttemptId;
use tokio::sync::oneshot;

use super::line::{self, ByHandError, Wish};
use super::service::Service;

/// Answers when the number is being dialled; the call goes on by itself.
pub(super) async fn rehearse(service: &Arc<Service>, rehearsal: Rehearsal) -> Result<AttemptId, String> {
    let Rehearsal { plan, number, language } = rehearsal;
    let script = line::script(service, &plan.content.questionnaire_version).await?;
    let (dialling, dialled) = oneshot::channel();
    let policy = plan.content.policy.call.clone();
    let wish =
        Wish { number, script, policy, language, rehearsal_of: Some(plan.id), dialling: Some(dialling) };
    let (told, refused) = oneshot::channel();
    let calling = Arc::clone(service);
    service.at_work.spawn(async move {
        match line::place(&calling, wish).await {
            Ok(heard) => {
                tracing::info!(plan = %plan.id, reason = %heard.report.reason, "a plan was rehearsed");
            }
            Err(error) => {
                // Nobody waits any more once the call was dialled.
                if let Err(error) = told.send(error) {
                    tracing::error!(plan = %plan.id, %error, "a rehearsal could not be concluded");
                }
            }
        }
    });
    match dialled.await {
        Ok(attempt) => Ok(attempt),
        // The call ended before it was dialled, and says why.
        Err(_) => Err(refused.await.map_or_else(
            |_| "the rehearsal ended before it was dialled; try again".to_owned(),
            |error: ByHandError| error.to_string(),
        )),
    }
}
