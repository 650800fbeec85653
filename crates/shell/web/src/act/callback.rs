//! Works the human call-back queue.

use ports::Page;
use records::{Callback, CallbackId, CallbackOutcome, CallbackState, Role};
use serde_json::json;

use super::steps::after_item;
use crate::auth::Caller;
use crate::events::Happening;
use crate::front::Front;
use crate::problem::Problem;

/// Pages of taken items looked through at most; 500 items each.
const PAGES: usize = 20;

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

/// Whether this attempt belongs to a case the caller works on now (W13). True at once for roles other than agent.
pub(crate) async fn works_on(
    front: &Front,
    caller: &Caller,
    attempt: &records::Attempt,
) -> Result<bool, Problem> {
    if caller.account.role != Role::Agent {
        return Ok(true);
    }
    let mut page = Page { before: None, limit: 500 };
    for _ in 0..PAGES {
        let part = front.desk.overview.callbacks(Some(CallbackState::Taken), page).await?;
        let mine = part.items.iter().map(|row| &row.callback).any(|item| {
            item.taken_by == Some(caller.account.id)
                && (item.attempt == Some(attempt.id) || Some(item.task) == attempt.task)
        });
        if mine || part.next.is_none() {
            return Ok(mine);
        }
        page.before = part.next;
    }
    Ok(false)
}
