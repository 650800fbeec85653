//! Busy, rung out, absent by Reason header: each ends with its own reason and the raw signs beside it, and without a
//! recording.

mod support;

use serde_json::json;
use support::{Customer, Huifang, Outcome, Step, Talk};

async fn call(steps: &[Step]) -> (Outcome, Talk) {
    let customer = Customer::who(steps).await;
    let outcome = Huifang::towards(customer.address).call().await;
    assert_eq!(outcome.at("/answered"), false);
    assert!(outcome.at("/recording").is_null(), "nothing was said that could be recorded");
    assert!(outcome.at("/attempt/answered_at").is_null());
    assert!(outcome.at("/attempt/ended_at").is_string());
    (outcome, customer.content().await)
}

#[tokio::test]
async fn busy_is_told_by_486() {
    let (outcome, _) = call(&[Step::Ring, Step::Refuse("486 Busy Here", "Retry-After: 60")]).await;
    assert_eq!(outcome.reason(), "busy");
    assert_eq!(outcome.at("/evidence/sip_status"), 486);
    assert_eq!(outcome.at("/evidence/confidence"), "certain");
}

#[tokio::test]
async fn nobody_answers_and_we_cancel_after_the_ring_time() {
    let (outcome, talk) = call(&[Step::Ring, Step::BeCancelled]).await;
    assert_eq!(outcome.reason(), "no_answer");
    assert_eq!(outcome.at("/evidence/ended_by"), "us");
    assert_eq!(outcome.at("/evidence/sip_status"), 487);
    // W12.3: at least 20 s; 30 s by default.
    let rang = outcome.at("/evidence/ring_ms").as_u64().unwrap();
    assert!((30_000..32_000).contains(&rang), "it rang for {rang} ms");
    let lines = talk.lines();
    let lines: Vec<_> =
        lines.iter().map(|line| line.split(' ').take(3).collect::<Vec<_>>().join(" ")).collect();
    let cancel = lines.iter().position(|line| line.starts_with("R CANCEL")).expect("a CANCEL");
    assert!(lines[cancel..].iter().any(|line| line.starts_with("S SIP/2.0 487")), "{lines:?}");
    assert!(lines.last().unwrap().starts_with("R ACK"), "{lines:?}");
}

#[tokio::test]
async fn an_announcement_then_480_with_a_cause_is_an_absent_subscriber() {
    let (outcome, _) = call(&[
        Step::EarlyMedia,
        Step::Speak,
        Step::Refuse("480 Temporarily Unavailable", "Reason: Q.850;cause=20"),
    ])
    .await;
    assert_eq!(outcome.reason(), "powered_off");
    assert_eq!(outcome.at("/evidence/sip_status"), 480);
    assert_eq!(outcome.at("/evidence/q850"), 20);
    assert_eq!(outcome.at("/evidence/reason_headers"), &json!(["Q.850;cause=20"]));
    // The announcement came as real RTP before any answer.
    assert_eq!(outcome.at("/evidence/heard"), &json!(["sound"]));
    assert_eq!(outcome.noted("progress").len(), 1);
}
