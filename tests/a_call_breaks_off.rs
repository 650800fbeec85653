//! The customer hangs up in the middle of a question: what was answered is kept, and the interview is partial.

mod support;

use support::{Books, Customer, Huifang, Sound, Step};

#[tokio::test]
async fn an_answer_given_before_the_hang_up_is_kept() {
    let customer = Customer::who(&[
        Step::Ring,
        Step::Answer,
        Step::Wait(2_000),
        Step::Press('1'),
        Step::Wait(2_000),
        Step::Press('2'),
        // The second question is being said.
        Step::Wait(300),
        Step::HangUp,
    ])
    .await;
    let huifang = Huifang::towards(customer.address);
    let outcome = huifang.call().await;
    let length = customer.content().await.length().as_secs_f64();

    assert_eq!(outcome.reason(), "partial");
    assert_eq!(outcome.answers(), ["product=good"]);
    assert_eq!(outcome.at("/evidence/ended_by"), "customer");
    let seconds = Sound::of(outcome.recording().file).seconds();
    assert!((seconds - length).abs() < 0.25, "the recording has {seconds} s, the call had {length} s");

    let books = Books::open(huifang.data()).await;
    assert_eq!(books.ask("select reason from attempts").await, ["partial"]);
    assert_eq!(books.ask("select question, value from answers").await, ["product|good"]);
    books.close().await;
}

#[tokio::test]
async fn a_hang_up_before_any_answer_is_early() {
    let customer = Customer::who(&[Step::Ring, Step::Answer, Step::Wait(1_200), Step::HangUp]).await;
    let outcome = Huifang::towards(customer.address).call().await;
    customer.content().await;

    assert_eq!(outcome.reason(), "hung_up_early");
    assert!(outcome.answers().is_empty());
    assert_eq!(outcome.at("/answered"), true);
}
