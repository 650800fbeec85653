//! The history of tasks, the caps over all plans, and the ladder.

use std::sync::Arc;
use std::time::Duration;

use records::{
    Because, CallbackCause, CallbackOutcome, Cap, Climb, Mode, MoveRule, NewPlan, NextStep, Onward, PlanId,
    Policy, Reason, Schedule, StepForm, StepKind, StepOutcome, StepState, Task, TaskState,
};
use uuid::Uuid;

use super::bench::{
    again, attempt, by_hand, callback, closing, content, number, put_off, succeeded, to_person,
    without_bounds,
};
use super::{Bench, Scene, sentences};
use crate::{Closing, Days, OpenRefusal, Page, StepEnd, StepFilter, StoreError};

sentences![
    every_move_of_a_task_is_told_with_its_rule,
    a_task_that_was_never_due_says_why,
    a_person_is_named_in_the_move,
    calls_over_all_plans_count_on_a_number,
    calls_by_hand_count_on_a_number_and_are_not_held_up,
    the_gap_holds_between_two_plans,
    faults_of_our_own_fill_no_cap,
    what_caps_count_is_told_with_the_standing,
    a_task_goes_up_its_ladder,
    a_step_whose_time_is_over_is_found,
    a_form_of_another_kind_is_refused,
    a_step_that_was_taken_is_nobody_elses,
    confirmed_numbers_live_again,
    who_was_not_reached_by_a_person_goes_up,
    visits_and_letters_are_counted_among_all,
    what_people_carry_out_from_the_beginning_is_counted_as_well,
];

const PAGE: Page = Page { before: None, limit: 100 };

fn climb(rung: u32, step: StepKind, at: Option<chrono::DateTime<chrono::Utc>>) -> NextStep {
    NextStep::Climb(Climb { rung, step, at })
}

fn onward(next: NextStep, rule: MoveRule) -> Onward {
    Onward { next, callback: None, because: Because::of(rule) }
}

fn end(outcome: StepOutcome, onward: Onward) -> StepEnd {
    StepEnd { outcome, form: None, note: None, by: None, onward }
}

/// Dials the only task once, in vain, and sends it to a rung.
async fn to_rung(scene: &Scene, rung: u32, step: StepKind) -> Task {
    let claim = scene.claim_one().await;
    let open = scene.open(&claim).await;
    let due = scene.store().now().await.unwrap() + Duration::from_secs(3_600);
    scene.close(&open, claim.fence, &closing(Reason::NoAnswer, climb(rung, step, Some(due)))).await;
    scene.task().await
}

async fn only_step(scene: &Scene) -> records::Step {
    let mut open = scene.store().open_steps(StepFilter::default(), PAGE).await.unwrap().items;
    assert_eq!(open.len(), 1);
    open.remove(0).step
}

async fn rules(scene: &Scene, task: &Task) -> Vec<(Option<TaskState>, TaskState, MoveRule)> {
    let moves = scene.store().moves(task.id).await.unwrap();
    assert!(moves.windows(2).all(|pair| pair[0].id < pair[1].id && pair[0].at <= pair[1].at));
    moves.iter().map(|made| (made.from, made.to, made.because.rule)).collect()
}

async fn every_move_of_a_task_is_told_with_its_rule(bench: Arc<dyn Bench>) {
    use TaskState::{Calling, Due, Succeeded, Waiting};
    let scene = Scene::with(bench, 1).await;
    let claim = scene.claim_one().await;
    let at = scene.store().now().await.unwrap();
    scene.store().release(&claim, at, &put_off()).await.unwrap();
    let claim = scene.claim_one().await;
    let first = scene.open(&claim).await;
    let on =
        Closing { because: Because::of(MoveRule::OtherTrunk), ..closing(Reason::NoMedia, NextStep::GoOn) };
    scene.close(&first, claim.fence, &on).await;
    let second = scene.open(&claim).await;
    let busy = again(&*scene.bench, Reason::Busy, Duration::ZERO).await;
    let busy = Closing { because: Because::new(MoveRule::Soon, "busy, 1 of 3 tries made"), ..busy };
    scene.close(&second, claim.fence, &busy).await;
    let claim = scene.claim_one().await;
    // For want of a line: nothing the customer need ever hear of.
    scene.store().release(&claim, at, &Because::of(MoveRule::NoLine)).await.unwrap();
    let claim = scene.claim_one().await;
    let third = scene.open(&claim).await;
    scene.close(&third, claim.fence, &succeeded()).await;
    let expected = [
        (None, Due, MoveRule::FellDue),
        (Some(Calling), Due, MoveRule::Window),
        (Some(Calling), Calling, MoveRule::Dialled),
        (Some(Calling), Calling, MoveRule::OtherTrunk),
        (Some(Calling), Calling, MoveRule::Dialled),
        (Some(Calling), Waiting, MoveRule::Soon),
        (Some(Calling), Calling, MoveRule::Dialled),
        (Some(Calling), Succeeded, MoveRule::Completed),
    ];
    assert_eq!(rules(&scene, &claim.task).await, expected);
    let moves = scene.store().moves(claim.task.id).await.unwrap();
    assert_eq!(moves[5].because.why, "busy, 1 of 3 tries made");
    let attempts: Vec<_> = moves.iter().map(|made| made.attempt).collect();
    let [first, second, third] = [first.id, second.id, third.id].map(Some);
    assert_eq!(attempts, [None, None, first, first, second, second, third, third]);
    assert!(moves[5].next_at.is_some() && moves[7].next_at.is_none());
}

