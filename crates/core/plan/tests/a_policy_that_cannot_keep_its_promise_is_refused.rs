//! A plan is checked before it may start; each problem names its key and the remedy.

mod support;

use plan::check;
use records::Policy;
use support::demonstration;

fn problems(json: &str) -> Vec<String> {
    let policy: Policy = serde_json::from_str(json).unwrap();
    check(&policy).err().unwrap_or_default().iter().map(ToString::to_string).collect()
}

#[test]
fn the_defaults_keep_every_rule() {
    assert_eq!(check(&Policy::default()), Ok(vec![]));
}

#[test]
fn what_cannot_work_is_refused_by_key() {
    for (json, key) in [
        // One clock hour cannot give three different ones.
        (r#"{"windows":{"spans":["10:00-11:00"]}}"#, "windows.spans: the windows give 1 slots"),
        (r#"{"windows":{"spans":["10:00-11:00","10:30-11:00"]}}"#, "windows.spans: the windows give 1 slots"),
        // Three hours, but never in the morning.
        (r#"{"windows":{"spans":["14:00-17:00"]}}"#, "retry.half_days: the windows lie in one half"),
        (r#"{"windows":{"spans":["09:00-12:00"]}}"#, "retry.half_days: the windows lie in one half"),
        (r#"{"windows":{"spans":[]}}"#, "windows.spans: no window"),
        (r#"{"windows":{"spans":["22:00-23:00"]}}"#, "windows.spans: no window"),
        (r#"{"retry":{"half_days":3}}"#, "retry.half_days: 3 is more"),
        (r#"{"retry":{"attempts":1}}"#, "retry.half_days: 1 attempts cannot"),
        (r#"{"retry":{"attempts":0,"half_days":0}}"#, "retry.attempts"),
        (r#"{"retry":{"slot":0,"attempts":3}}"#, "retry.slot"),
        (r#"{"retry":{"slot":90000}}"#, "retry.slot"),
        (r#"{"retry":{"line_retry":0}}"#, "retry.line_retry"),
        (r#"{"retry":{"rejected_attempts":0}}"#, "retry.rejected_attempts"),
        (r#"{"call":{"ring_time":0}}"#, "call.ring_time"),
        (r#"{"call":{"longest_call":0}}"#, "call.longest_call"),
        (r#"{"call":{"no_media":0}}"#, "call.no_media"),
    ] {
        let found = problems(json);
        assert!(found.iter().any(|problem| problem.starts_with(key)), "{json}: {found:?}");
    }
}

#[test]
fn every_problem_is_told_at_once() {
    let found = problems(r#"{"windows":{"spans":[]},"retry":{"line_retry":0},"call":{"no_media":0}}"#);
    assert_eq!(found.len(), 3, "{found:?}");
}

#[test]
fn less_than_the_rules_ask_for_is_allowed_with_a_warning() {
    let keys = |json: &str| -> Vec<&'static str> {
        let policy: Policy = serde_json::from_str(json).unwrap();
        check(&policy).unwrap().iter().map(|warning| warning.key).collect()
    };
    assert_eq!(keys(r#"{"call":{"ring_time":15}}"#), ["call.ring_time"]);
    assert_eq!(keys(r#"{"call":{"ring_time":200}}"#), ["call.ring_time", "call.setup_limit"]);
    assert_eq!(keys(r#"{"retry":{"attempts":2}}"#), ["retry.attempts"]);
    assert_eq!(keys(r#"{"retry":{"half_days":1}}"#), ["retry.half_days"]);
}

#[test]
fn the_figures_of_a_demonstration_are_allowed() {
    assert!(check(&demonstration()).is_ok());
}
