//! Reads the signalling of an attempt. No message of it is seen without an entry in the trail.

use ports::AttemptRow;
use records::AttemptId;
use serde_json::json;
use trace::Ladder;

use crate::auth::Caller;
use crate::front::Front;
use crate::problem::Problem;
use crate::sight::sees_numbers;

/// A ladder as its reader may see it.
pub(crate) struct Shown {
    pub(crate) ladder: Ladder,
    /// Whether numbers are masked.
    pub(crate) masked: bool,
}

/// The ladder of an attempt, numbers masked unless the role needs them; `form` says how it leaves the house.
pub(crate) async fn ladder(
    front: &Front,
    caller: &Caller,
    row: &AttemptRow,
    form: &str,
) -> Result<Shown, Problem> {
    let id: AttemptId = row.attempt.id;
    let kept = front.desk.traces.messages_of(id).await?;
    let detail = json!({"form": form, "messages": kept.len()});
    front.must_trail(caller, "trace.read", &format!("attempt:{id}"), detail).await?;
    let cut = kept.iter().any(|message| message.cut);
    let ladder = Ladder::of(kept.into_iter().map(|kept| kept.message).collect(), cut);
    let masked = !sees_numbers(caller);
    let ladder = if masked { ladder.masked([row.attempt.number.e164()]) } else { ladder };
    Ok(Shown { ladder, masked })
}
