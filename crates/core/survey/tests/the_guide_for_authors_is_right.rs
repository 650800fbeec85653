//! The questionnaire printed in `dialplans/README.md` is one.

#[test]
fn the_shortest_questionnaire_of_the_guide_parses() {
    let path = format!("{}/../../../dialplans/README.md", env!("CARGO_MANIFEST_DIR"));
    let guide = std::fs::read_to_string(path).unwrap();
    let (_, rest) = guide.split_once("```yaml\n").unwrap();
    let (example, _) = rest.split_once("```").unwrap();
    assert_eq!(survey::parse("README.md", example).err().map(|problems| problems.to_string()), None);
}
