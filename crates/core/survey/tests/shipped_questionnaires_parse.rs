//! Every questionnaire shipped in `dialplans/` parses.

#[test]
fn every_shipped_questionnaire_parses() {
    for file in ["satisfaction", "new-contract", "complaint-closed"] {
        let path = format!("{}/../../../dialplans/{file}.yaml", env!("CARGO_MANIFEST_DIR"));
        let source = std::fs::read_to_string(&path).unwrap();
        if let Err(problems) = survey::parse(&path, &source) {
            panic!("\n{problems}");
        }
    }
}
