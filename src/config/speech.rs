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
        faults
    }
}
