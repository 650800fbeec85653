//! Silence: an answered line on which nobody and nothing is heard.

use crate::{Echo, Finding, What, Whose, block::Sums};
use audio::Dbm0;

/// Quieter than any voice that reaches us.
const SILENT: Dbm0 = Dbm0(-48.0);
/// Blocks of sound that end it, 60 ms of them; fewer are a click.
const SOUND: u32 = 6;
/// Something may still come.
const CONFIDENCE: u8 = 80;

/// Waits for the first sound after the answer.
#[derive(Debug)]
pub(crate) struct SilenceDetector {
    after: u64,
    loud: u32,
    done: bool,
}

impl SilenceDetector {
    /// Tells after so many samples.
    pub(crate) fn new(after: u64) -> Self {
        Self { after, loud: 0, done: false }
    }

    pub(crate) fn hear(&mut self, answered: i64, at: i64, sums: &Sums, echo: &Echo) -> Option<Finding> {
        if self.done || at < answered {
            return None;
        }
        let loud = sums.is_louder_than(SILENT) && echo.at(at) == Whose::Theirs;
        self.loud = if loud { self.loud + 1 } else { self.loud.saturating_sub(1) };
        let lasted = (at - answered) as u64 >= self.after;
        self.done = lasted || self.loud >= SOUND;
        let finding = Finding { what: What::Silence, from: answered, to: at, confidence: CONFIDENCE };
        (lasted && self.loud < SOUND).then_some(finding)
    }
}
