//! What proofs are made from: dossiers, the plans' figures, what is going on.

use std::sync::Arc;
use std::time::Duration;

use plan::{Calendar, ClauseName, Verdict, certify};
use records::{
    CallbackCause, CapPolicy, Climb, Fact, MoveRule, NewWaiver, NextStep, Noted, Onward, PlanId, Policy,
    Reason, RecordingId, Signature, StepKind, StepOutcome, TaskState,
};
use uuid::Uuid;

use super::bench::{
    LEASE, NODE, again, by_hand, callback, closing, content, from_outside, number, succeeded, without_bounds,
};
use super::{Bench, Scene, sentences};
use crate::{Closing, Days, NewRecording, Page, StepEnd, StepFilter, StoreError, TrunkUse};

sentences![
    a_dossier_holds_everything_on_file_about_its_task,
    a_dossier_counts_what_the_caps_count,
    a_dossier_of_no_task_is_missing,
    figures_tell_how_far_a_plan_is_and_by_which_way,
    what_is_overdue_is_told_whenever_it_fell_due,
    figures_of_all_plans_are_of_those_that_run_or_pause,
    activity_tells_what_is_going_on,
];

const ALWAYS: Duration = Duration::ZERO;

fn days(from: &str, to: &str) -> Days {
    Days { from: from.parse().unwrap(), to: to.parse().unwrap() }
}

async fn ever(scene: &Scene, plan: PlanId) -> plan::PlanFigures {
    scene.bench.proofs().plan_figures(plan, days("2000-01-01", "2999-12-31")).await.unwrap()
}

async fn a_dossier_holds_everything_on_file_about_its_task(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let claim = scene.claim_one().await;
    let open = scene.open(&claim).await;
    let answer = records::Answer {
        question: "q1".to_owned(),
        key: '1',
        value: "good".to_owned(),
        label: "好".to_owned(),
        flag: None,
    };
    let fact = Fact { seq: 0, at_ms: 900, noted: Noted::Answer(answer.clone()) };
    scene.store().note(open.id, &[fact]).await.unwrap();
    let sealed = NewRecording {
        id: RecordingId(Uuid::now_v7()),
        attempt: open.id,
        path: "2026-11-20/p/a.wav".to_owned(),
        bytes: 100,
        seconds: 1.0,
        sha256: "ab".repeat(32),
        cues: Vec::new(),
    };
    scene.store().file_recording(&sealed).await.unwrap();
    let item = callback(&*scene.bench, CallbackCause::Exhausted { last: Reason::NoAnswer }, 3).await;
    let ends = Closing { callback: Some(item), ..closing(Reason::NoAnswer, NextStep::Person) };
    scene.close(&open, claim.fence, &ends).await;
    let today = scene.store().now().await.unwrap().date_naive();
    let signed = Signature { name: "李".to_owned(), on: today - chrono::Days::new(2) };
    let waiver = NewWaiver {
        plan: None,
        contents: records::Declared {
            documents_signed_in_person: true,
            terms_understood: true,
            fees_understood: true,
            remarks: String::new(),
        },
        customer: signed.clone(),
        salesperson: signed.clone(),
        sales_manager: signed,
    };
    let customer = claim.customer.id;
    scene.bench.customers().register_waiver(customer, &waiver, today, "author").await.unwrap();

    let dossier = scene.bench.proofs().dossier(claim.task.id).await.unwrap();
    assert_eq!(dossier.task, scene.task().await);
    assert_eq!((dossier.plan.id, dossier.customer.id), (scene.plan, customer));
    let [tried] = &dossier.attempts[..] else { panic!("{:?}", dossier.attempts) };
    assert_eq!((tried.attempt.id, tried.attempt.reason), (open.id, Some(Reason::NoAnswer)));
    assert_eq!(tried.answers, [answer]);
    assert_eq!(tried.recording.as_ref().map(|kept| kept.sha256.as_str()), Some(sealed.sha256.as_str()));
    assert_eq!(dossier.moves, scene.store().moves(claim.task.id).await.unwrap());
    assert_eq!(dossier.callbacks, scene.bench.callbacks().await);
    assert_eq!(dossier.waivers.len(), 1);
    let made: Vec<_> = dossier.recent.iter().map(|made| (made.number.clone(), made.on_customer)).collect();
    assert_eq!(made, [(number(0), true)]);
    let certificate = certify(&dossier, &Calendar::official());
    let clause = certificate.clauses.iter().find(|clause| clause.clause == ClauseName::Waiver).unwrap();
    assert_eq!(clause.verdict, Verdict::Kept, "called before it was registered, and never after");
}

