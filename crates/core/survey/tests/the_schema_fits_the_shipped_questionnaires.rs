//! The published JSON Schema takes what the reader takes, and refuses what is out of form.

mod support;

use serde_json::Value;
use support::{SHIPPED, SMALL, shipped_source};

fn schema() -> jsonschema::Validator {
    let path = format!("{}/../../../dialplans/questionnaire.schema.json", env!("CARGO_MANIFEST_DIR"));
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    jsonschema::draft202012::new(&schema).unwrap()
}

fn json(yaml: &str) -> Value {
    serde_saphyr::from_str_with_options(yaml, serde_saphyr::options! { strict_booleans: true }).unwrap()
}

#[test]
fn every_shipped_questionnaire_has_the_form() {
    let schema = schema();
    for (name, source) in SHIPPED.map(|name| (name, shipped_source(name))).into_iter().chain([
        ("small", SMALL.into()),
        ("ahead", SMALL.replace("estimate: 60s", "estimate: 60s\ntype_ahead: true")),
        ("not ahead", SMALL.replace("barge_in: false", "barge_in: false\n    type_ahead: false")),
    ]) {
        let errors: Vec<_> = schema
            .iter_errors(&json(&source))
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(errors, Vec::<String>::new(), "{name}");
    }
}

#[test]
fn what_is_out_of_form_is_refused_by_schema_and_reader_alike() {
    let schema = schema();
    let mistakes = [
        ("questionnaire: small", "questionnair: small"),
        ("questionnaire: small", "questionnaire: Small one"),
        ("estimate: 60s", "estimate: soon"),
        ("title: {zh: 小, en: Small}", "title: Small"),
        ("retries: 0", "retries: 9"),
        ("retries: 0", "retry: 0"),
        ("estimate: 60s", "estimate: 60s\ntype_ahead: perhaps"),
        ("barge_in: false", "type_ahead: perhaps"),
        ("{1: yes, 2: wrong_person}", "{1: yes, 2: wrong_persn}"),
        ("{1: yes, 2: wrong_person}", "{1: yes, 12: wrong_person}"),
        ("kind: suggestion", "kind: suggestions"),
        ("flag: dissatisfied", "flag: disatisfied"),
        ("record: {max: 60s, end_silence: 3s}, ", ""),
        ("confirm: true", "confirm: maybe"),
        ("  goodbye: {zh: 再见, en: bye}\n", ""),
        ("holiday: true", "holiday: sometimes"),
    ];
    for (correct, mistake) in mistakes {
        let source = SMALL.replacen(correct, mistake, 1);
        assert!(!schema.is_valid(&json(&source)), "the schema takes {mistake}");
        assert!(survey::parse("small.yaml", &source).is_err(), "the reader takes {mistake}");
    }
}
