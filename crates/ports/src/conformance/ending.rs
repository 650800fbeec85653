//! Facts, closings and recordings.

use std::sync::Arc;
use std::time::Duration;

use records::{
    Answer, AttemptId, Because, CallbackCause, CallbackState, Cue, Fact, NextStep, Noted, Onward, Reason,
    RecordingId, TaskState,
};
use uuid::Uuid;

use super::bench::{LEASE, LONGEST, again, by_hand, callback, closing, number, succeeded, unknown};
use super::{Bench, Scene, sentences};
use crate::{Closing, NewRecording, StoreError};

sentences![
    a_fact_written_twice_is_there_once,
    the_later_answer_to_a_question_stands,
    facts_are_taken_however_late,
    facts_of_no_attempt_are_refused,
    a_closing_ends_the_attempt_and_moves_the_task,
    a_second_closing_changes_nothing,
    faults_of_our_own_do_not_count,
    a_claim_goes_on_from_one_trunk_to_the_next,
    a_claim_does_not_go_on_for_who_opted_out,
    a_known_reason_supersedes_unknown_and_settles_its_item,
    an_item_a_person_took_is_left_to_the_person,
    a_closing_without_the_claim_leaves_the_task_but_queues_its_item,
    a_closing_under_another_fence_ends_the_attempt_alone,
    a_task_for_a_person_needs_an_item,
    an_attempt_nobody_closed_is_found_when_its_life_has_passed,
    a_call_by_hand_ends_without_a_task,
    answer_times_of_another_clock_are_kept_within_the_call,
    history_is_told_oldest_first,
    a_recording_is_filed_once,
];

/// What no settlement may ask for.
fn going_on() -> Onward {
    Onward { next: NextStep::GoOn, callback: None, because: Because::default() }
}

fn answer(question: &str, key: char) -> Answer {
    Answer {
        question: question.to_owned(),
        key,
        value: format!("value-{key}"),
        label: format!("选项{key}"),
        flag: (key == '4').then(|| "dissatisfied".to_owned()),
    }
}

fn fact(seq: u32, noted: Noted) -> Fact {
    Fact { seq, at_ms: u64::from(seq) * 20, noted }
}

async fn a_fact_written_twice_is_there_once(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let open = scene.open(&scene.claim_one().await).await;
    let facts = [
        fact(2, Noted::Answer(answer("q1", '1'))),
        fact(0, Noted::Progress { status: 180 }),
        fact(1, Noted::Identity { confirmed: true }),
    ];
    scene.store().note(open.id, &facts).await.unwrap();
    scene.store().note(open.id, &facts[1..]).await.unwrap();
    scene.store().note(open.id, &[fact(2, Noted::Answer(answer("q1", '9')))]).await.unwrap();
    let mut sorted = facts.to_vec();
    sorted.sort_by_key(|fact| fact.seq);
    assert_eq!(scene.store().facts(open.id).await.unwrap(), sorted);
    assert_eq!(scene.bench.answers(open.id).await, [answer("q1", '1')]);
}

async fn the_later_answer_to_a_question_stands(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let open = scene.open(&scene.claim_one().await).await;
    scene.store().note(open.id, &[fact(3, Noted::Answer(answer("q1", '4')))]).await.unwrap();
    let others = [fact(1, Noted::Answer(answer("q1", '2'))), fact(2, Noted::Answer(answer("q0", '1')))];
    scene.store().note(open.id, &others).await.unwrap();
    assert_eq!(scene.bench.answers(open.id).await, [answer("q0", '1'), answer("q1", '4')]);
}

async fn facts_are_taken_however_late(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let claim = scene.claim_one().await;
    let open = scene.open(&claim).await;
    scene.bench.pass(LEASE * 3).await;
    let busy = again(&*scene.bench, Reason::Busy, Duration::ZERO).await;
    scene.close(&open, claim.fence, &busy).await;
    scene.claim_one().await;
    scene.store().note(open.id, &[fact(9, Noted::Answer(answer("q1", '2')))]).await.unwrap();
    assert_eq!(scene.bench.answers(open.id).await.len(), 1);
}

async fn facts_of_no_attempt_are_refused(bench: Arc<dyn Bench>) {
    let nowhere = AttemptId(Uuid::now_v7());
    let error = bench.store().note(nowhere, &[fact(0, Noted::Answered)]).await.unwrap_err();
    assert!(matches!(error, StoreError::Missing { what: "attempt", .. }), "{error}");
    bench.store().facts(nowhere).await.unwrap_err();
    bench.store().close_attempt(nowhere, 1, &succeeded()).await.unwrap_err();
}

