//! The form of a plan: what people type, read as a plan's parts; and a preset, written as people would type it.

use std::collections::BTreeMap;
use std::fmt::Display;

use plan::Preset;
use records::{
    Audience, ContactRole, DayOfWeek, Firing, HourSpan, HourSpanError, Mode, Performer, Policy, Schedule,
    Segment, Windows,
};
use serde::Deserialize;
use serde_json::Value;

use super::plan_rules::{Given, Rules, apply, apply_to};
use crate::act::{PlanAsked, preset};
use crate::problem::Problem;

/// The form; times of day as `10:00-11:00, 14:00-16:00`.
#[derive(Deserialize)]
pub(crate) struct PlanForm {
    name: String,
    questionnaire: String,
    audience: String,
    #[serde(default)]
    class: String,
    #[serde(default)]
    branch: String,
    #[serde(default)]
    product: String,
    #[serde(default)]
    external_ids: String,
    spans: String,
    #[serde(default)]
    by_weekday: String,
    #[serde(default)]
    working_days_only: String,
    attempts: u32,
    priority: i16,
    #[serde(default)]
    preset: String,
    #[serde(default)]
    firings: String,
    #[serde(default)]
    roles: String,
    #[serde(default)]
    mode: String,
    #[serde(default)]
    by: String,
    /// The finer rules.
    #[serde(flatten)]
    rules: Given,
}

impl PlanForm {
    pub(super) fn into_asked(self) -> Result<PlanAsked, Problem> {
        let begin = if self.preset.is_empty() { None } else { Some(preset(&self.preset)?) };
        let mut policy =
            apply(begin.map_or_else(Policy::default, |preset| preset.policy.clone()), &self.rules)?;
        policy.windows = Windows {
            spans: spans(&self.spans)?,
            by_weekday: by_weekday(&self.by_weekday)?,
            working_days_only: !self.working_days_only.is_empty(),
            ..policy.windows
        };
        policy.retry.attempts = self.attempts;
        let schedule = begin.map_or_else(Schedule::default, |preset| preset.schedule.clone());
        let schedule = Schedule {
            firings: firings(&self.firings)?,
            roles: words(&self.roles).into_iter().map(ContactRole).collect(),
            mode: chosen::<Mode>("mode", &self.mode)?,
            carried_out_by: chosen::<Performer>("carried_out_by", &self.by)?,
            ..apply_to(schedule, &self.rules)?
        };
        Ok(PlanAsked {
            audience: self.audience()?,
            name: self.name,
            questionnaire: self.questionnaire,
            questionnaire_version: None,
            preset: None,
            policy: Some(policy),
            priority: Some(self.priority),
            schedule: Some(schedule),
        })
    }

    fn audience(&self) -> Result<Audience, Problem> {
        match self.audience.as_str() {
            "class" if self.class.trim().is_empty() => {
                Err(Problem::invalid("audience: name the class of customers"))
            }
            "class" => Ok(Audience::Class(self.class.trim().to_owned())),
            "segment" => Ok(Audience::Segment(Segment {
                classes: words(&self.class),
                branches: words(&self.branch),
                products: words(&self.product),
            })),
            "listed" => Ok(Audience::ExternalIds(words(&self.external_ids))),
            _ => Ok(Audience::Everyone),
        }
    }
}

/// What the form shows before anybody has typed.
pub(super) struct Filled {
    pub(super) preset: String,
    pub(super) about: BTreeMap<String, String>,
    pub(super) spans: String,
    pub(super) by_weekday: String,
    pub(super) working_days_only: bool,
    pub(super) attempts: u32,
    pub(super) priority: i16,
    pub(super) firings: String,
    pub(super) roles: String,
    pub(super) mode: &'static str,
    pub(super) by: &'static str,
    pub(super) rules: Rules,
}

impl Filled {
    /// A list, called once.
    pub(super) fn blank() -> Self {
        Self::of(&Policy::default(), &Schedule::default(), 0)
    }

    pub(super) fn about(&self, language: &str) -> &str {
        self.about.get(language).map_or("", String::as_str)
    }

    fn of(policy: &Policy, schedule: &Schedule, priority: i16) -> Self {
        let days = policy.windows.by_weekday.iter();
        let by_weekday = days.map(|(day, spans)| format!("{}={}", written(day), listed(spans)));
        Self {
            preset: String::new(),
            about: BTreeMap::new(),
            spans: listed(&policy.windows.spans),
            by_weekday: by_weekday.collect::<Vec<_>>().join("; "),
            working_days_only: policy.windows.working_days_only,
            attempts: policy.retry.attempts,
            priority,
            firings: lines(&schedule.firings),
            mode: schedule.mode.slug(),
            by: schedule.carried_out_by.slug(),
            rules: Rules::of(policy, schedule),
            roles: schedule.roles.iter().map(|role| role.0.as_str()).collect::<Vec<_>>().join(", "),
        }
    }
}

