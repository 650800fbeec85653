//! The default voice reads Chinese characters and digits as Mandarin, nothing of them in English.

use std::path::Path;
use std::process::Command;

use prompts::SpeechConfig;

/// espeak-ng's phonemes of a text; parts read by another language are marked like `(en)`.
fn phonemes(voice: &str, text: &str) -> String {
    let output = Command::new("espeak-ng").args(["-v", voice, "-x", "-q", text]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn mandarin() -> String {
    SpeechConfig::default().voices["zh"].clone()
}

/// Every Chinese prompt of the questionnaires that are shipped.
fn shipped() -> Vec<String> {
    let dialplans = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../dialplans");
    let files = std::fs::read_dir(dialplans).unwrap().map(|entry| entry.unwrap().path());
    let yaml = files.filter(|path| path.extension().is_some_and(|e| e == "yaml"));
    yaml.flat_map(|path| chinese(&std::fs::read_to_string(path).unwrap())).collect()
}

fn chinese(yaml: &str) -> Vec<String> {
    let after = yaml.lines().filter_map(|line| line.split_once("zh: "));
    let texts = after.map(|(_, rest)| rest.split(", en:").next().unwrap_or(rest).trim_end_matches('}'));
    texts.map(|text| text.replace("{company}", "华安公司").trim().to_owned()).collect()
}

#[test]
fn syllables_bear_the_tones_of_mandarin() {
    for (text, expected) in [
        ("您好", "n'i35n_| X'Au214_|"),
        ("请按一", "tS;h'i21N_| 'a51n_| j'i55_|"),
        ("满意", "m'a21n_| j'i51_|"),
    ] {
        assert_eq!(phonemes(&mandarin(), text).trim(), expected, "{text}");
    }
}

#[test]
fn digits_are_read_as_chinese_numbers() {
    let digits = phonemes(&mandarin(), "请按1，2，9。");
    assert!(!digits.contains("(en)"), "{digits}");
    assert_eq!(
        phonemes(&mandarin(), "1").trim().trim_end_matches('|'),
        phonemes(&mandarin(), "一").trim().trim_end_matches('|')
    );
}

#[test]
fn no_shipped_prompt_falls_into_english() {
    let prompts = shipped();
    assert!(prompts.len() > 60, "only {} prompts were found", prompts.len());
    for text in prompts {
        let spoken = phonemes(&mandarin(), &text);
        assert!(!spoken.contains('(') && spoken.chars().any(|c| c.is_ascii_digit()), "{text}: {spoken}");
    }
}

#[test]
fn the_voices_that_look_right_would_read_english() {
    for trap in ["cmn", "zh"] {
        assert!(
            phonemes(trap, "请按一").contains("(en)"),
            "{trap} is fixed: the default voice may be simpler now"
        );
    }
}
