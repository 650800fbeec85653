//! `[hearing]`: what is made out by ear, before the answer and shortly after it.

use std::path::PathBuf;

use serde::Deserialize;

/// Clips of announcements, and for how long an answered line is listened to.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Hearing {
    /// A folder of recorded announcements, each named by the reason it stands for: `powered_off.wav`,
    /// `vacant-2.wav`. Without one, none is recognised.
    pub announcements: Option<PathBuf>,
    /// Who answered, fax tones and announcements are listened for this long after the answer.
    pub after_answer_seconds: u64,
    /// And for the beep of a recorded greeting that is suspected by then.
    pub for_beep_seconds: u64,
}

impl Default for Hearing {
    fn default() -> Self {
        Self { announcements: None, after_answer_seconds: 10, for_beep_seconds: 30 }
    }
}

impl Hearing {
    pub(super) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if !(1..=60).contains(&self.after_answer_seconds) {
            faults.push(format!(
                "after_answer_seconds: {} is not 1 to 60: 10 is enough for any greeting",
                self.after_answer_seconds
            ));
        }
        if self.for_beep_seconds < self.after_answer_seconds || self.for_beep_seconds > 120 {
            faults.push(format!(
                "for_beep_seconds: {} is not between after_answer_seconds and 120: 30 waits for the longest greeting",
                self.for_beep_seconds
            ));
        }
        faults
    }
}
