//! Special information tones: three rising tones in a row (ITU-T E.180, Q.35; Telcordia SR-2275).

use crate::{Finding, Sit, What, runs::Run};

/// E.180: 950, 1400 and 1800 Hz, each within 50 Hz; twenty more for the line between.
const PITCHES: [f32; 3] = [950.0, 1400.0, 1800.0];
const PITCH_TOLERANCE: f32 = 70.0;
/// E.180: 330 ms each, within 70 ms; the edges of two tones blur into 30 ms more.
const LENGTH: (u32, u32) = (220, 430);
/// E.180 allows 30 ms between the tones; a packet lost there hides 20 more on each side.
const LONGEST_GAP: i64 = 80 * 8;

/// Low and high first tones (Telcordia), the last one's pitch, and how far a line may shift them. E.180's own tones
/// lie in the middle.
const FIRST: (f32, f32) = (913.8, 985.2);
const SECOND: (f32, f32) = (1370.6, 1428.5);
const THIRD: f32 = 1776.7;
const CODE_TOLERANCE: f32 = 13.0;
/// Short tones last 274 ms, long ones 380.
const SHORT_BELOW: u32 = 327;
const CONFIDENCE: u8 = 95;

/// Follows the last tones of a line.
#[derive(Debug, Default)]
pub(crate) struct SitDetector {
    last: [Option<Run>; 2],
}

impl SitDetector {
    /// Takes a run that is over.
    pub(crate) fn over(&mut self, run: &Run) -> Option<Finding> {
        let place = PITCHES.iter().position(|pitch| (run.hertz() - pitch).abs() <= PITCH_TOLERANCE);
        let fits = (LENGTH.0..=LENGTH.1).contains(&run.millis()) && run.is_narrow();
        let Some(place) = place.filter(|_| fits) else {
            // The blur between two tones is a short run of its own.
            if run.millis() > 40 {
                self.last = [None; 2];
            }
            return None;
        };
        match (place, self.last) {
            (0, _) => self.last = [Some(*run), None],
            (1, [Some(first), _]) if follows(&first, run) => self.last[1] = Some(*run),
            (2, [Some(first), Some(second)]) if follows(&second, run) => {
                self.last = [None; 2];
                let what = What::Sit(meaning(&[first, second, *run]));
                return Some(Finding { what, from: first.from, to: run.to, confidence: CONFIDENCE });
            }
            _ => self.last = [None; 2],
        }
        None
    }
}

fn follows(earlier: &Run, later: &Run) -> bool {
    (0..=LONGEST_GAP).contains(&(later.from - earlier.to))
}

/// Frequencies say more than lengths, which lost packets change; where they leave it open, lengths decide.
fn meaning(runs: &[Run; 3]) -> Sit {
    let near = |hertz: f32, pitch: f32| (hertz - pitch).abs() <= CODE_TOLERANCE;
    // A line that shifts all frequencies shifts the third one, which is always the same.
    let shift = runs[2].hertz() - THIRD;
    if shift.abs() > CODE_TOLERANCE {
        return Sit::Plain;
    }
    let code = |run: &Run, (low, high): (f32, f32)| {
        let hertz = run.hertz() - shift;
        if near(hertz, low) { Some(false) } else { near(hertz, high).then_some(true) }
    };
    let (Some(first), Some(second)) = (code(&runs[0], FIRST), code(&runs[1], SECOND)) else {
        return Sit::Plain;
    };
    let is_short = |run: &Run| run.millis() < SHORT_BELOW;
    match (first, second) {
        // Intercept is short, short; long tones of the same pitches are "no circuit" of a distant network.
        (false, false) if is_short(&runs[0]) => Sit::Intercept,
        (false, false) | (true, true) => Sit::NoCircuit,
        (false, true) => Sit::Reorder,
        // Vacant code is long, short; short, long is "reorder" of a distant network.
        (true, false) if is_short(&runs[0]) && !is_short(&runs[1]) => Sit::Reorder,
        (true, false) => Sit::VacantCode,
    }
}