async fn a_task_that_was_never_due_says_why(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let first = scene.task().await;
    scene.store().opt_out(first.customer, "agent").await.unwrap();
    scene.start(PlanId(Uuid::now_v7()), &content("second", 0)).await;
    let tasks = scene.bench.tasks().await;
    let second = tasks.iter().find(|task| task.id != first.id).unwrap();
    assert_eq!(rules(&scene, second).await, [(None, TaskState::Refused, MoveRule::OptedOut)]);
    let last = rules(&scene, &first).await.pop();
    assert_eq!(last, Some((Some(TaskState::Due), TaskState::Refused, MoveRule::OptedOut)));
}

async fn a_person_is_named_in_the_move(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let claim = scene.claim_one().await;
    let open = scene.open(&claim).await;
    let item = callback(&*scene.bench, CallbackCause::PersonAsked, 1).await;
    let end = Closing { callback: Some(item), ..closing(Reason::HandedOver, NextStep::Person) };
    scene.close(&open, claim.fence, &end).await;
    let item = scene.bench.callbacks().await.remove(0);
    scene.store().take_callback(item.id, scene.author).await.unwrap();
    let reached = CallbackOutcome::Succeeded;
    scene.store().finish_callback(item.id, scene.author, reached, "谈过了", None).await.unwrap();
    let last = scene.store().moves(claim.task.id).await.unwrap().pop().unwrap();
    assert_eq!((last.from, last.to), (Some(TaskState::WithPerson), TaskState::Succeeded));
    assert_eq!((last.because.rule, last.by), (MoveRule::PersonSucceeded, Some(scene.author.to_string())));
    assert!(last.because.why.contains("谈过了"), "{}", last.because.why);
}

/// Two plans over the same customers, with this policy.
async fn two_plans(bench: Arc<dyn Bench>, policy: Policy) -> Scene {
    let scene = Scene::with(bench, 1).await;
    let second = records::NewPlan { policy, ..content("second", 5) };
    scene.start(PlanId(Uuid::now_v7()), &second).await;
    scene
}

/// Calls the customer under every plan that is due, first number, and ends each call so; what was refused.
async fn call_all(scene: &Scene, reason: Reason) -> Vec<OpenRefusal> {
    let mut refused = Vec::new();
    let hour = Duration::from_secs(3_600);
    for claim in scene.claim(10).await {
        match scene.try_open(&claim, 0).await {
            Ok(open) => {
                let later = again(&*scene.bench, reason, hour).await;
                scene.close(&open, claim.fence, &later).await;
            }
            Err(refusal) => {
                let at = scene.store().now().await.unwrap() + hour;
                scene.store().release(&claim, at, &put_off()).await.unwrap();
                refused.push(refusal);
            }
        }
    }
    refused
}

fn capped(attempts: u32) -> Policy {
    let mut policy = without_bounds();
    policy.caps.number = vec![Cap { attempts, within: Duration::from_secs(4 * 3_600) }];
    policy
}

async fn calls_over_all_plans_count_on_a_number(bench: Arc<dyn Bench>) {
    let scene = two_plans(bench, capped(3)).await;
    assert_eq!(call_all(&scene, Reason::NoAnswer).await, []);
    scene.bench.pass(Duration::from_secs(3_700)).await;
    let refused = call_all(&scene, Reason::NoAnswer).await;
    // The second plan goes first; its third call is one of three. The first plan has no such cap.
    assert_eq!(refused, []);
    scene.bench.pass(Duration::from_secs(3_700)).await;
    let refused = call_all(&scene, Reason::NoAnswer).await;
    let [OpenRefusal::Capped { until, rule: MoveRule::NumberCap }] = refused[..] else {
        panic!("{refused:?}")
    };
    // Four were made; the second of them leaves the span when the cap is free again.
    let left = (until - scene.store().now().await.unwrap()).num_seconds();
    let expected = 4 * 3_600 - 2 * 3_700;
    assert!((expected - 60..=expected).contains(&left), "{left}");
}

