//! `[speech]`: how prompt texts become sound.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The text-to-speech command and its voices.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Speech {
    /// Program and arguments; `{voice}`, `{text_file}` and `{out}` are filled in.
    pub command: Vec<String>,
    /// Voice by language.
    pub voices: BTreeMap<String, String>,
    /// Seconds after which a rendering is given up.
    pub timeout_seconds: u64,
    /// Active speech level of every prompt, recorded or rendered, in dBm0.
    pub level_dbm0: f32,
}

impl Default for Speech {
    fn default() -> Self {
        let voice = |language: &str, voice: &str| (language.to_owned(), voice.to_owned());
        Self {
            command: ["espeak-ng", "-v", "{voice}", "-s", "150", "-w", "{out}", "-f", "{text_file}"]
                .map(str::to_owned)
                .to_vec(),
            // `cmn` and `zh` read the tone digits aloud; this voice does not.
            voices: [voice("zh", "cmn-latn-pinyin"), voice("en", "en"), voice("yue", "yue")].into(),
            timeout_seconds: 30,
            level_dbm0: -16.0,
        }
    }
}

impl Speech {
    pub(super) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.command.is_empty() {
            faults
                .push("command: it is empty: name a program such as espeak-ng with its arguments".to_owned());
        } else if !self.command.iter().any(|part| part.contains("{out}")) {
            faults.push(
                "command: {out} is missing: the program must be told which WAV file to write".to_owned(),
            );
        }
        if !(-30.0..=-6.0).contains(&self.level_dbm0) {
            faults.push(format!(
                "level_dbm0: speech at {} dBm0 is not understood on a telephone: give -30 to -6, such as -16",
                self.level_dbm0
            ));
        }
        faults
    }
}