impl From<&Preset> for Filled {
    fn from(preset: &Preset) -> Self {
        let filled = Self::of(&preset.policy, &preset.schedule, preset.priority);
        Self { preset: preset.id.clone(), about: preset.about.clone(), ..filled }
    }
}

/// One line a firing, which YAML reads again.
pub(super) fn lines(firings: &[Firing]) -> String {
    let line = |firing: &Firing| serde_json::to_string(firing).map(|text| format!("- {text}"));
    firings.iter().filter_map(|firing| line(firing).ok()).collect::<Vec<_>>().join("\n")
}

fn firings(text: &str) -> Result<Vec<Firing>, Problem> {
    if text.trim().is_empty() {
        return Ok(vec![]);
    }
    serde_saphyr::from_str(text).map_err(|error| Problem::invalid(format!("schedule.firings: {error}")))
}

/// A word of a closed list; its first where nothing was chosen.
fn chosen<T: Default + serde::de::DeserializeOwned>(field: &str, text: &str) -> Result<T, Problem> {
    if text.is_empty() {
        return Ok(T::default());
    }
    serde_json::from_value(Value::String(text.to_owned()))
        .map_err(|error| Problem::invalid(format!("{field}: {error}")))
}

fn written<T: serde::Serialize>(word: &T) -> String {
    serde_json::to_value(word).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

fn listed(spans: &[HourSpan]) -> String {
    spans.iter().map(|span| String::from(*span)).collect::<Vec<_>>().join(", ")
}

fn words(text: &str) -> Vec<String> {
    let between = |c: char| c.is_whitespace() || [',', '，', ';', '；', '、'].contains(&c);
    text.split(between).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn plain(text: &str) -> String {
    text.replace(['–', '—', '～', '~'], "-").replace('：', ":").replace('；', ";").replace('＝', "=")
}

fn some_spans(text: &str) -> Result<Vec<HourSpan>, Problem> {
    let read = |word: String| HourSpan::try_from(word).map_err(|error: HourSpanError| invalid(&error));
    words(&plain(text)).into_iter().map(read).collect()
}

fn spans(text: &str) -> Result<Vec<HourSpan>, Problem> {
    match some_spans(text)? {
        spans if spans.is_empty() => Err(Problem::invalid("windows: name at least one, such as 10:00-11:00")),
        spans => Ok(spans),
    }
}

/// `sat=10:00-12:00; sun=`: on Sundays never.
fn by_weekday(text: &str) -> Result<BTreeMap<DayOfWeek, Vec<HourSpan>>, Problem> {
    let text = plain(text);
    let days = text.split(';').map(str::trim).filter(|day| !day.is_empty());
    days.map(|day| {
        let (name, spans) = day.split_once('=').ok_or_else(|| {
            Problem::invalid(format!("windows.by_weekday: \"{day}\": write it as sat=10:00-12:00; sun="))
        })?;
        let name: DayOfWeek =
            serde_json::from_value(Value::String(name.trim().to_owned())).map_err(|_| {
                Problem::invalid(format!(
                    "windows.by_weekday: \"{name}\" is no day: use mon, tue, wed, thu, fri, sat, sun"
                ))
            })?;
        Ok((name, some_spans(spans)?))
    })
    .collect()
}

fn invalid(error: &impl Display) -> Problem {
    Problem::invalid(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_read_as_people_type_them() {
        let read = |text: &str| listed(&spans(text).unwrap());
        assert_eq!(read("10:00-11:00, 14:00-16:00"), "10:00-11:00, 14:00-16:00");
        assert_eq!(read("10：00～11：00、14:00–16:00"), "10:00-11:00, 14:00-16:00");
        assert_eq!(read("22:00-02:00+1"), "22:00-02:00+1");
        for broken in ["", " , ", "11:00-10:00", "22:00-02:00", "morning"] {
            assert!(spans(broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn days_of_the_week_are_read_as_people_type_them() {
        let read = by_weekday("sat=10:00-12:00, 14:00-15:00；sun=").unwrap();
        assert_eq!(read[&DayOfWeek::Sat].len(), 2);
        assert!(read[&DayOfWeek::Sun].is_empty());
        for broken in ["sat", "someday=10:00-11:00", "sat=noon"] {
            assert!(by_weekday(broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn every_preset_is_read_back_as_it_was_shown() {
        for preset in plan::presets() {
            let filled = Filled::from(preset);
            assert_eq!(firings(&filled.firings).unwrap(), preset.schedule.firings, "{}", preset.id);
            assert_eq!(spans(&filled.spans).unwrap(), preset.policy.windows.spans, "{}", preset.id);
        }
    }
}
