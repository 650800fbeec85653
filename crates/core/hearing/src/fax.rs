//! Fax machines and modems: the tones they call and answer with (ITU-T T.30 section 4, V.25, V.8).

use crate::{FaxTone, Finding, What, runs::Run};

/// CNG: 1100 Hz within 38, half a second within 15 %, every three and a half seconds.
const CALLING: f32 = 1100.0;
const CALLING_TOLERANCE: f32 = 42.0;
const BURST: (u32, u32) = (415, 590);
const PERIOD: (i64, i64) = (2700 * 8, 4300 * 8);
/// CED and ANS: 2100 Hz within 15, for 2.6 to 4 s; ANSam is the same, its level swaying 15 times a second, and with
/// each reversal of phase, every 450 ms, a run of it ends.
const ANSWERING: f32 = 2100.0;
const ANSWERING_TOLERANCE: f32 = 25.0;
/// So much of it is no beep any more.
const LONG_ENOUGH: i64 = 1000 * 8;
/// A reversal spoils a block or two.
const REVERSAL: i64 = 60 * 8;

/// One burst may be an answering machine's beep.
const ONE_BURST: u8 = 60;
const SURE: u8 = 95;

/// Follows both tones.
#[derive(Debug, Default)]
pub(crate) struct FaxDetector {
    burst: Option<(i64, i64)>,
    calling_told: u8,
    /// From where to where 2100 Hz was heard.
    answering: Option<(i64, i64)>,
    answering_told: bool,
}

impl FaxDetector {
    /// A run goes on, or is over.
    pub(crate) fn lasts(&mut self, run: &Run) -> Option<Finding> {
        if self.answering_told || (run.hertz() - ANSWERING).abs() > ANSWERING_TOLERANCE || !run.is_narrow() {
            return None;
        }
        let from = match self.answering {
            Some((from, to)) if run.from - to <= REVERSAL => from,
            _ => run.from,
        };
        self.answering = Some((from, run.to));
        (run.to - from >= LONG_ENOUGH).then(|| {
            self.answering_told = true;
            Finding { what: What::Fax(FaxTone::Answering), from, to: run.to, confidence: SURE }
        })
    }

    /// A run is over.
    pub(crate) fn over(&mut self, run: &Run) -> Option<Finding> {
        let fits = (run.hertz() - CALLING).abs() <= CALLING_TOLERANCE
            && (BURST.0..=BURST.1).contains(&run.millis())
            && run.is_steady()
            && run.is_narrow();
        if !fits {
            return None;
        }
        let again = self.burst.filter(|(from, _)| (PERIOD.0..=PERIOD.1).contains(&(run.from - from)));
        self.burst = Some((run.from, run.to));
        let confidence = if again.is_some() { SURE } else { ONE_BURST };
        (confidence > self.calling_told).then(|| {
            self.calling_told = confidence;
            let from = again.map_or(run.from, |(from, _)| from);
            Finding { what: What::Fax(FaxTone::Calling), from, to: run.to, confidence }
        })
    }
}
