//! The finer rules of a plan, written as people type them and read again: figures, caps, ladder, and what follows a
//! reason. What a form leaves out stays as the preset has it.

use std::collections::BTreeMap;
use std::time::Duration;

use records::{Cap, HourSpan, Ladder, Policy, Reason, ReasonRule, ReasonTable, Rung, Schedule};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::problem::Problem;

/// Fields of the form by name, as they were sent.
pub(super) type Given = BTreeMap<String, String>;

/// How a figure is written.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Count,
    /// `20s`, `5m`, `2h`, `1d`.
    Length,
    /// As [`Kind::Length`], or nothing.
    Perhaps,
    /// Per cent of a whole: `90%` for 0.9.
    Share,
}

/// The form's field, and the figure's place in the policy.
const FIGURES: [(&str, &str, Kind); 26] = [
    ("per_day", "/retry/per_day", Kind::Count),
    ("gap", "/retry/gap", Kind::Perhaps),
    ("half_days", "/retry/half_days", Kind::Count),
    ("rejected_attempts", "/retry/rejected_attempts", Kind::Count),
    ("slot", "/retry/slot", Kind::Length),
    ("soon", "/retry/soon", Kind::Length),
    ("soon_retries", "/retry/soon_retries", Kind::Count),
    ("other_day", "/retry/other_day", Kind::Length),
    ("days_later", "/retry/days_later", Kind::Length),
    ("later_today", "/retry/later_today", Kind::Length),
    ("line_retry", "/retry/line_retry", Kind::Length),
    ("ring_time", "/call/ring_time", Kind::Length),
    ("setup_limit", "/call/setup_limit", Kind::Length),
    ("hang_up_grace", "/call/hang_up_grace", Kind::Length),
    ("longest_call", "/call/longest_call", Kind::Length),
    ("no_media", "/call/no_media", Kind::Length),
    ("believe", "/call/hearing/believe", Kind::Count),
    ("sure", "/call/hearing/sure", Kind::Count),
    ("urgent_due", "/callback/urgent_due", Kind::Length),
    ("due_working_days", "/callback/due_working_days", Kind::Count),
    ("coverage_goal", "/watch/coverage_goal", Kind::Share),
    ("visits_and_letters", "/watch/visits_and_letters", Kind::Share),
    ("near", "/watch/near", Kind::Share),
    ("overdue", "/watch/overdue", Kind::Count),
    ("overdue_soon", "/watch/soon", Kind::Length),
    ("least", "/watch/least", Kind::Count),
];

/// Choices among words: field, place in the policy, words.
const CHOICES: [(&str, &str, [&str; 2]); 3] = [
    ("key_tones", "/call/key_tones", ["kept", "masked"]),
    ("machine", "/call/hearing/machine", ["go_on", "hang_up"]),
    ("after_deadline", "/retry/after_deadline", ["false", "true"]),
];

