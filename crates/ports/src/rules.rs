//! Rules of the store that need no database: the model and Postgres both ask here.

use records::{
    AccountId, Because, CallbackCause, CallbackOutcome, Claim, Climb, CustomerRow, MoveRule, NewCallback,
    NextStep, Step, StepForm, StepKind, StepState, TaskState,
};

use crate::StoreError;

/// An open item and a new one for the same task, made one: the graver cause, the higher priority, the earlier time.
/// Flags of both are kept.
pub fn sharpened(open: &NewCallback, new: &NewCallback) -> NewCallback {
    let cause = match (&open.cause, &new.cause) {
        (CallbackCause::Flagged { flags: old }, CallbackCause::Flagged { flags: more }) => {
            let added = more.iter().filter(|flag| !old.contains(flag)).cloned();
            CallbackCause::Flagged { flags: old.iter().cloned().chain(added).collect() }
        }
        (old, new_cause) if (new.priority, gravity(new_cause)) < (open.priority, gravity(old)) => {
            new_cause.clone()
        }
        (old, _) => old.clone(),
    };
    NewCallback { cause, priority: open.priority.min(new.priority), due_at: open.due_at.min(new.due_at) }
}

/// Order of causes of one priority; 0 is the gravest.
fn gravity(cause: &CallbackCause) -> u8 {
    match cause {
        CallbackCause::Flagged { .. } => 0,
        CallbackCause::PersonAsked => 1,
        CallbackCause::Unknown => 2,
        CallbackCause::ReconfirmNumber { .. } => 3,
        CallbackCause::Exhausted { .. } => 4,
        CallbackCause::ByPlan { .. } => 5,
    }
}

/// Where a task stands once a person has finished its item. What succeeded or was withdrawn stays so: nobody at
/// home on a second call does not undo an interview.
pub fn after_callback(task: TaskState, outcome: CallbackOutcome) -> TaskState {
    match (task, outcome) {
        (TaskState::Succeeded | TaskState::Withdrawn, _) => task,
        (_, CallbackOutcome::Succeeded) => TaskState::Succeeded,
        (TaskState::Refused, _) | (_, CallbackOutcome::Refused) => TaskState::Refused,
        (_, CallbackOutcome::Exhausted) => TaskState::Exhausted,
        (_, CallbackOutcome::TryAgain) => TaskState::Waiting,
    }
}

/// Where a task stands after an attempt. A customer who opted out is not waited for.
pub fn after_attempt(next: &NextStep, opted_out: bool) -> Result<TaskState, StoreError> {
    match next {
        NextStep::End(state) if state.ended() => Ok(*state),
        NextStep::End(state) => Err(StoreError::Conflict(format!(
            "\"{}\" is no end of a task: end it as succeeded, refused, exhausted or withdrawn",
            state.slug()
        ))),
        NextStep::TryAgain { .. } | NextStep::GoOn | NextStep::Climb(Climb { step: StepKind::Phone, .. })
            if opted_out =>
        {
            Ok(TaskState::Refused)
        }
        NextStep::TryAgain { .. } | NextStep::Climb(Climb { step: StepKind::Phone, .. }) => {
            Ok(TaskState::Waiting)
        }
        NextStep::Person | NextStep::Climb(_) => Ok(TaskState::WithPerson),
        NextStep::GoOn => Err(StoreError::Conflict(
            "a claim goes on only from one attempt to the next: close the attempt with it".to_owned(),
        )),
    }
}

/// Whether a closing leaves the task with its claim, for another attempt at once.
pub fn goes_on(next: &NextStep, opted_out: bool) -> bool {
    *next == NextStep::GoOn && !opted_out
}

/// The step a task opens by climbing; calls and the call-back queue are kept elsewhere.
pub fn opens(next: &NextStep) -> Option<Climb> {
    match next {
        NextStep::Climb(climb) if !matches!(climb.step, StepKind::Phone | StepKind::Callback) => Some(*climb),
        _ => None,
    }
}

/// Whether a task left to a person needs an item of the call-back queue.
pub fn needs_item(next: &NextStep) -> bool {
    opens(next).is_none()
}

/// What a move of a task tells, where the customer's opt-out came before what was decided.
pub fn told(because: &Because, next: &NextStep, state: TaskState) -> Because {
    let overruled = state == TaskState::Refused && !matches!(next, NextStep::End(_));
    if overruled { Because::of(MoveRule::OptedOut) } else { because.clone() }
}

