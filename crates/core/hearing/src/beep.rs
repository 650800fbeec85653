//! The beep behind a recorded greeting: one steady tone with quiet after it.

use crate::{block::Sums, runs::Run};
use audio::Dbm0;

/// Where beeps lie. Below are the network's own tones, and 450 Hz among them.
const PITCH: (f32, f32) = (600.0, 2050.0);
/// How long they last; sung or played notes are seldom as steady for as long.
const LENGTH: (u32, u32) = (140, 2000);
/// Steadier than a whistle or a played note.
const PURITY: f32 = 0.93;
/// How much of the time behind it must be quiet, in blocks.
const QUIET_AFTER: u32 = 25;
const WAIT: u32 = 30;
const QUIET: Dbm0 = Dbm0(-42.0);

/// Waits for quiet behind a tone.
#[derive(Debug, Default)]
pub(crate) struct BeepDetector {
    tone: Option<(i64, i64)>,
    quiet: u32,
    blocks: u32,
}

impl BeepDetector {
    /// A run is over: it may have been a beep.
    pub(crate) fn over(&mut self, run: &Run) {
        let fits = (PITCH.0..=PITCH.1).contains(&run.hertz())
            && (LENGTH.0..=LENGTH.1).contains(&run.millis())
            && run.purity() >= PURITY
            && run.is_steady()
            && run.is_narrow();
        if fits {
            *self = Self { tone: Some((run.from, run.to)), quiet: 0, blocks: 0 };
        } else if run.millis() >= LENGTH.0 {
            self.tone = None;
        }
    }

    /// Hears a block behind it; answers where the beep was.
    pub(crate) fn hear(&mut self, sums: &Sums) -> Option<(i64, i64)> {
        let tone = self.tone?;
        self.blocks += 1;
        self.quiet += u32::from(!sums.is_louder_than(QUIET));
        if self.quiet >= QUIET_AFTER {
            self.tone = None;
            return Some(tone);
        }
        if self.blocks >= WAIT {
            self.tone = None;
        }
        None
    }
}
