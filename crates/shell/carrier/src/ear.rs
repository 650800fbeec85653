//! How a customer hears: when a prompt is playing, and when it has ended.

/// Louder than this is speech; line noise and comfort noise stay below.
const SPEECH_DBFS: f32 = -42.0;
/// So much speech, in ticks of 20 ms, is a prompt and no click.
const PROMPT: u32 = 8;
/// So much is surely the next prompt, and not the rest of one that a key has just cut short.
const WELL_INTO: u32 = 25;

/// Follows the loudness of what arrives, one tick of 20 ms after the other.
#[derive(Debug, Default)]
pub(crate) struct Ear {
    spoken: u32,
    quiet: u32,
}

impl Ear {
    /// One tick: the loudest packet that arrived in it, or none.
    pub(crate) fn hear(&mut self, level: Option<f32>) {
        if level.is_some_and(|db| db > SPEECH_DBFS) {
            self.spoken += 1;
            self.quiet = 0;
        } else {
            self.quiet = self.quiet.saturating_add(1);
        }
    }

    /// Half a second of a prompt has been heard.
    pub(crate) fn well_into_a_prompt(&self) -> bool {
        self.spoken >= WELL_INTO
    }

    /// Nothing has been heard for so many ticks.
    pub(crate) fn silent_for(&self, ticks: u32) -> bool {
        self.quiet >= ticks
    }

    /// A prompt was heard, and since then nothing for so many ticks.
    pub(crate) fn prompt_ended(&self, ticks: u32) -> bool {
        self.spoken >= PROMPT && self.quiet >= ticks
    }

    /// Forgets the prompt: from here on another one is meant.
    pub(crate) fn forget(&mut self) {
        self.spoken = 0;
    }
}

/// Loudness of samples, RMS in decibels relative to full scale.
pub(crate) fn level(samples: &[i16]) -> f32 {
    let energy: f32 = samples.iter().map(|&s| (f32::from(s) / 32768.0).powi(2)).sum();
    10.0 * (energy / samples.len().max(1) as f32 + 1e-12).log10()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_ends_after_the_silence_and_pauses_inside_it_do_not_end_it() {
        let mut ear = Ear::default();
        let mut play = |speech: u32, pause: u32| {
            (0..speech).for_each(|_| ear.hear(Some(-20.0)));
            (0..pause).for_each(|_| ear.hear(Some(-70.0)));
            ear.prompt_ended(40)
        };
        assert!(!play(0, 200), "nothing was said yet");
        assert!(!play(50, 20));
        assert!(!play(50, 39));
        assert!(play(0, 1));
    }

    #[test]
    fn a_line_without_packets_is_silent() {
        let mut ear = Ear::default();
        (0..20).for_each(|_| ear.hear(Some(-20.0)));
        (0..40).for_each(|_| ear.hear(None));
        assert!(ear.prompt_ended(40));
        ear.forget();
        assert!(!ear.prompt_ended(40));
    }
}