async fn a_closing_ends_the_attempt_and_moves_the_task(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let claim = scene.claim_one().await;
    let open = scene.open(&claim).await;
    let ring = again(&*scene.bench, Reason::NoAnswer, Duration::from_secs(60)).await;
    scene.close(&open, claim.fence, &ring).await;
    let closed = scene.store().attempt(open.id).await.unwrap();
    assert_eq!((closed.reason, &closed.evidence), (Some(Reason::NoAnswer), &ring.evidence));
    assert!(closed.ended_at.is_some_and(|at| at >= closed.started_at));
    let task = scene.task().await;
    assert_eq!((task.state, task.attempts, task.ended_at), (TaskState::Waiting, 1, None));
    assert!(scene.claim(10).await.is_empty());

    scene.bench.pass(Duration::from_secs(60)).await;
    let claim = scene.claim_one().await;
    let open = scene.open(&claim).await;
    scene.close(&open, claim.fence, &succeeded()).await;
    let task = scene.task().await;
    assert_eq!((task.state, task.attempts), (TaskState::Succeeded, 2));
    assert!(task.ended_at.is_some());
}

async fn a_second_closing_changes_nothing(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let claim = scene.claim_one().await;
    let open = scene.open(&claim).await;
    scene.close(&open, claim.fence, &succeeded()).await;
    let before = (scene.store().attempt(open.id).await.unwrap(), scene.task().await);
    let declined = closing(Reason::Declined, NextStep::End(TaskState::Refused));
    scene.close(&open, claim.fence, &declined).await;
    scene.close(&open, claim.fence, &unknown(&*scene.bench).await).await;
    assert_eq!((scene.store().attempt(open.id).await.unwrap(), scene.task().await), before);
    assert!(scene.bench.callbacks().await.is_empty());
}

async fn a_claim_goes_on_from_one_trunk_to_the_next(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let claim = scene.claim_one().await;
    let first = scene.open(&claim).await;
    assert_eq!(first.caller.as_deref(), Some("4008001234"));
    scene.close(&first, claim.fence, &closing(Reason::TrunkUnreachable, NextStep::GoOn)).await;
    let task = scene.task().await;
    assert_eq!((task.state, task.attempts), (TaskState::Calling, 0));
    assert!(scene.claim(10).await.is_empty(), "the task is still the claim's");

    // The same claim opens another attempt at once; nobody else can be on the line.
    let second = scene.open(&claim).await;
    let again = again(&*scene.bench, Reason::Busy, Duration::ZERO).await;
    scene.close(&first, claim.fence, &again).await;
    let task = scene.task().await;
    assert_eq!((task.state, task.attempts), (TaskState::Calling, 0), "the first has ended already");
    scene.close(&second, claim.fence, &succeeded()).await;
    assert_eq!(scene.task().await.state, TaskState::Succeeded);
    let history = scene.store().history(claim.task.id).await.unwrap();
    let told: Vec<_> = history.iter().map(|past| (past.reason, past.trunk.as_str())).collect();
    assert_eq!(told, [(Some(Reason::TrunkUnreachable), "main"), (Some(Reason::Completed), "main")]);

    let unseen = scene.store().settle(&claim, &going_on()).await;
    assert!(unseen.is_ok(), "a lost claim changes nothing: {unseen:?}");
}

async fn a_claim_does_not_go_on_for_who_opted_out(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let claim = scene.claim_one().await;
    let error = scene.store().settle(&claim, &going_on()).await.unwrap_err();
    assert!(error.to_string().contains("close the attempt"), "{error}");
    let open = scene.open(&claim).await;
    scene.store().opt_out(claim.customer.id, "by letter").await.unwrap();
    scene.close(&open, claim.fence, &closing(Reason::TrunkUnreachable, NextStep::GoOn)).await;
    assert_eq!(scene.task().await.state, TaskState::Refused);
}

async fn faults_of_our_own_do_not_count(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let claim = scene.claim_one().await;
    let open = scene.open(&claim).await;
    let down = again(&*scene.bench, Reason::TrunkUnreachable, Duration::ZERO).await;
    scene.close(&open, claim.fence, &down).await;
    let task = scene.task().await;
    assert_eq!((task.state, task.attempts), (TaskState::Waiting, 0));
}

