//! Whoever writes a script reads where it is wrong and what to write instead.

use std::path::Path;

use carrier::Script;

fn customer(attempts: &str) -> String {
    format!("customers:\n  - number: \"+8619900000001\"\n    attempts:\n      - {attempts}\n")
}

fn refusal(text: &str) -> String {
    Script::parse(text, Path::new("/nowhere/demo.yaml")).expect_err(text).to_string()
}

#[test]
fn every_error_names_file_place_and_remedy() {
    let twice = format!("{}  - number: \"19900000001\"\n    attempts: [busy]\n", customer("busy"));
    let cases: [(String, &[&str]); 12] = [
        (customer("sleeping"), &["line 4", "sleeping", "no_answer"]),
        (customer("answer: {after: 2}"), &["line 4", "500ms, 2s"]),
        (customer("answer: {steps: [press: \"x\"]}"), &["line 4", "`x` are no keys", "in quotes"]),
        (customer("answer: {steps: [sing: 2s]}"), &["line 4", "sing"]),
        (customer("answer: {step: []}"), &["line 4", "step"]),
        (customer("answer: {steps: [say: hello]}"), &["customers[0]", "attempts[0]", "`hello`", "`clips`"]),
        (customer("fail: {status: 200}"), &["customers[0]", "status 200", "400 to 699"]),
        (twice, &["customers[1]", "listed twice"]),
        ("customers:\n  - number: \"123\"\n    attempts: [busy]\n".into(), &["line 2", "123"]),
        ("customers:\n  - number: \"+8619900000001\"\n    attempts: []\n".into(), &["no attempts"]),
        ("clips: {why: why.wav}\n".into(), &["clips.why", "/nowhere/why.wav", "sox"]),
        ("custmers: []\n".into(), &["line 1", "custmers", "customers"]),
    ];
    for (text, parts) in cases {
        let error = refusal(&text);
        assert!(error.contains("/nowhere/demo.yaml"), "{error}");
        for part in parts {
            assert!(error.contains(part), "`{part}` is not in:\n{error}");
        }
        assert!(!error.contains("+8619900000001") || error.contains("line"), "{error}");
    }
}

#[test]
fn an_expected_reason_must_be_one_of_the_vocabulary() {
    let text = format!("{}    expect: {{reasons: [asleep]}}\n", customer("busy"));
    assert!(refusal(&text).contains("asleep"));
}

#[test]
fn a_missing_file_is_named() {
    let error = Script::load(Path::new("/nowhere/demo.yaml")).unwrap_err().to_string();
    assert!(error.contains("/nowhere/demo.yaml") && error.contains("No such file"), "{error}");
}