/// Whether a person's outcome leaves it to the ladder where the task goes.
pub fn goes_onward(outcome: CallbackOutcome, reached: TaskState) -> bool {
    match outcome {
        CallbackOutcome::Exhausted => reached == TaskState::Exhausted,
        CallbackOutcome::TryAgain => reached == TaskState::Waiting,
        CallbackOutcome::Succeeded | CallbackOutcome::Refused => false,
    }
}

/// Whether giving a task back is entered in its history: for want of a line it happens again and again, and means
/// nothing for the customer.
pub fn worth_telling(rule: MoveRule) -> bool {
    !matches!(rule, MoveRule::NoLine | MoveRule::ClaimLost)
}

/// The rule by which a person's outcome moves a task.
pub fn of_outcome(outcome: CallbackOutcome, note: &str) -> Because {
    let rule = match outcome {
        CallbackOutcome::Succeeded => MoveRule::PersonSucceeded,
        CallbackOutcome::Refused => MoveRule::PersonRefused,
        CallbackOutcome::Exhausted => MoveRule::PersonExhausted,
        CallbackOutcome::TryAgain => MoveRule::PersonAgain,
    };
    if note.is_empty() { Because::of(rule) } else { Because::new(rule, format!("{}: {note}", rule.en())) }
}

/// Whether this account may work on a step: one that is done is nobody's, one that was taken its holder's. None asks for
/// the ladder itself, when the step's time is over.
pub fn may_work(step: &Step, by: Option<AccountId>) -> Result<(), StoreError> {
    let conflict = |text: &str| Err(StoreError::Conflict(text.to_owned()));
    if step.state == StepState::Done {
        return conflict("this step is done: take another");
    }
    match (step.taken_by, by) {
        (Some(holder), Some(by)) if holder != by => {
            conflict("somebody else has taken this step: take another")
        }
        _ => Ok(()),
    }
}

/// Whether a form may be written on a step of this kind.
pub fn fits(form: &StepForm, kind: StepKind) -> Result<(), StoreError> {
    if form.kind() == kind {
        return Ok(());
    }
    let (given, wanted) = (form.kind().slug(), kind.slug());
    Err(StoreError::Conflict(format!(
        "the form is of a {given}, the step is a {wanted}: give the form of a {wanted}"
    )))
}

/// The rows of an import as they are kept: every external id once, every number of a row once, none without one.
pub fn importable(rows: &[CustomerRow]) -> Result<Vec<CustomerRow>, StoreError> {
    let mut seen = std::collections::HashSet::with_capacity(rows.len());
    rows.iter()
        .map(|row| {
            if !seen.insert(&row.external_id) {
                return Err(StoreError::Conflict(format!(
                    "the external id \"{}\" occurs twice in the import: keep one of the rows",
                    row.external_id
                )));
            }
            if row.external_id.is_empty() || row.numbers.is_empty() {
                return Err(StoreError::Conflict(format!(
                    "the row of the external id \"{}\" lacks the id or a number: give both",
                    row.external_id
                )));
            }
            let mut kept = row.clone();
            kept.numbers.clear();
            for number in &row.numbers {
                if !kept.numbers.contains(number) {
                    kept.numbers.push(number.clone());
                }
            }
            Ok(kept)
        })
        .collect()
}

/// The conflict when a task would be left to a person without an item in the queue: nobody would ever see it.
pub fn nobody_would_see_it() -> StoreError {
    StoreError::Conflict(
        "a task cannot go to a person without a callback: give the callback with the closing".to_owned(),
    )
}

/// Claims in the order in which they are to be called: by the priority of the customer's class, else of the plan; then
/// by the nearest deadline; then by age.
pub fn in_order(claims: &mut [Claim]) {
    claims.sort_by_cached_key(|claim| {
        let deadline = claim.task.due_by.unwrap_or(chrono::DateTime::<chrono::Utc>::MAX_UTC);
        (std::cmp::Reverse(priority(claim)), deadline, claim.task.next_at, claim.task.id)
    });
}

fn priority(claim: &Claim) -> i16 {
    let content = &claim.plan.content;
    let class = claim.customer.row.class.as_ref();
    let of_class = class.and_then(|class| content.schedule.priority_by_class.get(class));
    of_class.copied().unwrap_or(content.priority)
}