async fn calls_by_hand_count_on_a_number_and_are_not_held_up(bench: Arc<dyn Bench>) {
    let scene = two_plans(bench, capped(1)).await;
    for _ in 0..2 {
        let call = by_hand(number(0));
        scene.store().open_manual(&call).await.unwrap().unwrap();
        scene.close_by_hand(call.attempt.id).await;
    }
    let refused = call_all(&scene, Reason::NoAnswer).await;
    assert!(matches!(refused[..], [OpenRefusal::Capped { rule: MoveRule::NumberCap, .. }]), "{refused:?}");
}

async fn the_gap_holds_between_two_plans(bench: Arc<dyn Bench>) {
    let mut policy = Policy::default();
    policy.retry.gap = Some(Duration::from_secs(900));
    let scene = two_plans(bench, policy).await;
    let first = scene.claim(10).await.into_iter().find(|claim| claim.plan.content.name == "first").unwrap();
    let other = number(1);
    let open = scene.store().open_attempt(&first, &attempt(other)).await.unwrap().unwrap();
    let later = again(&*scene.bench, Reason::NoAnswer, Duration::from_secs(9_000)).await;
    scene.close(&open, first.fence, &later).await;
    scene.bench.pass(Duration::from_secs(100)).await;
    let refused = call_all(&scene, Reason::NoAnswer).await;
    assert!(matches!(refused[..], [OpenRefusal::Capped { rule: MoveRule::Gap, .. }]), "{refused:?}");
    scene.bench.pass(Duration::from_secs(3_700)).await;
    assert_eq!(call_all(&scene, Reason::NoAnswer).await, []);
}

async fn faults_of_our_own_fill_no_cap(bench: Arc<dyn Bench>) {
    let scene = two_plans(bench, capped(1)).await;
    assert_eq!(call_all(&scene, Reason::TrunkCongested).await, []);
    scene.bench.pass(Duration::from_secs(3_700)).await;
    assert_eq!(call_all(&scene, Reason::TrunkCongested).await, []);
}

async fn what_caps_count_is_told_with_the_standing(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 2).await;
    let bounded = records::NewPlan { policy: capped(5), ..content("second", 5) };
    scene.start(PlanId(Uuid::now_v7()), &bounded).await;
    let call = by_hand(number(1));
    scene.store().open_manual(&call).await.unwrap().unwrap();
    scene.close_by_hand(call.attempt.id).await;
    let claims = scene.claim(10).await;
    let theirs = |claim: &&records::Claim| {
        claim.customer.row.external_id == "c0" && claim.plan.content.name == "second"
    };
    let claim = claims.iter().find(theirs).unwrap();
    let open = scene.open(claim).await;
    let standing = scene.store().standing(claim).await.unwrap();
    let mut made: Vec<_> = standing.recent.into_iter().map(|one| (one.number, one.on_customer)).collect();
    made.sort();
    // The one that is open counts as well.
    assert_eq!(made, [(number(0), true), (number(1), true)]);
    scene
        .close(&open, claim.fence, &again(&*scene.bench, Reason::TrunkCongested, Duration::ZERO).await)
        .await;
    assert_eq!(scene.store().standing(claim).await.unwrap().recent.len(), 1);
}