/// One choice as the form shows it.
pub(super) struct Choice {
    pub(super) name: &'static str,
    pub(super) words: [&'static str; 2],
    pub(super) chosen: &'static str,
}

/// The rules as the form and the plan's page show them.
pub(super) struct Rules {
    /// Field and text.
    pub(super) figures: Vec<(&'static str, String)>,
    pub(super) choices: Vec<Choice>,
    pub(super) outer: String,
    pub(super) caps_customer: String,
    pub(super) caps_number: String,
    pub(super) ladder: String,
    /// Reasons whose row is not the vocabulary's.
    pub(super) reasons: String,
    pub(super) since: String,
    pub(super) by_class: String,
}

impl Rules {
    pub(super) fn of(policy: &Policy, schedule: &Schedule) -> Self {
        let written = json!(policy);
        let figure = |(name, place, kind): &(&'static str, &str, Kind)| {
            let value = written.pointer(place).cloned().unwrap_or_default();
            let text = match (kind, value.as_f64()) {
                (_, None) => String::new(),
                (Kind::Count, Some(count)) => count.to_string(),
                (Kind::Length | Kind::Perhaps, Some(seconds)) => length(seconds),
                (Kind::Share, Some(share)) => per_cent(share),
            };
            (*name, text)
        };
        let choice = |(name, place, words): &(&'static str, &str, [&'static str; 2])| {
            let value = written.pointer(place).map(word).unwrap_or_default();
            let chosen = words.iter().copied().find(|one| *one == value).unwrap_or(words[0]);
            Choice { name, words: *words, chosen }
        };
        let classes = schedule.priority_by_class.iter();
        Self {
            figures: FIGURES.iter().map(figure).collect(),
            choices: CHOICES.iter().map(choice).collect(),
            outer: policy.windows.outer.into(),
            caps_customer: caps(&policy.caps.customer),
            caps_number: caps(&policy.caps.number),
            ladder: rungs(&policy.ladder),
            reasons: rows(&policy.retry.reasons),
            since: schedule.since.map(|day| day.to_string()).unwrap_or_default(),
            by_class: classes.map(|(class, more)| format!("{class}={more}")).collect::<Vec<_>>().join("; "),
        }
    }
}

/// Changes what was given.
pub(super) fn apply(mut policy: Policy, given: &Given) -> Result<Policy, Problem> {
    let mut written = json!(policy);
    let mut set = |name: &str, place: &str, value: Value| {
        if let Some(at) = written.pointer_mut(place) {
            *at = value;
        } else if let (Some((parent, last)), false) = (place.rsplit_once('/'), value.is_null())
            && let Some(Value::Object(fields)) = written.pointer_mut(parent)
        {
            fields.insert(last.to_owned(), value);
        }
        Policy::deserialize(&written).map_err(|error| Problem::invalid(format!("{name}: {error}")))
    };
    for (name, place, kind) in FIGURES {
        if let Some(text) = given.get(name) {
            policy = set(name, place, figure(name, text.trim(), kind)?)?;
        }
    }
    for (name, place, words) in CHOICES {
        if let Some(text) = given.get(name).filter(|text| words.contains(&text.as_str())) {
            policy = set(name, place, serde_json::from_str(text).unwrap_or_else(|_| json!(text)))?;
        }
    }
    let text = |name: &str| given.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
    if let Some(text) = text("outer") {
        policy.windows.outer = HourSpan::try_from(text.to_owned())
            .map_err(|error| Problem::invalid(format!("windows.outer: {error}")))?;
    }
    if let Some(text) = given.get("caps_customer") {
        policy.caps.customer = read_caps("caps.customer", text)?;
    }
    if let Some(text) = given.get("caps_number") {
        policy.caps.number = read_caps("caps.number", text)?;
    }
    if let Some(text) = text("ladder") {
        policy.ladder = read_rungs(text)?;
    }
    if let Some(text) = given.get("reasons") {
        policy.retry.reasons = read_rows(text)?;
    }
    Ok(policy)
}

/// Changes what was given of the schedule.
pub(super) fn apply_to(mut schedule: Schedule, given: &Given) -> Result<Schedule, Problem> {
    if let Some(text) = given.get("since").map(|text| text.trim()) {
        let day =
            || text.parse().map_err(|_| Problem::invalid("schedule.since: write the day as 2026-11-02"));
        schedule.since = if text.is_empty() { None } else { Some(day()?) };
    }
    if let Some(text) = given.get("by_class") {
        let classes = parts(text).map(|part| {
            let read = part
                .split_once('=')
                .and_then(|(class, more)| Some((class.trim(), more.trim().parse().ok()?)));
            read.map(|(class, more): (&str, i16)| (class.to_owned(), more)).ok_or_else(|| {
                Problem::invalid(format!("priority_by_class: \"{part}\": write it as vip=10; a=5"))
            })
        });
        schedule.priority_by_class = classes.collect::<Result<_, _>>()?;
    }
    Ok(schedule)
}

fn figure(name: &str, text: &str, kind: Kind) -> Result<Value, Problem> {
    let wrong = |form: &str| Problem::invalid(format!("{name}: \"{text}\": {form}"));
    match kind {
        Kind::Perhaps if text.is_empty() => Ok(Value::Null),
        Kind::Count => text.parse::<u32>().map(Value::from).map_err(|_| wrong("give a whole number")),
        Kind::Share => read_per_cent(text).map(Value::from).ok_or_else(|| wrong("write a share as 90%")),
        Kind::Length | Kind::Perhaps => read_length(text).map(Value::from).ok_or_else(|| wrong(LENGTHS)),
    }
}

/// A share as `12.5%`, to the millionth.
fn per_cent(share: f64) -> String {
    let text = format!("{:.4}", share * 100.0);
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

fn read_per_cent(text: &str) -> Option<f64> {
    let share: f64 = text.strip_suffix(['%', '％'])?.trim().parse().ok()?;
    (0.0..=100.0).contains(&share).then_some(share / 100.0)
}

const LENGTHS: &str = "write a time as 20s, 5m, 2h or 1d";
const UNITS: [(&str, f64); 4] = [("d", 86_400.0), ("h", 3_600.0), ("m", 60.0), ("s", 1.0)];

/// Seconds as `2h`, in the largest unit that is whole.
fn length(seconds: f64) -> String {
    let whole = UNITS.iter().find(|(_, unit)| seconds > 0.0 && seconds % unit == 0.0);
    whole.map_or_else(|| format!("{seconds}s"), |(name, unit)| format!("{}{name}", seconds / unit))
}

fn read_length(text: &str) -> Option<f64> {
    let (name, unit) = UNITS.iter().find(|(name, _)| text.ends_with(name))?;
    let count: f64 = text.strip_suffix(name)?.trim().parse().ok()?;
    (count.is_finite() && count >= 0.0).then_some(count * unit)
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', '，', ';', '；', '、', '\n']).map(str::trim).filter(|part| !part.is_empty())
}

/// `8/1d, 20/7d`: at most eight within any day, twenty within any seven.
fn caps(caps: &[Cap]) -> String {
    let cap = |cap: &Cap| format!("{}/{}", cap.attempts, length(cap.within.as_secs_f64()));
    caps.iter().map(cap).collect::<Vec<_>>().join(", ")
}

fn read_caps(field: &str, text: &str) -> Result<Vec<Cap>, Problem> {
    let read = |part: &str| {
        let (attempts, within) = part.split_once('/')?;
        let within = Duration::try_from_secs_f64(read_length(within.trim())?).ok()?;
        Some(Cap { attempts: attempts.trim().parse().ok().filter(|count| *count > 0)?, within })
    };
    let wrong = |part| Problem::invalid(format!("{field}: \"{part}\": write it as 8/1d, 20/7d"));
    parts(text).map(|part| read(part).ok_or_else(|| wrong(part))).collect()
}

/// `phone, reconfirm 7d, callback, letter 30d`.
fn rungs(ladder: &Ladder) -> String {
    let rung = |rung: &Rung| match rung.within {
        None => rung.step.slug().to_owned(),
        Some(within) => format!("{} {}", rung.step.slug(), length(within.as_secs_f64())),
    };
    ladder.0.iter().map(rung).collect::<Vec<_>>().join(", ")
}

fn read_rungs(text: &str) -> Result<Ladder, Problem> {
    let read = |part: &str| {
        let mut words = part.split_whitespace();
        let step = words.next()?.parse().ok()?;
        let within = match words.next() {
            None => None,
            Some(text) => Some(Duration::try_from_secs_f64(read_length(text)?).ok()?),
        };
        words.next().is_none().then_some(Rung { step, within })
    };
    let steps =
        "phone, reconfirm, callback, message, visit, letter, each with its longest time such as 7d behind it";
    let wrong = |part| Problem::invalid(format!("ladder: \"{part}\": write steps as {steps}"));
    parts(text).map(|part| read(part).ok_or_else(|| wrong(part))).collect::<Result<_, _>>().map(Ladder)
}

/// The rows that are not the vocabulary's, one a line, which YAML reads again.
fn rows(table: &ReasonTable) -> String {
    let shipped = ReasonTable::default();
    let changed = Reason::ALL.iter().filter(|reason| table.of(**reason) != shipped.of(**reason));
    let row = |reason: &Reason| {
        let rule: ReasonRule = table.of(*reason);
        serde_json::to_string(&rule).map(|rule| format!("{reason}: {rule}")).ok()
    };
    changed.filter_map(row).collect::<Vec<_>>().join("\n")
}

fn read_rows(text: &str) -> Result<ReasonTable, Problem> {
    if text.trim().is_empty() {
        return Ok(ReasonTable::default());
    }
    serde_saphyr::from_str(text).map_err(|error| Problem::invalid(format!("retry.reasons: {error}")))
}

fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(rules: &Rules) -> Given {
        let figures = rules.figures.iter().map(|(name, text)| ((*name).to_owned(), text.clone()));
        let choices = rules.choices.iter().map(|choice| (choice.name.to_owned(), choice.chosen.to_owned()));
        let texts = [
            ("outer", &rules.outer),
            ("caps_customer", &rules.caps_customer),
            ("caps_number", &rules.caps_number),
            ("ladder", &rules.ladder),
            ("reasons", &rules.reasons),
            ("since", &rules.since),
            ("by_class", &rules.by_class),
        ];
        figures.chain(choices).chain(texts.map(|(name, text)| (name.to_owned(), text.clone()))).collect()
    }

    #[test]
    fn every_preset_is_read_back_as_it_was_shown() {
        for preset in plan::presets() {
            let given = given(&Rules::of(&preset.policy, &preset.schedule));
            assert_eq!(apply(Policy::default(), &given).unwrap().retry, preset.policy.retry, "{}", preset.id);
            let read = apply(preset.policy.clone(), &given).unwrap();
            assert_eq!(read, preset.policy, "{}", preset.id);
            assert_eq!(apply_to(preset.schedule.clone(), &given).unwrap(), preset.schedule, "{}", preset.id);
        }
    }

    #[test]
    fn every_field_changes_what_it_names() {
        let all = [
            ("per_day", "2", "/retry/per_day", json!(2)),
            ("gap", "90m", "/retry/gap", json!(5400.0)),
            ("ring_time", "25s", "/call/ring_time", json!(25.0)),
            ("urgent_due", "2h", "/callback/urgent_due", json!(7200.0)),
            ("coverage_goal", "99.5%", "/watch/coverage_goal", json!(0.995)),
            ("visits_and_letters", "7%", "/watch/visits_and_letters", json!(0.07)),
            ("near", "75 ％", "/watch/near", json!(0.75)),
            ("overdue", "5", "/watch/overdue", json!(5)),
            ("overdue_soon", "3d", "/watch/soon", json!(259_200.0)),
            ("least", "50", "/watch/least", json!(50)),
            ("key_tones", "masked", "/call/key_tones", json!("masked")),
            ("machine", "hang_up", "/call/hearing/machine", json!("hang_up")),
            ("after_deadline", "true", "/retry/after_deadline", json!(true)),
            ("outer", "09:00-20:00", "/windows/outer", json!("09:00-20:00")),
            ("caps_number", "3/1d，9/30d", "/caps/number/1", json!({"attempts": 9, "within": 2_592_000.0})),
            ("ladder", "phone, letter 30d", "/ladder/1", json!({"step": "letter", "within": 2_592_000.0})),
            ("reasons", "busy: {next: other_slot, tries: 1}", "/retry/reasons/busy/tries", json!(1)),
        ];
        for (field, text, place, expected) in all {
            let given = Given::from([(field.to_owned(), text.to_owned())]);
            let policy =
                apply(Policy::default(), &given).unwrap_or_else(|why| panic!("{field}: {}", why.detail));
            assert_eq!(json!(policy).pointer(place), Some(&expected), "{field}");
            assert_ne!(policy, Policy::default(), "{field}");
        }
        let none = Given::from([("gap".to_owned(), String::new())]);
        assert_eq!(apply(Policy::default(), &none).unwrap().retry.gap, None);
        let given = Given::from(
            [("since", "2026-12-01"), ("by_class", "vip=10; a=-5")]
                .map(|(k, v)| (k.to_owned(), v.to_owned())),
        );
        let schedule = apply_to(Schedule::default(), &given).unwrap();
        assert_eq!(schedule.since.unwrap().to_string(), "2026-12-01");
        assert_eq!((schedule.priority_by_class["vip"], schedule.priority_by_class["a"]), (10, -5));
    }

    #[test]
    fn what_cannot_be_read_is_named_with_its_form() {
        for (field, text, remedy) in [
            ("per_day", "some", "per_day"),
            ("ring_time", "20", "20s, 5m, 2h or 1d"),
            ("slot", "", "20s, 5m"),
            ("coverage_goal", "0.9", "90%"),
            ("near", "120%", "90%"),
            ("caps_customer", "8", "8/1d"),
            ("caps_number", "0/1d", "8/1d"),
            ("ladder", "phone, pigeon", "reconfirm"),
            ("outer", "late", "windows.outer"),
            ("reasons", "busy: soon", "retry.reasons"),
            ("reasons", "bored: {next: person}", "retry.reasons"),
        ] {
            let given = Given::from([(field.to_owned(), text.to_owned())]);
            let why = apply(Policy::default(), &given).unwrap_err().detail;
            assert!(why.contains(remedy), "{field}={text}: {why}");
        }
    }
}
