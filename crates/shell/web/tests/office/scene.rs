//! Work as the dialer leaves it: customers, a running plan, an attempt with answers, a recording, a callback.

use std::f32::consts::TAU;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use ports::{Closing, NewAttempt, NewQuestionnaire, NewRecording, Seen, Store};
use recording::Staged;
use records::{
    Answer, AttemptId, Audience, Because, CallbackCause, Claim, Confidence, Cue, CustomerRow, Evidence, Fact,
    MoveRule, NewCallback, NewPlan, NextStep, Noted, Number, Plan, PlanId, Policy, Product, Reason,
    RecordingId, Role, SpokenSpan,
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::Office;

const SOURCE: &str = "questionnaire: satisfaction\n";
const SECONDS: u32 = 6;
const RATE: u32 = 8000;

/// SHA-256 of the source.
pub fn questionnaire_version() -> String {
    hex::encode(Sha256::digest(SOURCE))
}

pub struct Scene {
    pub plan: Plan,
    pub attempt: AttemptId,
    pub recording: NewRecording,
    /// The WAV file as sealed.
    pub wav: Vec<u8>,
}

impl Scene {
    /// One dissatisfied customer was called; a person must call back.
    pub async fn set(office: &Office) -> Self {
        let plan = running_plan(office).await;
        let claims = office.store.claim_due("test", 10, Duration::from_secs(60)).await.unwrap();
        let claim = claims.iter().find(|claim| claim.customer.row.external_id == "C1").unwrap();
        let attempt = dial(office, claim).await;
        let (recording, wav) = record(office, &plan, attempt).await;
        hang_up(office, claim, attempt).await;
        Self { plan, attempt, recording, wav }
    }
}

pub async fn publish(office: &Office) {
    let version = questionnaire_version();
    let new = NewQuestionnaire { name: "satisfaction".to_owned(), version, source: SOURCE.to_owned() };
    office.store.publish_questionnaire(&new).await.unwrap();
}

async fn running_plan(office: &Office) -> Plan {
    let row = |id: &str, name: &str, number: &str| CustomerRow {
        external_id: id.to_owned(),
        name: name.to_owned(),
        numbers: vec![Number::parse(number).unwrap()],
        class: Some("vip".to_owned()),
        branch: Some("北京".to_owned()),
        language: None,
        time_zone: None,
        account_manager: Some("李雷".to_owned()),
        rated_person: Some("韩梅梅".to_owned()),
        products: vec![Product { name: "理财一号".to_owned(), hesitation_days: None }],
        ..CustomerRow::default()
    };
    let rows = [row("C1", "王小明", "13800138000"), row("C2", "赵敏", "13900139000")];
    office.store.import_customers(&rows).await.unwrap();
    publish(office).await;
    let (author, _) = office.account(Role::Planner).await;
    let (approver, _) = office.account(Role::Supervisor).await;
    let content = NewPlan {
        name: "十一月满意度回访".to_owned(),
        questionnaire: "satisfaction".to_owned(),
        questionnaire_version: questionnaire_version(),
        audience: Audience::Everyone,
        policy: Policy::default(),
        priority: 0,
        schedule: records::Schedule::default(),
    };
    let id = PlanId(Uuid::now_v7());
    office.store.create_plan(id, &content, author.id).await.unwrap();
    office.store.approve_plan(id, approver.id, false).await.unwrap();
    office.store.start_plan(id).await.unwrap();
    office.store.plan(id).await.unwrap()
}

async fn dial(office: &Office, claim: &Claim) -> AttemptId {
    let new = NewAttempt {
        id: AttemptId(Uuid::now_v7()),
        number: claim.customer.row.numbers[0].clone(),
        trunk: "carrier".to_owned(),
        caller: Some("4008001234".to_owned()),
        longest: Duration::from_secs(900),
        lent: None,
        seen: Seen::default(),
    };
    office.store.open_attempt(claim, &new).await.unwrap().unwrap();
    let facts: Vec<_> = (0..).zip(noted()).map(|(seq, (at_ms, noted))| Fact { seq, at_ms, noted }).collect();
    office.store.note(new.id, &facts).await.unwrap();
    new.id
}

fn noted() -> Vec<(u64, Noted)> {
    let answer = Answer {
        question: "stability".to_owned(),
        key: '4',
        value: "poor".to_owned(),
        label: "不满意".to_owned(),
        flag: Some("dissatisfied".to_owned()),
    };
    let span = SpokenSpan {
        question: "why_stability".to_owned(),
        tag: "reason".to_owned(),
        from_ms: 2000,
        to_ms: 3500,
        spoke: true,
    };
    vec![
        (300, Noted::Progress { status: 180 }),
        (2100, Noted::Answered),
        (3000, Noted::RecordingNoticed),
        (4000, Noted::Identity { confirmed: true }),
        (5000, Noted::Answer(answer)),
        (5001, Noted::Flag { flag: "dissatisfied".to_owned() }),
        (6000, Noted::Spoken(span)),
        (8000, Noted::Ended),
    ]
}

async fn record(office: &Office, plan: &Plan, attempt: AttemptId) -> (NewRecording, Vec<u8>) {
    let path = office.vault.staging_path(&attempt.to_string()).unwrap();
    write_tones(&path);
    let wav = std::fs::read(&path).unwrap();
    let staged = Staged {
        path,
        attempt: attempt.to_string(),
        plan: plan.id.to_string(),
        date: Utc::now().date_naive(),
    };
    let sealed = office.vault.seal(staged).await.unwrap();
    let cue = |at_ms, label: &str| Cue { at_ms, label: label.to_owned() };
    let recording = NewRecording {
        id: RecordingId(Uuid::now_v7()),
        attempt,
        path: sealed.relative_path,
        bytes: sealed.bytes,
        seconds: sealed.seconds,
        sha256: sealed.sha256,
        cues: vec![cue(0, "answer stability=poor"), cue(2000, "speech begins: why_stability")],
    };
    office.store.file_recording(&recording).await.unwrap();
    (recording, wav)
}

/// Left 440 Hz, right 660 Hz.
fn write_tones(path: &std::path::Path) {
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: RATE,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    for n in 0..RATE * SECONDS {
        for hertz in [440.0, 660.0] {
            let sample = (TAU * hertz * n as f32 / RATE as f32).sin() * 8000.0;
            writer.write_sample(sample as i16).unwrap();
        }
    }
    writer.finalize().unwrap();
}

async fn hang_up(office: &Office, claim: &Claim, attempt: AttemptId) {
    let now = office.store.now().await.unwrap();
    let closing = Closing {
        reason: Reason::Completed,
        evidence: Evidence {
            sip_status: Some(200),
            sip_phrase: Some("OK".to_owned()),
            confidence: Some(Confidence::Certain),
            ended_by: Some("customer".to_owned()),
            ..Evidence::default()
        },
        answered_at: Some(now),
        next: NextStep::Person,
        because: Because::of(MoveRule::Raised),
        callback: Some(NewCallback {
            cause: CallbackCause::Flagged { flags: vec!["dissatisfied".to_owned()] },
            priority: 1,
            due_at: now + TimeDelta::hours(4),
        }),
        number_dead: false,
    };
    office.store.close_attempt(attempt, claim.fence, &closing).await.unwrap();
}