async fn a_task_goes_up_its_ladder(bench: Arc<dyn Bench>) {
    use MoveRule::{LadderWalked, RoundExhausted, StepCarried, StepDone, StepFailed};
    let scene = Scene::with(bench, 1).await;
    let task = to_rung(&scene, 4, StepKind::Message).await;
    assert_eq!((task.state, task.rung, task.ended_at), (TaskState::WithPerson, 4, None));
    let step = only_step(&scene).await;
    assert_eq!((step.kind, step.state, step.rung), (StepKind::Message, StepState::Open, 4));
    assert!(step.due_at.is_some());

    let form = StepForm::Message { way: records::MessageWay::Sms, link: "https://q.example/1".to_owned() };
    let carried = scene.store().carry_step(step.id, scene.author, &form).await.unwrap();
    assert_eq!(
        (carried.state, carried.form, carried.by),
        (StepState::Carried, Some(form.clone()), Some(scene.author))
    );
    let up = onward(climb(5, StepKind::Visit, None), MoveRule::StepFailed);
    let done = scene.store().finish_step(step.id, &end(StepOutcome::Failed, up.clone())).await.unwrap();
    assert_eq!(
        (done.state, done.outcome, done.form),
        (StepState::Done, Some(StepOutcome::Failed), Some(form))
    );
    scene.store().finish_step(step.id, &end(StepOutcome::Failed, up)).await.unwrap_err();

    let visit = only_step(&scene).await;
    assert_eq!((visit.kind, visit.rung, visit.due_at), (StepKind::Visit, 5, None));
    let again = onward(climb(6, StepKind::Phone, None), MoveRule::StepDone);
    scene.store().finish_step(visit.id, &end(StepOutcome::Failed, again)).await.unwrap();
    let task = scene.task().await;
    assert_eq!((task.state, task.rung), (TaskState::Waiting, 6));
    assert!(task.round_since.is_some(), "a round of its own");
    assert_eq!(scene.store().open_steps(StepFilter::default(), PAGE).await.unwrap().items, []);

    let last = to_rung(&scene, 7, StepKind::Letter).await;
    let letter = only_step(&scene).await;
    let walked = onward(NextStep::End(TaskState::Exhausted), MoveRule::LadderWalked);
    scene.store().finish_step(letter.id, &end(StepOutcome::Failed, walked)).await.unwrap();
    assert_eq!(scene.task().await.state, TaskState::Exhausted);
    let moves = scene.store().moves(last.id).await.unwrap();
    let steps: Vec<_> = moves.iter().filter_map(|made| made.step.map(|_| made.because.rule)).collect();
    assert_eq!(steps, [RoundExhausted, StepCarried, StepFailed, StepDone, RoundExhausted, LadderWalked]);
}

async fn a_step_whose_time_is_over_is_found(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    to_rung(&scene, 1, StepKind::Reconfirm).await;
    assert_eq!(scene.store().lapsed_steps(10).await.unwrap(), []);
    scene.bench.pass(Duration::from_secs(3_700)).await;
    let lapsed = scene.store().lapsed_steps(10).await.unwrap();
    assert_eq!(lapsed.len(), 1);
    let up = onward(climb(2, StepKind::Visit, None), MoveRule::StepLapsed);
    scene.store().finish_step(lapsed[0].id, &end(StepOutcome::Lapsed, up)).await.unwrap();
    assert_eq!(scene.store().lapsed_steps(10).await.unwrap(), []);
    assert_eq!(only_step(&scene).await.kind, StepKind::Visit);
}

async fn a_form_of_another_kind_is_refused(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    to_rung(&scene, 1, StepKind::Visit).await;
    let step = only_step(&scene).await;
    let form = StepForm::Message { way: records::MessageWay::Email, link: "https://q.example/1".to_owned() };
    scene.store().carry_step(step.id, scene.author, &form).await.unwrap_err();
    let up = onward(climb(2, StepKind::Letter, None), MoveRule::StepFailed);
    let wrong = StepEnd { form: Some(form), ..end(StepOutcome::Failed, up) };
    scene.store().finish_step(step.id, &wrong).await.unwrap_err();
    assert_eq!(only_step(&scene).await, step);
}

async fn confirmed_numbers_live_again(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let claim = scene.claim_one().await;
    let open = scene.open(&claim).await;
    let dead = Closing { number_dead: true, ..closing(Reason::Vacant, climb(1, StepKind::Reconfirm, None)) };
    scene.close(&open, claim.fence, &dead).await;
    assert_eq!(scene.store().live_numbers(claim.customer.id).await.unwrap(), [number(1)]);
    let step = only_step(&scene).await;
    let form =
        StepForm::Reconfirm { numbers: vec![number(0), number(50)], confirmed_by: "分公司".to_owned() };
    let again = onward(climb(2, StepKind::Phone, None), MoveRule::StepDone);
    let confirmed = StepEnd { form: Some(form), ..end(StepOutcome::Confirmed, again) };
    scene.store().finish_step(step.id, &confirmed).await.unwrap();
    let live = scene.store().live_numbers(claim.customer.id).await.unwrap();
    assert_eq!(live, [number(0), number(1), number(50)]);
    assert_eq!(scene.task().await.state, TaskState::Waiting);
}