async fn a_known_reason_supersedes_unknown_and_settles_its_item(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let claim = scene.claim_one().await;
    let open = scene.open(&claim).await;
    scene.close(&open, claim.fence, &unknown(&*scene.bench).await).await;
    assert_eq!((scene.task().await.state, scene.task().await.attempts), (TaskState::WithPerson, 1));
    let ended = scene.store().attempt(open.id).await.unwrap().ended_at;
    assert_eq!(scene.bench.callbacks().await[0].content.cause, CallbackCause::Unknown);

    scene.bench.pass(Duration::from_secs(5)).await;
    scene.close(&open, claim.fence, &succeeded()).await;
    let known = scene.store().attempt(open.id).await.unwrap();
    assert_eq!(known.reason, Some(Reason::Completed));
    assert!(known.ended_at.is_some() && ended.is_some());
    assert_eq!((scene.task().await.state, scene.task().await.attempts), (TaskState::Succeeded, 1));
    let items = scene.bench.callbacks().await;
    assert_eq!((items.len(), items[0].state), (1, CallbackState::Done));
    assert!(items[0].note.as_deref().is_some_and(|note| note.contains("completed")));
}

async fn an_item_a_person_took_is_left_to_the_person(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let claim = scene.claim_one().await;
    let open = scene.open(&claim).await;
    scene.close(&open, claim.fence, &unknown(&*scene.bench).await).await;
    let item = scene.bench.callbacks().await.remove(0);
    scene.store().take_callback(item.id, scene.author).await.unwrap();
    let busy = again(&*scene.bench, Reason::Busy, Duration::ZERO).await;
    scene.close(&open, claim.fence, &busy).await;
    assert_eq!(scene.store().attempt(open.id).await.unwrap().reason, Some(Reason::Busy));
    assert_eq!(scene.task().await.state, TaskState::WithPerson);
    assert_eq!(scene.store().callback(item.id).await.unwrap().state, CallbackState::Taken);
}

async fn a_closing_without_the_claim_leaves_the_task_but_queues_its_item(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let claim = scene.claim_one().await;
    let open = scene.open(&claim).await;
    let flags = vec!["complaint".to_owned()];
    let flagged = callback(&*scene.bench, CallbackCause::Flagged { flags }, 1).await;
    let late = Closing { callback: Some(flagged.clone()), ..succeeded() };
    scene.close(&open, claim.fence - 1, &late).await;
    assert_eq!(scene.task().await.state, TaskState::Calling);
    assert_eq!(scene.store().attempt(open.id).await.unwrap().reason, Some(Reason::Completed));
    let items = scene.bench.callbacks().await;
    assert_eq!((items.len(), &items[0].content, items[0].attempt), (1, &flagged, Some(open.id)));
}

async fn a_closing_under_another_fence_ends_the_attempt_alone(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let claim = scene.claim_one().await;
    let open = scene.open(&claim).await;
    scene.close(&open, claim.fence - 1, &succeeded()).await;
    let task = scene.task().await;
    // It counts on the customer all the same.
    assert_eq!((task.state, task.attempts), (TaskState::Calling, 1));
    assert_eq!(scene.store().attempt(open.id).await.unwrap().reason, Some(Reason::Completed));
}

async fn a_task_for_a_person_needs_an_item(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let claim = scene.claim_one().await;
    let open = scene.open(&claim).await;
    let unseen = closing(Reason::HandedOver, NextStep::Person);
    let error = scene.store().close_attempt(open.id, claim.fence, &unseen).await.unwrap_err();
    assert!(matches!(error, StoreError::Conflict(_)), "{error}");
    let no_end = closing(Reason::HandedOver, NextStep::End(TaskState::Waiting));
    scene.store().close_attempt(open.id, claim.fence, &no_end).await.unwrap_err();
    // Nothing of it was done.
    assert_eq!(scene.store().attempt(open.id).await.unwrap().reason, None);
    assert_eq!((scene.task().await.state, scene.task().await.attempts), (TaskState::Calling, 0));
}

async fn an_attempt_nobody_closed_is_found_when_its_life_has_passed(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let claim = scene.claim_one().await;
    let open = scene.open(&claim).await;
    scene.bench.pass(LONGEST.saturating_sub(LEASE)).await;
    assert!(scene.store().overdue_attempts().await.unwrap().is_empty());
    scene.bench.pass(LEASE).await;
    let overdue = scene.store().overdue_attempts().await.unwrap();
    assert_eq!(overdue.iter().map(|attempt| attempt.id).collect::<Vec<_>>(), [open.id]);
    let found = scene.store().claim_of(open.id).await.unwrap().unwrap();
    assert_eq!((found.task.id, found.fence), (claim.task.id, claim.fence));
    scene.close(&open, found.fence, &unknown(&*scene.bench).await).await;
    assert!(scene.store().overdue_attempts().await.unwrap().is_empty());
    assert_eq!(scene.task().await.state, TaskState::WithPerson);
}

