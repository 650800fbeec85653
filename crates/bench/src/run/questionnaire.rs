//! The bench's questionnaire: a notice, who is speaking, five questions, a closing, spoken in some 27 s of a call.

use std::fmt::Write as _;
use std::path::Path;

use hound::{SampleFormat, WavSpec, WavWriter};

use super::BenchError;
use crate::called::QUESTIONS;

pub(super) const NAME: &str = "bench";
/// Behind each prompt, so that its end is heard before the next begins.
const PAUSE: u32 = 1600;
const RATE: f32 = 8000.0;

/// Writes `bench.yaml` and its sound into a folder.
pub(super) fn write(folder: &Path) -> Result<(), BenchError> {
    let file = folder.join("bench.yaml");
    std::fs::create_dir_all(folder).map_err(BenchError::file(folder))?;
    std::fs::write(&file, text()).map_err(BenchError::file(&file))?;
    for (n, (name, seconds)) in sounds().into_iter().enumerate() {
        let file = folder.join(format!("{name}.wav"));
        sound(&file, n, seconds)
            .map_err(|error| BenchError::File { path: file, error: std::io::Error::other(error) })?;
    }
    Ok(())
}

/// Name and seconds of each prompt.
fn sounds() -> Vec<(String, f32)> {
    let questions = (1..=QUESTIONS).map(|n| (format!("q{n}"), 2.9));
    let before = [("notice".to_owned(), 3.0), ("identity".to_owned(), 2.0)];
    let after = [("closing".to_owned(), 2.5), ("reply".to_owned(), 0.5)];
    before.into_iter().chain(questions).chain(after).collect()
}

fn text() -> String {
    let mut text = format!(
        "questionnaire: {NAME}\ntitle: {{zh: 测量}}\nlanguages: [zh]\nestimate: 30s\n\
         patience: {{retries: 1, wait: 10s, repeats: 1}}\n\nprompts:\n"
    );
    for (name, _) in sounds() {
        // Writing to a String does not fail, here and below.
        let _ = writeln!(text, "  {name}: {{zh: 嘟, audio: {name}.wav}}");
    }
    text.push_str(
        "\ngates:\n  recording_notice: {say: notice}\n  identity: {say: identity, keys: {1: yes, 2: wrong_person}}\n\
         \nquestions:\n",
    );
    for n in 1..=QUESTIONS {
        let _ = write!(text, "  - id: q{n}\n    kind: other\n    say: q{n}\n    keys:\n");
        for key in 1..=4 {
            let _ = writeln!(text, "      {key}: {{value: v{key}, label: {{zh: 第{key}项}}}}");
        }
    }
    text.push_str("\nanytime: {\"*\": repeat, 0: person}\n\nreplies:\n");
    for reply in ["wrong_key", "no_key", "goodbye", "transfer", "wrong_person"] {
        let _ = writeln!(text, "  {reply}: reply");
    }
    text.push_str("\nclosings:\n  - {say: closing}\n");
    text
}

/// A sweep of a voice's range, another for each prompt, and a pause.
fn sound(file: &Path, n: usize, seconds: f32) -> Result<(), hound::Error> {
    let spec =
        WavSpec { channels: 1, sample_rate: 8000, bits_per_sample: 16, sample_format: SampleFormat::Int };
    let mut wav = WavWriter::create(file, spec)?;
    let mut phase = 0.0_f32;
    let from = 180.0 + 37.0 * n as f32;
    for sample in 0..(seconds * RATE) as u32 {
        let hertz = from + 900.0 * (sample as f32 / RATE / seconds);
        phase = (phase + hertz / RATE).fract();
        wav.write_sample((9000.0 * (phase * std::f32::consts::TAU).sin()) as i16)?;
    }
    (0..PAUSE).try_for_each(|_| wav.write_sample(0_i16))?;
    wav.finalize()
}
