//! Lists for console and API.

mod server;

use std::sync::Arc;

use ports::conformance::Scene;
use ports::conformance::bench::{again, callback, succeeded};
use ports::{AttemptFilter, Closing, Count, Overview, Page, Store, TaskFilter};
use records::{Answer, CallbackCause, Fact, Noted, Reason, TaskState};
use server::Server;

const ALL: Page = Page { before: None, limit: 500 };

fn count(name: &str, count: u64) -> Count {
    Count { name: name.to_owned(), count }
}

#[tokio::test]
async fn parts_of_a_list_join_without_gap_or_overlap() {
    let server = Server::start().await;
    let database = server.database("parts").await;
    let scene = Scene::with(Arc::new(database.clone()), 23).await;
    let filter = TaskFilter { plan: Some(scene.plan), state: Some(TaskState::Due), ..TaskFilter::default() };
    let whole = database.store.tasks(filter, ALL).await.unwrap();
    assert_eq!((whole.items.len(), whole.next), (23, None));
    let mut joined = Vec::new();
    let mut page = Page { before: None, limit: 5 };
    loop {
        let part = database.store.tasks(filter, page).await.unwrap();
        assert!(part.items.len() <= 5);
        joined.extend(part.items.into_iter().map(|row| row.task.id));
        match part.next {
            Some(next) => page.before = Some(next),
            None => break,
        }
    }
    assert_eq!(joined, whole.items.iter().map(|row| row.task.id).collect::<Vec<_>>());
    assert!(joined.is_sorted_by(|a, b| a > b));
}

#[tokio::test]
async fn customers_are_found_by_key_name_and_last_digits() {
    let server = Server::start().await;
    let database = server.database("search").await;
    Scene::with(Arc::new(database.clone()), 12).await;
    let found = async |text: &str| {
        let page = database.store.customers(Some(text), ALL).await.unwrap();
        page.items.into_iter().map(|customer| customer.row.external_id).collect::<Vec<_>>()
    };
    assert_eq!(found("c7").await, ["c7"]);
    assert_eq!(found("客户11").await, ["c11"]);
    assert_eq!(found("00015").await, ["c7"]);
    assert_eq!(found("138 0010 0015").await, ["c7"]);
    assert_eq!(found(" ").await.len(), 12);
    for nobody in ["%", "_", "nobody", "\\"] {
        assert!(found(nobody).await.is_empty(), "{nobody}");
    }
}

#[tokio::test]
async fn calls_and_the_queue_are_listed_with_names_answers_and_counts() {
    let server = Server::start().await;
    let database = server.database("rows").await;
    let scene = Scene::with(Arc::new(database.clone()), 3).await;
    let claims = scene.claim(3).await;
    let first = scene.open(&claims[0]).await;
    let answer = Answer {
        question: "stability".to_owned(),
        key: '4',
        value: "poor".to_owned(),
        label: "差".to_owned(),
        flag: Some("dissatisfied".to_owned()),
    };
    let fact = Fact { seq: 0, at_ms: 10, noted: Noted::Answer(answer.clone()) };
    database.store.note(first.id, &[fact]).await.unwrap();
    let flagged = CallbackCause::Flagged { flags: vec!["dissatisfied".to_owned()] };
    let urgent = callback(&*scene.bench, flagged, 1).await;
    let end = Closing { callback: Some(urgent.clone()), ..succeeded() };
    scene.close(&first, claims[0].fence, &end).await;
    let second = scene.open(&claims[1]).await;
    let asked = callback(&*scene.bench, CallbackCause::PersonAsked, 2).await;
    let busy = again(&*scene.bench, Reason::Busy, std::time::Duration::ZERO).await;
    scene.close(&second, claims[1].fence, &Closing { callback: Some(asked), ..busy }).await;
    let third = scene.open(&claims[2]).await;

    let row = database.store.attempt_row(first.id).await.unwrap();
    assert_eq!((row.answers, row.recording), (vec![answer], None));
    assert_eq!(row.customer_name.as_ref(), Some(&claims[0].customer.row.name));
    assert_eq!(row.plan_name.as_deref(), Some("first"));
    let open = AttemptFilter { open: Some(true), ..AttemptFilter::default() };
    let busy = AttemptFilter { reason: Some(Reason::Busy), ..AttemptFilter::default() };
    for (filter, expected) in [
        (AttemptFilter::default(), vec![third.id, second.id, first.id]),
        (open, vec![third.id]),
        (busy, vec![second.id]),
        (AttemptFilter { since: Some(third.started_at), ..AttemptFilter::default() }, vec![third.id]),
    ] {
        let page = database.store.attempts(&filter, ALL).await.unwrap();
        assert_eq!(page.items.iter().map(|row| row.attempt.id).collect::<Vec<_>>(), expected, "{filter:?}");
    }

    let queue = database.store.callbacks(None, Page { before: None, limit: 1 }).await.unwrap();
    assert_eq!(queue.items[0].callback.content, urgent);
    let rest = database.store.callbacks(None, Page { before: queue.next, limit: 1 }).await.unwrap();
    assert_eq!((rest.items[0].callback.content.priority, rest.next), (2, None));
    let item = queue.items[0].callback.id;
    database.store.take_callback(item, scene.author).await.unwrap();
    let taken = database.store.callbacks(Some(records::CallbackState::Taken), ALL).await.unwrap();
    assert_eq!(taken.items[0].taken_by_name.as_deref(), Some("author"));

    let counts = database.store.outcome_counts(Some(scene.plan)).await.unwrap();
    assert_eq!(counts.reasons, [count("busy", 1), count("completed", 1)]);
    assert_eq!(counts.tasks, [count("calling", 1), count("succeeded", 1), count("waiting", 1)]);
    assert_eq!(counts.callbacks, [count("open", 1), count("taken", 1)]);
    let answers = database.store.answer_counts(None).await.unwrap();
    assert_eq!(answers, [("stability".to_owned(), count("poor", 1))]);
}
