//! A call answered by a real user agent, baresip: both sides hear each other, and its keys are answers.

mod support;

use std::time::Duration;

use support::{Baresip, Huifang, Side, Sound, VOICE};

#[tokio::test]
async fn both_sides_hear_each_other() {
    let mut baresip = Baresip::who_has("13800138000").await;
    let huifang = Huifang::towards(baresip.address);
    let listened = Duration::from_secs(2);
    let customer = async {
        baresip.tells("CALL_ESTABLISHED").await;
        baresip.presses_after(listened, '1').await;
        baresip.presses_after(listened, '2').await;
        baresip.presses_after(listened, '5').await;
        baresip.hangs_up_after(listened).await;
        baresip.heard().await
    };
    let (outcome, (heard, _folder)) = tokio::join!(huifang.call(), customer);

    assert_eq!(outcome.reason(), "completed");
    assert_eq!(outcome.answers(), ["product=good", "service=poor"]);
    assert_eq!(outcome.at("/evidence/ended_by"), "customer");

    let sound = Sound::of(outcome.recording().file);
    let length = sound.seconds();
    assert!((8.0..10.0).contains(&length), "four times two seconds, not {length}");
    let voice = sound.tone(Side::Customer, VOICE);
    assert!(voice > length - 1.0, "the customer speaks throughout, {voice} of {length} s");
    for hertz in [500, 700, 900, 1100, 1500] {
        let (said, arrived) = (sound.tone(Side::Ours, hertz), heard.tone(Side::Only, hertz));
        assert!((0.3..0.5).contains(&said), "{hertz} Hz is said once and whole, not for {said} s");
        assert!((0.3..0.5).contains(&arrived), "{hertz} Hz arrives once and whole, not for {arrived} s");
    }
}
