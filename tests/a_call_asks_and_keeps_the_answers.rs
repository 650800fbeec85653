//! A call over real SIP and real RTP walks the whole questionnaire: keys of SIPp's RFC 4733 captures become answers,
//! prompts of every sound format are said, and Postgres holds all of it after the command has ended.

mod support;

use support::{Books, Customer, Huifang, SILENCE, Side, Sound, Step};

/// The pitch of each prompt of the path, in the order they are said; see tests/calls/quick.yaml.
const SAID: [(u32, &str); 5] = [
    (500, "notice.wav"),
    (700, "identity.flac"),
    (900, "product.mp3"),
    (1100, "service.ogg"),
    (1500, "thanks.flac"),
];

#[tokio::test]
async fn keys_to_every_question_complete_the_call() {
    let customer = Customer::who(&[
        Step::Ring,
        Step::Wait(300),
        Step::Answer,
        Step::Wait(2_000),
        Step::Press('1'),
        Step::Wait(2_000),
        Step::Press('2'),
        Step::Wait(2_000),
        Step::Press('4'),
        Step::Wait(2_000),
        Step::HangUp,
    ])
    .await;
    let huifang = Huifang::towards(customer.address);
    let outcome = huifang.call().await;
    customer.content().await;

    assert_eq!(outcome.reason(), "completed");
    assert_eq!(outcome.answers(), ["product=good", "service=good"]);
    assert_eq!(outcome.at("/answered"), true);
    assert_eq!(outcome.at("/flags").as_array().unwrap().len(), 0);
    assert_eq!(outcome.at("/evidence/sip_status"), 200);
    assert_eq!(outcome.at("/evidence/ended_by"), "customer");
    assert_eq!(outcome.noted("identity").len(), 1);
    assert!(outcome.noted("wrong_key").is_empty() && outcome.noted("no_key").is_empty());

    let recording = outcome.recording();
    let sound = Sound::of(&recording.file);
    for (hertz, prompt) in SAID {
        let seconds = sound.tone(Side::Ours, hertz);
        assert!(
            (0.3..0.5).contains(&seconds),
            "{prompt} is said once and whole, {seconds} s of it are in the recording"
        );
    }
    // Keys are events, not sound (RFC 4733).
    assert!(sound.peak(Side::Customer) <= SILENCE);

    let books = Books::open(huifang.data()).await;
    let attempt = outcome.attempt();
    assert_eq!(
        books.ask("select id, reason, number, trunk, answered_at > started_at, ended_at > answered_at from attempts").await,
        [format!("{attempt}|completed|+8613800138000|test|t|t")]
    );
    assert_eq!(
        books.ask("select question, key, value from answers order by seq").await,
        ["product|2|good", "service|4|good"]
    );
    assert_eq!(
        books.ask("select attempt_id, sha256, round(seconds * 100) from recordings").await,
        [format!("{attempt}|{}|{}", recording.sha256, (recording.seconds * 100.0).round())]
    );
    books.close().await;
}