async fn a_dossier_counts_what_the_caps_count(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 2).await;
    scene.store().stop_plan(scene.plan).await.unwrap();
    let policy = Policy { caps: CapPolicy::default(), ..without_bounds() };
    scene.start(PlanId(Uuid::now_v7()), &records::NewPlan { policy, ..content("capped", 0) }).await;
    let hand = by_hand(number(1));
    scene.store().open_manual(&hand).await.unwrap().unwrap();
    scene.close_by_hand(hand.attempt.id).await;
    let claims = scene.claim(10).await;
    let first = claims.iter().find(|claim| claim.customer.row.external_id == "c0").unwrap();
    let other = claims.iter().find(|claim| claim.customer.row.external_id == "c1").unwrap();
    let elsewhere = scene.open(other).await;
    let open = scene.open(first).await;
    scene.close(&open, first.fence, &again(&*scene.bench, Reason::TrunkCongested, ALWAYS).await).await;
    let dossier = scene.bench.proofs().dossier(first.task.id).await.unwrap();
    let made: Vec<_> = dossier.recent.iter().map(|made| (made.number.clone(), made.on_customer)).collect();
    assert_eq!(made, [(number(1), true)], "by hand counts; our own fault and another customer's call do not");
    let dossier = scene.bench.proofs().dossier(other.task.id).await.unwrap();
    assert_eq!(dossier.recent.len(), 1, "one that is open counts");
    assert_eq!(dossier.attempts[0].attempt.id, elsewhere.id);
}

async fn a_dossier_of_no_task_is_missing(bench: Arc<dyn Bench>) {
    let error = bench.proofs().dossier(records::TaskId(Uuid::now_v7())).await.unwrap_err();
    assert!(matches!(error, StoreError::Missing { what: "task", .. }), "{error}");
    let plan = PlanId(Uuid::now_v7());
    let error = bench.proofs().plan_figures(plan, days("2026-01-01", "2026-12-31")).await.unwrap_err();
    assert!(matches!(error, StoreError::Missing { what: "plan", .. }), "{error}");
}

async fn figures_tell_how_far_a_plan_is_and_by_which_way(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 6).await;
    let none = ever(&scene, scene.plan).await;
    assert_eq!((none.due, none.open, none.due_now, none.made), (6, 6, 6, 0));
    assert_eq!((none.coverage, none.share_of_visits_and_letters), (Some(0.0), None));
    let claims = scene.claim(10).await;
    let to = |rung, step| NextStep::Climb(Climb { rung, step, at: None });
    let ends = [
        succeeded(),
        closing(Reason::Declined, NextStep::End(TaskState::Refused)),
        closing(Reason::NoAnswer, to(3, StepKind::Visit)),
        closing(Reason::NoAnswer, to(3, StepKind::Message)),
        closing(Reason::NoAnswer, NextStep::End(TaskState::Exhausted)),
    ];
    for (claim, end) in claims.iter().zip(&ends) {
        let open = scene.open(claim).await;
        scene.close(&open, claim.fence, end).await;
    }
    let page = Page { before: None, limit: 10 };
    let steps = scene.store().open_steps(StepFilter::default(), page).await.unwrap().items;
    for row in steps {
        let next = NextStep::End(TaskState::Succeeded);
        let because = records::Because::of(MoveRule::StepDone);
        let onward = Onward { next, callback: None, because };
        let end = StepEnd { outcome: StepOutcome::Succeeded, form: None, note: None, by: None, onward };
        scene.store().finish_step(row.step.id, &end).await.unwrap();
    }
    let figures = ever(&scene, scene.plan).await;
    assert_eq!((figures.due, figures.done, figures.refused, figures.given_up, figures.open), (6, 3, 1, 1, 1));
    let ways = (figures.by_phone, figures.by_visit, figures.by_letter, figures.by_message);
    assert_eq!(ways, (1, 1, 0, 1));
    assert_eq!((figures.made, figures.visits_and_letters), (5, 1));
    assert_eq!(figures.coverage, Some(4.0 / 6.0));
    assert_eq!(figures.share_of_visits_and_letters, Some(0.2));
    let shares = scene.store().shares(scene.plan).await.unwrap();
    assert_eq!((shares.made, shares.visits_and_letters), (figures.made, figures.visits_and_letters));
    let before =
        scene.bench.proofs().plan_figures(scene.plan, days("2001-01-01", "2001-12-31")).await.unwrap();
    assert_eq!((before.due, before.done, before.made), (0, 0, 5), "nothing fell due then");
}

