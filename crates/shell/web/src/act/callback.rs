//! Works the human call-back queue.

use records::{Callback, CallbackId, CallbackOutcome};
use serde_json::json;

use super::steps::after_item;
use crate::auth::Caller;
use crate::events::Happening;
use crate::front::Front;
use crate::problem::Problem;

/// The caller works on this item from now on.
pub(crate) async fn take(front: &Front, caller: &Caller, id: CallbackId) -> Result<Callback, Problem> {
    let callback = front.desk.store.take_callback(id, caller.account.id).await?;
    front.desk.events.tell(Happening::CallbackTaken { callback: id, task: callback.task });
    front.trail(&caller.account.login, "callback.take", &format!("callback:{id}"), json!({})).await;
    Ok(callback)
}

/// Ends an item that the caller took.
pub(crate) async fn finish(
    front: &Front,
    caller: &Caller,
    id: CallbackId,
    outcome: CallbackOutcome,
    note: &str,
) -> Result<Callback, Problem> {
    let note = note.trim();
    if note.is_empty() || note.chars().count() > 4000 {
        return Err(Problem::invalid("note: say in 1 to 4000 characters what the customer said or why not"));
    }
    let item = front.desk.store.callback(id).await?;
    let onward = after_item(front, item.task, outcome).await?;
    let callback =
        front.desk.store.finish_callback(id, caller.account.id, outcome, note, onward.as_ref()).await?;
    front.desk.events.tell(Happening::CallbackClosed { callback: id, task: callback.task, outcome });
    let detail = json!({"outcome": outcome});
    front.trail(&caller.account.login, "callback.finish", &format!("callback:{id}"), detail).await;
    Ok(callback)
}