async fn a_call_by_hand_ends_without_a_task(bench: Arc<dyn Bench>) {
    let open = bench.store().open_manual(&by_hand(number(0))).await.unwrap().unwrap();
    assert_eq!(bench.store().claim_of(open.id).await.unwrap(), None);
    bench.store().close_attempt(open.id, 0, &succeeded()).await.unwrap();
    assert_eq!(bench.store().attempt(open.id).await.unwrap().reason, Some(Reason::Completed));
    bench.store().open_manual(&by_hand(number(0))).await.unwrap().unwrap();
}

async fn answer_times_of_another_clock_are_kept_within_the_call(bench: Arc<dyn Bench>) {
    for days in [-1, 1] {
        let open = bench.store().open_manual(&by_hand(number(0))).await.unwrap().unwrap();
        let answered_at = Some(open.started_at + chrono::Duration::days(days));
        let ahead = Closing { answered_at, ..succeeded() };
        bench.store().close_attempt(open.id, 0, &ahead).await.unwrap();
        let closed = bench.store().attempt(open.id).await.unwrap();
        let (answered, ended) = (closed.answered_at.unwrap(), closed.ended_at.unwrap());
        assert!(closed.started_at <= answered && answered <= ended);
    }
}

async fn history_is_told_oldest_first(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let mut expected = Vec::new();
    for reason in [Reason::Busy, Reason::NoAnswer] {
        let claim = scene.claim_one().await;
        let open = scene.open(&claim).await;
        scene.close(&open, claim.fence, &again(&*scene.bench, reason, Duration::ZERO).await).await;
        expected.push((open.id, Some(reason)));
        scene.bench.pass(Duration::from_secs(1)).await;
    }
    let claim = scene.claim_one().await;
    expected.push((scene.try_open(&claim, 1).await.unwrap().id, None));
    let history = scene.store().history(claim.task.id).await.unwrap();
    assert_eq!(history.iter().map(|past| (past.attempt, past.reason)).collect::<Vec<_>>(), expected);
    assert_eq!(history[2].number, number(1));
}

async fn a_recording_is_filed_once(bench: Arc<dyn Bench>) {
    let open = bench.store().open_manual(&by_hand(number(0))).await.unwrap().unwrap();
    let fresh = NewRecording {
        id: RecordingId(Uuid::now_v7()),
        attempt: open.id,
        path: format!("2026-11-21/by-hand/{}.wav", open.id),
        bytes: 32_044,
        seconds: 1.0,
        sha256: "ab".repeat(32),
        cues: vec![Cue { at_ms: 40, label: "notice".to_owned() }],
    };
    let silent = bench.store().open_manual(&by_hand(number(1))).await.unwrap().unwrap();
    let answered = Closing { answered_at: Some(open.started_at), ..succeeded() };
    bench.store().close_attempt(open.id, 0, &answered).await.unwrap();
    bench.store().close_attempt(silent.id, 0, &Closing { answered_at: None, ..succeeded() }).await.unwrap();
    let unrecorded = bench.store().unrecorded_attempts(open.started_at).await.unwrap();
    assert_eq!(unrecorded.iter().map(|attempt| attempt.id).collect::<Vec<_>>(), [open.id]);
    bench.store().file_recording(&fresh).await.unwrap();
    assert_eq!(bench.store().unrecorded_attempts(open.started_at).await.unwrap(), []);
    let again = NewRecording { id: RecordingId(Uuid::now_v7()), ..fresh.clone() };
    bench.store().file_recording(&again).await.unwrap();
    let kept = bench.store().recording(fresh.id).await.unwrap();
    assert_eq!((kept.attempt, kept.cues, kept.bytes), (open.id, fresh.cues.clone(), fresh.bytes));
    bench.store().recording(again.id).await.unwrap_err();
    let other = NewRecording { sha256: "cd".repeat(32), ..again };
    let error = bench.store().file_recording(&other).await.unwrap_err();
    assert!(matches!(error, StoreError::Conflict(_)), "{error}");
}
