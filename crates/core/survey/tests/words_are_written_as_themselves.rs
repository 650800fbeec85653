//! Keys, flags and versions as they stand in files, the database and the API; prompts and their recordings.

mod support;

use survey::{Flag, Key, QuestionnaireHash};

#[test]
fn a_key_is_written_as_one_character() {
    for c in "0123456789*#".chars() {
        let key = Key::try_from(c).unwrap();
        assert_eq!(key.to_string(), c.to_string());
        assert_eq!(serde_json::to_string(&key).unwrap(), format!("\"{c}\""));
        assert_eq!(serde_json::from_str::<Key>(&format!("\"{c}\"")).unwrap(), key);
    }
    for c in ['A', 'D', ' ', '１'] {
        assert!(Key::try_from(c).is_err(), "{c}");
    }
}

#[test]
fn a_flag_is_written_as_its_slug_and_the_major_ones_go_to_a_supervisor_at_once() {
    for flag in Flag::ALL {
        assert_eq!(flag.slug().parse(), Ok(flag));
        assert_eq!(serde_json::to_string(&flag).unwrap(), format!("\"{flag}\""));
    }
    let major: Vec<_> = Flag::ALL.into_iter().filter(|flag| flag.major()).collect();
    assert_eq!(major, [Flag::Complaint, Flag::Violation, Flag::DataWrong]);
}

#[test]
fn a_version_is_the_sha_256_of_the_file() {
    let hash = support::small().hash;
    // As `sha256sum` gives it for the same bytes.
    assert_eq!(hash.to_string(), "b16b6773a1c853e9e9c54bdd89dc080a77f1f28e2d3258416335f296a9e2da01");
    let written = serde_json::to_string(&hash).unwrap();
    assert_eq!(serde_json::from_str::<QuestionnaireHash>(&written).unwrap(), hash);
}

#[test]
fn recordings_are_named_by_language_with_the_place_that_names_them() {
    let small = support::small();
    let files: Vec<_> =
        small.audio_files().map(|audio| (audio.file.as_str(), audio.place.to_string())).collect();
    assert_eq!(files, [("notice.wav", "7:68".to_owned())]);
    let source = support::SMALL.replace("audio: notice.wav", "audio: {zh: a/notice.wav, en: b/notice.wav}");
    let both = survey::parse("small.yaml", &source).unwrap();
    assert_eq!(both.prompts["notice"].audio["en"].file, "b/notice.wav");
    assert_eq!(both.audio_files().count(), 2);
}