async fn what_is_overdue_is_told_whenever_it_fell_due(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 0).await;
    scene.store().import_customers(&[super::bench::row(0), super::bench::row(1)]).await.unwrap();
    let plan = PlanId(Uuid::now_v7());
    let schedule = serde_json::json!({
        "firings": [{"on": {"event": "signed"}, "within": ["1m"], "rule": "W8.1"}],
        "since": "2020-01-01"
    });
    let schedule = serde_json::from_value(schedule).unwrap();
    scene.start(plan, &records::NewPlan { schedule, ..content("dates", 0) }).await;
    let planning = scene.bench.planning();
    let mut round = planning.take_evaluation(NODE, LEASE).await.unwrap().unwrap();
    let customers = planning.next_customers(&round, 10).await.unwrap();
    let now = scene.store().now().await.unwrap();
    let occasion = |due_by| plan::Occasion {
        key: records::Occasion("signed".to_owned()),
        role: records::ContactRole::default(),
        mode: records::Mode::Phone,
        due_on: "2020-03-02".parse().unwrap(),
        not_before: now - chrono::TimeDelta::hours(1),
        aim_by: None,
        due_by: Some(due_by),
        why: "signed on 2020-03-02 (W8.1)".to_owned(),
    };
    let late = now - chrono::TimeDelta::minutes(5);
    let soon = now + chrono::TimeDelta::hours(20);
    let wanted = vec![(customers[0].id, vec![occasion(late)]), (customers[1].id, vec![occasion(soon)])];
    planning.keep_tasks(&mut round, &wanted, LEASE).await.unwrap();
    let year = scene.bench.proofs().plan_figures(plan, days("2020-01-01", "2020-12-31")).await.unwrap();
    assert_eq!((year.due, year.past, year.past_covered, year.coverage_of_past), (2, 1, 0, Some(0.0)));
    assert_eq!((year.overdue, year.soon_overdue), (1, 1));
    let next = scene.bench.proofs().plan_figures(plan, days("2021-01-01", "2021-12-31")).await.unwrap();
    assert_eq!((next.due, next.overdue, next.soon_overdue), (0, 1, 1));
    let oldest = next.oldest_overdue.unwrap();
    assert!((oldest - late).num_milliseconds().abs() < 1, "{oldest}");
    assert_eq!(next.faults.iter().map(|fault| fault.name.as_str()).collect::<Vec<_>>(), ["tasks_overdue"]);
}

async fn figures_of_all_plans_are_of_those_that_run_or_pause(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let second = PlanId(Uuid::now_v7());
    scene.start(second, &content("second", 0)).await;
    scene.create(PlanId(Uuid::now_v7()), &content("a draft", 0)).await;
    scene.store().pause_plan(second).await.unwrap();
    let all = scene.bench.proofs().all_figures(ALWAYS).await.unwrap();
    let named: Vec<_> = all.iter().map(|figures| (figures.name.as_str(), figures.due)).collect();
    assert_eq!(named, [("first", 1), ("second", 1)]);
    scene.store().stop_plan(second).await.unwrap();
    let all = scene.bench.proofs().all_figures(ALWAYS).await.unwrap();
    assert_eq!(all.iter().map(|figures| figures.plan).collect::<Vec<_>>(), [scene.plan]);
}

async fn activity_tells_what_is_going_on(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 3).await;
    assert_eq!(scene.bench.proofs().activity().await.unwrap(), crate::Activity::default());
    let claims = scene.claim(10).await;
    let answered = scene.open(&claims[0]).await;
    let done = Closing { answered_at: Some(answered.started_at), ..succeeded() };
    scene.close(&answered, claims[0].fence, &done).await;
    let failed = scene.open(&claims[1]).await;
    let item = callback(&*scene.bench, CallbackCause::Exhausted { last: Reason::NoAnswer }, 3).await;
    let ends = Closing { callback: Some(item), ..closing(Reason::NoAnswer, NextStep::Person) };
    scene.close(&failed, claims[1].fence, &ends).await;
    scene.open(&claims[2]).await;
    let inbound = from_outside(number(90));
    scene.store().open_inbound(&inbound).await.unwrap().unwrap();
    let notice = closing(Reason::NoticeOnly, NextStep::End(TaskState::Withdrawn));
    scene.store().close_attempt(inbound.attempt.id, 0, &notice).await.unwrap();
    let activity = scene.bench.proofs().activity().await.unwrap();
    assert_eq!(activity.open, [TrunkUse { trunk: "main".to_owned(), open: 1 }]);
    assert_eq!((activity.hour_calls, activity.hour_answered, activity.last_minute), (2, 1, 4));
    let today: Vec<_> = activity.today.iter().map(|count| (count.name.as_str(), count.count)).collect();
    assert_eq!(today, [("completed", 1), ("no_answer", 1), ("notice_only", 1)]);
    assert_eq!((activity.queue_open, activity.queue_taken, activity.queue_overdue), (1, 0, 0));
    let item = scene.bench.callbacks().await.remove(0);
    assert_eq!(activity.queue_oldest, Some(item.created_at));
    scene.store().take_callback(item.id, scene.author).await.unwrap();
    assert_eq!(scene.bench.proofs().activity().await.unwrap().queue_taken, 1);
    scene.bench.pass(Duration::from_secs(61)).await;
    assert_eq!(scene.bench.proofs().activity().await.unwrap().last_minute, 0);
}
