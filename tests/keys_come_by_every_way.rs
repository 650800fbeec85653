//! Keys as tones in the sound, by SIP INFO, and by two ways at once: each press is one answer.

mod support;

use support::{Customer, Huifang, Outcome, Step};

/// A customer who answers and presses; each press is given as the steps that it takes.
async fn pressing(answer: Step, presses: [&[Step]; 3]) -> Outcome {
    let mut steps = vec![Step::Ring, Step::Wait(300), answer, Step::Wait(2_000)];
    for press in presses {
        steps.extend(press);
        steps.push(Step::Wait(2_000));
    }
    steps.push(Step::HangUp);
    let customer = Customer::who(&steps).await;
    let huifang = Huifang::towards(customer.address);
    let outcome = huifang.call().await;
    customer.content().await;
    outcome
}

fn assert_answered(outcome: &Outcome) {
    assert_eq!(outcome.answers(), ["product=good", "service=good"], "{outcome}");
    assert_eq!(outcome.reason(), "completed");
    assert!(outcome.noted("wrong_key").is_empty() && outcome.noted("no_key").is_empty(), "{outcome}");
}

#[tokio::test]
async fn tones_answer_where_the_carrier_agreed_to_no_events() {
    let presses = [&[Step::Tone('1')][..], &[Step::Tone('2')], &[Step::Tone('4')]];
    assert_answered(&pressing(Step::AnswerWithoutEvents, presses).await);
}

#[tokio::test]
async fn info_answers_in_both_its_forms() {
    let presses = [&[Step::Relay('1')][..], &[Step::Dtmf('2')], &[Step::Relay('4')]];
    assert_answered(&pressing(Step::Answer, presses).await);
}

#[tokio::test]
async fn a_press_by_two_ways_at_once_is_one_answer() {
    // Were the second way counted, it would be a wrong key at the next question.
    let presses = [
        &[Step::Press('1'), Step::Relay('1')][..],
        &[Step::Dtmf('2'), Step::Press('2')],
        &[Step::Press('4'), Step::Relay('4')],
    ];
    assert_answered(&pressing(Step::Answer, presses).await);
}