async fn who_was_not_reached_by_a_person_goes_up(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let claim = scene.claim_one().await;
    let open = scene.open(&claim).await;
    let cause = CallbackCause::Exhausted { last: Reason::NoAnswer };
    let item = callback(&*scene.bench, cause, 3).await;
    let end =
        Closing { callback: Some(item), ..closing(Reason::NoAnswer, climb(1, StepKind::Callback, None)) };
    scene.close(&open, claim.fence, &end).await;
    let item = scene.bench.callbacks().await.remove(0);
    scene.store().take_callback(item.id, scene.author).await.unwrap();
    let up = onward(climb(2, StepKind::Letter, None), MoveRule::NextRung);
    let nobody = CallbackOutcome::Exhausted;
    scene.store().finish_callback(item.id, scene.author, nobody, "没人", Some(&up)).await.unwrap();
    let task = scene.task().await;
    assert_eq!((task.state, task.rung), (TaskState::WithPerson, 2));
    assert_eq!(only_step(&scene).await.kind, StepKind::Letter);
    let last = scene.store().moves(task.id).await.unwrap().pop().unwrap();
    assert_eq!(last.because.rule, MoveRule::PersonExhausted);
    assert!(last.step.is_some() && last.by.is_some());
}

async fn visits_and_letters_are_counted_among_all(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 4).await;
    assert_eq!(scene.store().shares(scene.plan).await.unwrap().made, 0);
    let claims = scene.claim(10).await;
    for (claim, step) in claims.iter().zip([StepKind::Visit, StepKind::Letter, StepKind::Message]) {
        let open = scene.open(claim).await;
        scene.close(&open, claim.fence, &closing(Reason::NoAnswer, climb(3, step, None))).await;
    }
    let shares = scene.store().shares(scene.plan).await.unwrap();
    assert_eq!((shares.made, shares.visits_and_letters), (3, 2));
    assert_eq!((shares.visits, shares.letters, shares.messages), (1, 1, 1));
    assert!((shares.of_visits_and_letters() - 2.0 / 3.0).abs() < 1e-9);
}

async fn what_people_carry_out_from_the_beginning_is_counted_as_well(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 4).await;
    scene.store().stop_plan(scene.plan).await.unwrap();
    let plan = PlanId(Uuid::now_v7());
    let schedule = Schedule { mode: Mode::Visit, ..Schedule::default() };
    scene.start(plan, &NewPlan { schedule, ..content("visits", 0) }).await;
    let claims = scene.claim(10).await;
    for (claim, mode) in claims.iter().zip([Mode::Visit, Mode::Letter, Mode::Phone]) {
        let item = callback(&*scene.bench, CallbackCause::ByPlan { mode }, 3).await;
        scene.store().settle(claim, &to_person(Some(&item))).await.unwrap();
    }
    let shares = scene.store().shares(plan).await.unwrap();
    assert_eq!((shares.made, shares.visits_and_letters), (3, 2), "the fourth waits");
    assert_eq!((shares.visits, shares.letters, shares.messages), (1, 1, 0));
    let today = Days::this_year(scene.store().now().await.unwrap());
    let figures = scene.bench.proofs().plan_figures(plan, today).await.unwrap();
    assert_eq!((figures.made, figures.visits_and_letters), (3, 2));
}

async fn a_step_that_was_taken_is_nobody_elses(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let claim = scene.claim_one().await;
    let open = scene.open(&claim).await;
    scene.close(&open, claim.fence, &closing(Reason::NoAnswer, climb(3, StepKind::Letter, None))).await;
    let (id, store) = (only_step(&scene).await.id, scene.store());
    let (one, two) = (scene.bench.account("one").await, scene.bench.account("two").await);
    let taken = store.take_step(id, one).await.unwrap();
    assert_eq!((taken.taken_by, taken.state), (Some(one), StepState::Open));
    assert!(taken.taken_at.is_some());
    assert_eq!(store.take_step(id, one).await.unwrap(), taken, "again is as once");
    let refused = |what: Result<records::Step, StoreError>| match what.unwrap_err() {
        StoreError::Conflict(why) => assert!(why.contains("take another"), "{why}"),
        other => panic!("{other}"),
    };
    refused(store.take_step(id, two).await);
    let form = StepForm::Letter {
        posted_on: "2026-11-20".parse().unwrap(),
        tracking: None,
        replied_on: None,
        reply: None,
    };
    refused(store.carry_step(id, two, &form).await);
    let end = |by| StepEnd {
        by,
        ..end(StepOutcome::Failed, onward(NextStep::End(TaskState::Exhausted), MoveRule::LadderWalked))
    };
    refused(store.finish_step(id, &end(Some(two))).await);
    assert_eq!(store.carry_step(id, one, &form).await.unwrap().taken_by, Some(one));
    // When its time is over the ladder goes on, whoever has it.
    assert_eq!(store.finish_step(id, &end(None)).await.unwrap().state, StepState::Done);
    refused(store.take_step(id, one).await);
}
