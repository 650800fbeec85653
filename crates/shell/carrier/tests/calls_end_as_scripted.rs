//! SIPp calls the virtual carrier: every way a call can go, with the status, the Reason and the journal it leaves.

mod caller;

use caller::{
    Line, NUMBER, OFFER, ack, ack_failure, cancel, challenged, hung_up, invite, invite_with, pause, perhaps,
    receive, story, within,
};
use carrier::{EndedBy, Event};

/// Who ended the last call, and with which status.
fn end(entries: &[carrier::Entry]) -> (EndedBy, u16) {
    match entries.last().unwrap().event {
        Event::Ended { by, status, .. } => (by, status),
        ref other => panic!("{other:?}"),
    }
}

/// The caller hears nothing: for calls where only the signalling matters.
const DEAF: u16 = 9;

#[tokio::test]
async fn failures_bear_status_and_reason() {
    let cases = [
        ("busy", vec![], 486, "Q.850;cause=17"),
        ("rejected", vec![180], 603, "Q.850;cause=21"),
        ("powered_off", vec![183], 480, "Q.850;cause=20"),
        ("out_of_coverage", vec![183], 480, "Q.850;cause=27"),
        ("suspended", vec![183], 480, "text=.停机"),
        ("vacant", vec![183], 480, "Q.850;cause=1;"),
        ("fail: {ringing: 100ms, status: 503, cause: 34, text: No circuit}", vec![180], 503, "cause=34"),
    ];
    for (behaviour, provisional, status, reason) in cases {
        let mut line = Line::with("", &format!("      - {behaviour}")).await;
        let mut steps = vec![invite(), perhaps(100)];
        steps.extend(provisional.iter().map(|&status| receive(status, "", "")));
        steps.extend([receive(status, "Reason", reason), ack_failure(1)]);
        line.call(NUMBER, &steps, DEAF).await;
        let journal = line.journal(1).await;
        assert_eq!(end(&journal), (EndedBy::Carrier, status), "{behaviour}");
        assert_eq!(story(&journal), ["called", "ended"], "{behaviour}");
    }
}

#[tokio::test]
async fn a_phone_that_nobody_answers_rings_until_the_caller_gives_up() {
    let mut line = Line::with("", "      - no_answer").await;
    let steps = [
        invite(),
        perhaps(100),
        receive(180, "", ""),
        pause(300),
        cancel(),
        receive(200, "CSeq", "CANCEL"),
        receive(487, "CSeq", "1 INVITE"),
        ack_failure(1),
    ];
    line.call(NUMBER, &steps, DEAF).await;
    assert_eq!(end(&line.journal(1).await), (EndedBy::Cancelled, 487));
}

#[tokio::test]
async fn early_media_can_be_given_up_too() {
    let mut line = Line::with("", "      - answer: {after: 60s, early_media: true}").await;
    let steps = [
        invite(),
        perhaps(100),
        receive(183, "Content-Type", "application/sdp"),
        pause(200),
        cancel(),
        receive(200, "CSeq", "CANCEL"),
        receive(487, "", ""),
        ack_failure(1),
    ];
    line.call(NUMBER, &steps, DEAF).await;
    assert_eq!(end(&line.journal(1).await), (EndedBy::Cancelled, 487));
}

#[tokio::test]
async fn an_answered_call_is_ended_by_the_caller() {
    let mut line = Line::with("", "      - answer: {after: 100ms, steps: [stay_until_hung_up]}").await;
    let steps = [
        invite(),
        perhaps(100),
        receive(180, "", ""),
        receive(200, "Contact", "sip:"),
        ack(1),
        within("INVITE", 2, OFFER),
        perhaps(100),
        receive(200, "Content-Type", "application/sdp"),
        ack(2),
        within("OPTIONS", 3, ""),
        receive(200, "Allow", "INVITE"),
        within("BYE", 4, ""),
        receive(200, "CSeq", "BYE"),
        within("BYE", 5, ""),
        receive(481, "", ""),
    ];
    line.call(NUMBER, &steps, DEAF).await;
    let journal = line.journal(1).await;
    assert_eq!(end(&journal), (EndedBy::Caller, 200));
    assert_eq!(story(&journal), ["called", "answered", "confirmed", "ended"]);
    let Event::Called { caller, behaviour, overlapping } = &journal[0].event else { panic!() };
    assert_eq!((caller.as_str(), behaviour.as_str(), *overlapping), ("4008001234", "answer", 0));
}

#[tokio::test]
async fn a_customer_hangs_up_once_the_answer_is_acknowledged() {
    let mut line = Line::with("", "      - answer: {after: 0s, steps: [silence: 100ms, hang_up]}").await;
    let steps = [
        invite(),
        perhaps(100),
        receive(180, "", ""),
        receive(200, "", ""),
        // The ACK is late: a BYE before it would be unexpected here.
        pause(800),
        ack(1),
        hung_up(),
    ];
    line.call(NUMBER, &steps, DEAF).await;
    assert_eq!(end(&line.journal(1).await), (EndedBy::Customer, 200));
}

const TRUNK: &str = "trunk: {realm: carrier, username: huifang, password: secret}";

#[tokio::test]
async fn a_trunk_with_credentials_challenges_first() {
    let mut line = Line::with(TRUNK, "      - busy").await;
    let steps = [
        invite(),
        perhaps(100),
        challenged(),
        ack_failure(1),
        invite_with("[authentication]\n", OFFER, 2),
        perhaps(100),
        receive(486, "", ""),
        ack_failure(2),
    ];
    line.call(NUMBER, &steps, DEAF).await;
    assert_eq!(line.journal(1).await.len(), 2, "the challenge is no call");
}

#[tokio::test]
async fn a_wrong_password_is_challenged_again() {
    let mut line = Line::with(TRUNK, "      - busy").await;
    let steps = [
        invite(),
        perhaps(100),
        challenged(),
        ack_failure(1),
        invite_with("[authentication username=huifang password=guess]\n", OFFER, 2),
        perhaps(100),
        receive(407, "Proxy-Authenticate", "nonce"),
        ack_failure(2),
    ];
    line.call(NUMBER, &steps, DEAF).await;
    assert!(line.journal(0).await.is_empty());
}

#[tokio::test]
async fn the_second_call_meets_the_second_attempt_and_the_last_one_stays() {
    let mut line = Line::with("", "      - busy\n      - rejected").await;
    let refused =
        |status| vec![invite(), perhaps(100), perhaps(180), receive(status, "", ""), ack_failure(1)];
    // The same number however it is dialled.
    for (number, status) in [(NUMBER, 486), ("19900000001", 603), ("008619900000001", 603)] {
        line.call(number, &refused(status), DEAF).await;
    }
    // A number nobody has.
    line.call(
        "19911111111",
        &[invite(), perhaps(100), receive(183, "", ""), receive(480, "Reason", "cause=1;"), ack_failure(1)],
        DEAF,
    )
    .await;
    assert_eq!(line.journal(4).await.iter().map(|entry| entry.nth).max(), Some(3));
}

#[tokio::test]
async fn an_offer_without_a_common_codec_is_refused() {
    let mut line = Line::with("", "      - busy").await;
    let g729 = OFFER.replace("RTP/AVP 8 101", "RTP/AVP 18");
    line.call(NUMBER, &[invite_with("", &g729, 1), perhaps(100), receive(488, "", ""), ack_failure(1)], DEAF)
        .await;
}
