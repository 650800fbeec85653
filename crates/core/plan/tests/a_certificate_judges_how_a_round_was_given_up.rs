//! What a certificate says of rounds that came to nothing: whether they were given up too early, and what people and
//! the ladder did then.

mod story;

use plan::{ClauseName, Verdict};
use records::{
    AccountId, Ladder, MoveRule, Reason, Rung, Step, StepId, StepKind, StepOutcome, StepState, TaskState,
};
use story::{Story, cn, id, in_vain};

#[test]
fn giving_up_early_is_kept_only_where_a_rule_of_the_table_or_the_deadline_ended_it() {
    use MoveRule::{Deadline, NoSlotLeft, NumberDead, PutOffTooOften, RoundExhausted, StillSuspended};
    use Reason::{NoAnswer, Rejected, Suspended, Unknown, Vacant};
    for (reason, rule, verdict) in [
        (NoAnswer, RoundExhausted, Verdict::NotKept),
        (NoAnswer, NoSlotLeft, Verdict::NotKept),
        (NoAnswer, Deadline, Verdict::Kept),
        (Vacant, NumberDead, Verdict::Kept),
        (Suspended, StillSuspended, Verdict::Kept),
        (NoAnswer, PutOffTooOften, Verdict::Kept),
        // Who pressed us away is tried twice only.
        (Rejected, RoundExhausted, Verdict::Kept),
        // The table leaves it to a person.
        (Unknown, RoundExhausted, Verdict::Kept),
    ] {
        let story = Story::new().again("11-19 10:10", Reason::NoAnswer).call(
            "11-19 14:20",
            reason,
            TaskState::WithPerson,
            rule,
        );
        let clause = story.clause(ClauseName::Attempts);
        assert_eq!(clause.verdict, verdict, "{reason} {rule}");
        let excused = (verdict == Verdict::Kept).then_some(rule);
        assert_eq!(clause.excused_by, excused, "{reason} {rule}");
        if let Some(rule) = excused {
            assert!(
                clause.done.zh.contains(rule.zh()) && clause.done.en.contains(rule.en()),
                "{:?}",
                clause.done
            );
        }
        assert_eq!(clause.figures.map(|figures| figures.required), Some(3));
    }
}

#[test]
fn every_round_is_judged_by_itself() {
    let mut story = in_vain();
    story.moved("11-23 09:00", TaskState::Waiting, MoveRule::PersonAgain);
    let story = story.call("11-23 10:05", Reason::NoAnswer, TaskState::Exhausted, MoveRule::RoundExhausted);
    let clause = story.clause(ClauseName::Attempts);
    assert_eq!(clause.verdict, Verdict::NotKept, "the second round made one attempt only");
    assert_eq!(clause.figures.map(|figures| figures.done), Some(1));
    assert!(clause.done.en.starts_with("3 + 1"), "{}", clause.done.en);
}

#[test]
fn what_people_left_undone_is_told() {
    let mut story = in_vain();
    story.item("11-27 15:05", None);
    assert_eq!(story.verdict(ClauseName::Callbacks), Verdict::Open);
    story.0.now = cn("11-28 09:00");
    assert_eq!(story.verdict(ClauseName::Callbacks), Verdict::NotKept);
    story.0.callbacks.clear();
    story.item("11-27 15:05", Some("11-27 15:00"));
    assert_eq!(story.verdict(ClauseName::Callbacks), Verdict::Kept);

    let mut own = Story::new();
    own.plan().approved_by = Some(AccountId(id(10)));
    assert_eq!(own.verdict(ClauseName::Approval), Verdict::NotKept);
}

#[test]
fn a_task_is_exhausted_only_at_the_ladders_end() {
    let mut story = in_vain();
    story.plan().content.policy.ladder =
        Ladder(vec![Rung::of(StepKind::Phone), Rung::of(StepKind::Callback), Rung::of(StepKind::Letter)]);
    story.item("11-27 15:05", Some("11-27 15:00"));
    story.moved("11-27 15:00", TaskState::Exhausted, MoveRule::LadderWalked);
    assert_eq!(story.verdict(ClauseName::Ladder), Verdict::NotKept, "no letter was written");
    story.0.steps.push(Step {
        id: StepId(id(500)),
        task: story.0.task.id,
        plan: story.0.plan.id,
        customer: story.0.customer.id,
        rung: 2,
        kind: StepKind::Letter,
        state: StepState::Done,
        opened_at: cn("11-27 15:00"),
        due_at: None,
        taken_by: None,
        taken_at: None,
        carried_at: None,
        done_at: Some(cn("11-27 16:00")),
        outcome: Some(StepOutcome::Failed),
        form: None,
        note: None,
        by: Some(AccountId(id(12))),
    });
    let clause = story.clause(ClauseName::Ladder);
    assert_eq!(clause.verdict, Verdict::Kept);
    assert_eq!(clause.figures.map(|figures| (figures.required, figures.done)), Some((3, 3)));
    assert_eq!(story.verdict(ClauseName::Deadline), Verdict::NotKept, "nobody was reached");
}
