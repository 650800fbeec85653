//! Messages of attempts: kept in order, once, and not longer than asked.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use records::AttemptId;
use trace::{Direction, Envelope, Message};
use uac::Transport;
use uuid::Uuid;

use super::bench::{Bench, Scene};
use super::sentences;
use crate::Traced;

sentences![
    messages_are_kept_once_and_read_in_order,
    messages_of_no_attempt_are_left_out,
    old_messages_go_in_small_batches_the_oldest_first,
];

const DAY: Duration = Duration::from_secs(24 * 3600);

fn message(attempt: AttemptId, seq: u32, at: DateTime<Utc>) -> Traced {
    let envelope = Envelope {
        at: at + TimeDelta::microseconds(i64::from(seq)),
        direction: if seq.is_multiple_of(2) { Direction::Sent } else { Direction::Received },
        transport: [Transport::Udp, Transport::Tcp, Transport::Tls][seq as usize % 3],
        local: "203.0.113.5:5060".parse().unwrap(),
        peer: "[2001:db8::9]:5061".parse().unwrap(),
    };
    let wire = format!("SIP/2.0 {} \u{0}\r\nCall-ID: {attempt}\r\nCSeq: 1 INVITE\r\n\r\n", 100 + seq);
    Traced { attempt, seq, message: Message::new(envelope, wire.into_bytes()), cut: seq == 3 }
}

async fn now(scene: &Scene) -> DateTime<Utc> {
    scene.store().now().await.unwrap().trunc_subsecs(3)
}

async fn messages_are_kept_once_and_read_in_order(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let attempt = scene.open(&scene.claim_one().await).await.id;
    let (traces, at) = (scene.bench.traces(), now(&scene).await);
    let all: Vec<Traced> = (0..4).map(|seq| message(attempt, seq, at)).collect();
    assert_eq!(traces.keep_messages(&[all[2].clone(), all[0].clone()]).await.unwrap(), 2);
    let twice = Traced { message: message(attempt, 9, at).message, ..all[0].clone() };
    assert_eq!(traces.keep_messages(&[twice, all[1].clone(), all[3].clone()]).await.unwrap(), 2);
    assert_eq!(traces.messages_of(attempt).await.unwrap(), all);
    assert_eq!(traces.keep_messages(&[]).await.unwrap(), 0);
}

async fn messages_of_no_attempt_are_left_out(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let attempt = scene.open(&scene.claim_one().await).await.id;
    let (traces, at) = (scene.bench.traces(), now(&scene).await);
    let stranger = AttemptId(Uuid::now_v7());
    let both = [message(stranger, 0, at), message(attempt, 0, at)];
    assert_eq!(traces.keep_messages(&both).await.unwrap(), 1);
    assert_eq!(traces.messages_of(stranger).await.unwrap(), []);
    assert_eq!(traces.messages_of(attempt).await.unwrap(), both[1..]);
}

async fn old_messages_go_in_small_batches_the_oldest_first(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let attempt = scene.open(&scene.claim_one().await).await.id;
    let (traces, now) = (scene.bench.traces(), now(&scene).await);
    let days = |days: i64| now - TimeDelta::days(days);
    let aged = [(0, 31), (1, 33), (2, 32), (3, 29), (4, 0)];
    let all: Vec<Traced> = aged.iter().map(|(seq, age)| message(attempt, *seq, days(*age))).collect();
    traces.keep_messages(&all).await.unwrap();
    assert_eq!(traces.forget_messages(30 * DAY, 2).await.unwrap(), 2);
    let left: Vec<u32> = traces.messages_of(attempt).await.unwrap().iter().map(|kept| kept.seq).collect();
    assert_eq!(left, [0, 3, 4], "the oldest two are gone");
    assert_eq!(traces.forget_messages(30 * DAY, 2).await.unwrap(), 1);
    assert_eq!(traces.forget_messages(30 * DAY, 2).await.unwrap(), 0);
    assert_eq!(traces.messages_of(attempt).await.unwrap(), all[3..]);
}
