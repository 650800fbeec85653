//! Reads a script, checks its rules and loads its clips.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Behaviour, Heard, Script, ScriptError, Speech, Step};

impl Script {
    /// Reads and checks a script file and the clips it names.
    pub fn load(path: &Path) -> Result<Self, ScriptError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ScriptError::Read { path: path.to_owned(), source })?;
        Self::parse(&text, path)
    }

    /// As [`Script::load`], from a text; `path` names it in errors and is where clips are looked for.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ScriptError> {
        let mut script: Self = serde_saphyr::from_str(text)
            .map_err(|e| ScriptError::Syntax { path: path.to_owned(), message: e.to_string() })?;
        let rules = Rules { path, directory: path.parent().unwrap_or(Path::new("")) };
        script.sounds = rules.read_clips(&script.clips)?;
        rules.check(&script)?;
        Ok(script)
    }

    /// What a call to `dialled` meets, the `nth` (from 0) to that number. Unlisted numbers are vacant.
    pub(crate) fn behaviour(&self, dialled: &str, nth: usize) -> Behaviour {
        let wanted = significant(dialled);
        let attempts = self
            .customers
            .iter()
            .find(|customer| significant(customer.number.e164()) == wanted)
            .map_or(&self.otherwise, |customer| &customer.attempts);
        attempts.get(nth).or(attempts.last()).cloned().unwrap_or(Behaviour::Vacant)
    }
}

/// The digits that tell Chinese numbers apart, however they were dialled.
pub(crate) fn significant(dialled: &str) -> String {
    let digits: String = dialled.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.strip_prefix("00").unwrap_or(&digits);
    let digits = if digits.len() > 11 { digits.strip_prefix("86").unwrap_or(digits) } else { digits };
    digits.strip_prefix('0').unwrap_or(digits).to_owned()
}

struct Rules<'a> {
    path: &'a Path,
    directory: &'a Path,
}

impl Rules<'_> {
    fn broken(&self, place: impl Into<String>, problem: impl Into<String>) -> ScriptError {
        ScriptError::Rule { path: self.path.to_owned(), place: place.into(), problem: problem.into() }
    }

    fn read_clips(
        &self,
        clips: &BTreeMap<String, PathBuf>,
    ) -> Result<BTreeMap<String, Arc<[i16]>>, ScriptError> {
        clips
            .iter()
            .map(|(name, file)| {
                read_clip(&self.directory.join(file))
                    .map(|sound| (name.clone(), sound))
                    .map_err(|problem| self.broken(format!("clips.{name}"), problem))
            })
            .collect()
    }

    fn check(&self, script: &Script) -> Result<(), ScriptError> {
        let mut seen = HashSet::new();
        for (index, customer) in script.customers.iter().enumerate() {
            let place = format!("customers[{index}] ({})", customer.number);
            if !seen.insert(&customer.number) {
                return Err(self.broken(place, "this number is listed twice; join the entries into one"));
            }
            if customer.attempts.is_empty() {
                return Err(self.broken(place, "no attempts; write at least one, such as `- busy`"));
            }
            self.check_attempts(script, &customer.attempts, &format!("{place}.attempts"))?;
        }
        self.check_attempts(script, &script.otherwise, "otherwise")
    }

    fn check_attempts(
        &self,
        script: &Script,
        attempts: &[Behaviour],
        place: &str,
    ) -> Result<(), ScriptError> {
        for (index, behaviour) in attempts.iter().enumerate() {
            if let Some(problem) = problem_of(behaviour, script) {
                return Err(self.broken(format!("{place}[{index}]"), problem));
            }
        }
        Ok(())
    }
}

fn problem_of(behaviour: &Behaviour, script: &Script) -> Option<String> {
    let unknown = |speech: &Speech| match speech {
        Speech::Clip(name) if !script.sounds.contains_key(name) => {
            Some(format!("`{name}` is neither a time span nor a clip; write `2s`, or add it under `clips`"))
        }
        _ => None,
    };
    match behaviour {
        Behaviour::Answer(answer) => answer.steps.iter().find_map(|step| match step {
            Step::Say(speech) => unknown(speech),
            _ => None,
        }),
        Behaviour::Fail(failure) if !(400..=699).contains(&failure.status) => {
            Some(format!("status {} is no failure; write one of 400 to 699", failure.status))
        }
        Behaviour::Fail(failure) => match failure.early_media.as_ref().map(|media| &media.hear) {
            Some(Heard::Announcement(speech)) => unknown(speech),
            _ => None,
        },
        _ => None,
    }
}

fn read_clip(path: &Path) -> Result<Arc<[i16]>, String> {
    let remedy = format!("make it with: sox IN -r 8000 -c 1 -b 16 {}", path.display());
    let mut reader =
        hound::WavReader::open(path).map_err(|e| format!("{}: {e}; {remedy}", path.display()))?;
    let spec = reader.spec();
    if (spec.channels, spec.sample_rate, spec.bits_per_sample) != (1, 8000, 16) {
        return Err(format!("{} is not 8 kHz, mono, 16 bit; {remedy}", path.display()));
    }
    let samples: Result<Vec<i16>, _> = reader.samples().collect();
    samples.map(Arc::from).map_err(|e| format!("{}: {e}; {remedy}", path.display()))
}
