//! What a certificate says of a whole task: every clause, how it ended, and what time limits came to.

mod story;

use plan::{Calendar, ClauseName, Verdict};
use records::{MoveRule, Occasion, Reason, Schedule, TaskState};
use story::{Story, cn, in_vain};

#[test]
fn a_certificate_has_every_clause_once_with_words_in_both_languages() {
    let certificate = in_vain().certificate();
    let names: Vec<_> = certificate.clauses.iter().map(|clause| clause.clause).collect();
    assert_eq!(names, ClauseName::ALL);
    for clause in &certificate.clauses {
        for said in [&clause.title, &clause.required, &clause.done] {
            assert!(!said.zh.is_empty() && !said.en.is_empty(), "{clause:?}");
        }
    }
    let json = serde_json::to_value(&certificate).unwrap();
    assert_eq!(json["clauses"][5]["clause"], "attempts");
    assert_eq!(json["clauses"][5]["code"], "W12.3");
    assert_eq!(json["attempts"][0]["reason"], "no_answer");
}

#[test]
fn a_task_that_was_tried_by_the_rules_kept_them_all() {
    use ClauseName::{
        AfterDeadline, Approval, Attempts, Callbacks, Deadline, Gap, HalfDays, Ladder, Occasion, PerDay,
        Reasons, RingTime, Slots, Waiver, Windows,
    };
    let story = in_vain();
    for (name, verdict) in [
        (Approval, Verdict::Kept),
        (Occasion, Verdict::Kept),
        (Deadline, Verdict::Open),
        (AfterDeadline, Verdict::Open),
        (Attempts, Verdict::Kept),
        (Slots, Verdict::Kept),
        (HalfDays, Verdict::Kept),
        (RingTime, Verdict::Kept),
        (Windows, Verdict::Kept),
        (PerDay, Verdict::Kept),
        (Gap, Verdict::Kept),
        (Reasons, Verdict::Kept),
        (Callbacks, Verdict::NotApplicable),
        (Waiver, Verdict::NotApplicable),
        (Ladder, Verdict::Open),
    ] {
        assert_eq!(story.verdict(name), verdict, "{name:?}");
    }
    assert_eq!(story.clause(Occasion).code, "W7.1", "the firing's own rule, and not that of another firing");
    assert_eq!(story.certificate().verdict, Verdict::Open);
    assert!(story.certificate().ending.is_none());
}

#[test]
fn a_task_that_came_to_an_outcome_was_not_given_up() {
    let reached = |reason, to, rule| Story::new().call("11-19 10:10", reason, to, rule);
    let done = reached(Reason::Completed, TaskState::Succeeded, MoveRule::Completed);
    assert_eq!(done.verdict(ClauseName::Attempts), Verdict::NotApplicable);
    assert_eq!(done.verdict(ClauseName::Deadline), Verdict::Kept);
    assert_eq!(done.verdict(ClauseName::Recordings), Verdict::Kept);
    let certificate = done.certificate();
    let ending = certificate.ending.unwrap();
    assert_eq!((ending.state, ending.rule), (TaskState::Succeeded, MoveRule::Completed));
    assert_eq!(certificate.verdict, Verdict::Kept);
    let handed = reached(Reason::HandedOver, TaskState::WithPerson, MoveRule::PersonAsked);
    assert_eq!(handed.verdict(ClauseName::Attempts), Verdict::NotApplicable);
    let waiting = Story::new().again("11-19 10:10", Reason::NoAnswer);
    assert_eq!(waiting.verdict(ClauseName::Attempts), Verdict::Open);
}

#[test]
fn time_limits_are_held_against_the_end() {
    let ended = |at: &str, to, rule| Story::new().call(at, Reason::Completed, to, rule);
    let late = ended("12-21 10:05", TaskState::Succeeded, MoveRule::Completed);
    assert_eq!(late.verdict(ClauseName::Deadline), Verdict::NotKept);
    assert_eq!(late.verdict(ClauseName::AfterDeadline), Verdict::NotKept);
    assert_eq!(late.verdict(ClauseName::Aim), Verdict::NotApplicable);
    let mut allowed = late;
    allowed.plan().content.policy.retry.after_deadline = true;
    assert_eq!(allowed.verdict(ClauseName::AfterDeadline), Verdict::NotApplicable);
    let mut open = Story::new();
    open.0.now = cn("12-20 00:00");
    assert_eq!(open.verdict(ClauseName::Deadline), Verdict::NotKept, "overdue");
    let mut aimed = ended("11-19 10:05", TaskState::Succeeded, MoveRule::Completed);
    aimed.0.task.aim_by = Some(cn("11-20 00:00"));
    assert_eq!(aimed.verdict(ClauseName::Aim), Verdict::Kept);
    let early = ended("11-18 10:05", TaskState::Succeeded, MoveRule::Completed);
    assert_eq!(early.verdict(ClauseName::Occasion), Verdict::NotKept, "dialled before it was due");
    let mut withdrawn = Story::new();
    withdrawn.moved("11-19 09:00", TaskState::Withdrawn, MoveRule::DateChanged);
    assert_eq!(withdrawn.verdict(ClauseName::Deadline), Verdict::NotApplicable);
}

#[test]
fn a_list_without_a_deadline_asks_for_none() {
    let mut story = in_vain();
    story.plan().content.schedule = Schedule::default();
    story.0.task.occasion = Occasion::default();
    (story.0.task.due_on, story.0.task.due_by) = (None, None);
    let clause = story.clause(ClauseName::Occasion);
    assert_eq!((clause.verdict, clause.code.as_str()), (Verdict::Kept, ""));
    assert_eq!(story.verdict(ClauseName::Deadline), Verdict::NotApplicable);
}

#[test]
fn an_approval_by_the_author_that_the_setting_allowed_is_told_as_that() {
    let mut own = Story::new();
    let author = own.0.plan.created_by;
    own.plan().approved_by = Some(author);
    assert_eq!(own.verdict(ClauseName::Approval), Verdict::NotKept);
    own.plan().own_approval = true;
    let clause = own.clause(ClauseName::Approval);
    assert_eq!(clause.verdict, Verdict::NotRequired);
    assert!(clause.done.en.contains("approved by its author") && clause.done.en.contains("setting"));
}

#[test]
fn a_certificate_names_the_calendar_it_was_judged_by() {
    let certificate = Story::new().certificate();
    assert_eq!(certificate.calendar.revision, Calendar::official().revision());
    assert!(certificate.calendar.years.contains(&2026));
}
