//! The console's words: one table a language, Chinese first.

use std::collections::HashMap;
use std::sync::LazyLock;

use axum::http::{HeaderMap, header};
use axum_extra::extract::CookieJar;

/// Cookie that remembers the language chosen.
pub(crate) const LANGUAGE_COOKIE: &str = "huifang_language";

/// A language of the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    Zh,
    En,
}

impl Lang {
    /// The BCP 47 tag for `<html lang>`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }

    /// As [`Self::named`] takes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
        }
    }

    /// `zh` or `en`.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "zh" => Some(Self::Zh),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// The one chosen by cookie, else what the browser prefers, else Chinese.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let chosen =
            CookieJar::from_headers(headers).get(LANGUAGE_COOKIE).and_then(|c| Self::named(c.value()));
        chosen.or_else(|| preferred(headers)).unwrap_or(Self::Zh)
    }

    /// The text under a key such as `plans.title`; `None` where the table lacks it.
    pub fn text(self, key: &str) -> Option<&'static str> {
        static ZH: LazyLock<Table> = LazyLock::new(|| table(include_str!("../texts/zh.toml")));
        static EN: LazyLock<Table> = LazyLock::new(|| table(include_str!("../texts/en.toml")));
        match self {
            Self::Zh => ZH.get(key),
            Self::En => EN.get(key),
        }
        .map(String::as_str)
    }
}

type Table = HashMap<String, String>;

/// Sections become the first part of the key. A table that cannot be read is empty; a test sees to it.
fn table(source: &str) -> Table {
    let sections: HashMap<String, Table> = toml::from_str(source).unwrap_or_default();
    let flat = |(section, texts): (String, Table)| {
        texts.into_iter().map(move |(key, text)| (format!("{section}.{key}"), text))
    };
    sections.into_iter().flat_map(flat).collect()
}

/// By the order and weights of `Accept-Language`.
fn preferred(headers: &HeaderMap) -> Option<Lang> {
    let accepted = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    let mut best: Option<(f32, Lang)> = None;
    for item in accepted.split(',') {
        let (tag, weight) =
            item.split_once(";q=").map_or((item, 1.0), |(t, q)| (t, q.trim().parse().unwrap_or(0.0)));
        let Some(lang) = Lang::named(tag.trim().split('-').next().unwrap_or_default()) else { continue };
        if weight > best.map_or(0.0, |(w, _)| w) {
            best = Some((weight, lang));
        }
    }
    best.map(|(_, lang)| lang)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use ports::TrunkWord;
    use records::{AlarmName, CallbackState, PlanState, Reason, Role, TaskState};

    use super::*;

    fn keys(source: &str) -> BTreeSet<String> {
        let _: toml::Table = toml::from_str(source).unwrap();
        table(source).into_keys().collect()
    }

    #[test]
    fn both_languages_have_the_same_keys_and_no_empty_text() {
        let (zh, en) = (keys(include_str!("../texts/zh.toml")), keys(include_str!("../texts/en.toml")));
        assert_eq!(zh.difference(&en).collect::<Vec<_>>(), Vec::<&String>::new(), "only in zh");
        assert_eq!(en.difference(&zh).collect::<Vec<_>>(), Vec::<&String>::new(), "only in en");
        for key in &zh {
            for lang in [Lang::Zh, Lang::En] {
                assert!(!lang.text(key).unwrap().trim().is_empty(), "{key}");
            }
        }
    }

    #[test]
    fn every_key_that_pages_use_is_there() {
        let mut used = BTreeSet::new();
        for folder in ["templates", "src/console"] {
            for file in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap() {
                let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
                used.extend(
                    text.split(".t(\"")
                        .skip(1)
                        .filter_map(|rest| rest.split_once('"'))
                        .map(|(k, _)| k.to_owned()),
                );
            }
        }
        assert!(used.len() > 50, "the scan found {} keys only", used.len());
        for key in used {
            assert!(Lang::Zh.text(&key).is_some(), "{key} is used and not in the tables");
        }
    }

    #[test]
    fn every_word_of_the_business_has_a_label() {
        let reasons = Reason::ALL.iter().map(|r| format!("reason.{r}"));
        let directions = records::Direction::ALL.iter().map(|d| format!("direction.{}", d.slug()));
        let roles = Role::ALL.iter().map(|r| format!("role.{r}"));
        let tasks = TaskState::ALL.map(|s| format!("task.{}", s.slug()));
        let plans = [
            PlanState::Draft,
            PlanState::Approved,
            PlanState::Running,
            PlanState::Paused,
            PlanState::Stopped,
        ]
        .map(|s| format!("plan.{}", s.slug()));
        let items = [CallbackState::Open, CallbackState::Taken, CallbackState::Done]
            .map(|s| format!("callback.{}", s.slug()));
        let causes = ["exhausted", "flagged", "person_asked", "unknown", "reconfirm_number"]
            .map(|c| format!("cause.{c}"));
        let trunks =
            [TrunkWord::Unknown, TrunkWord::Up, TrunkWord::Down, TrunkWord::Refused, TrunkWord::Resting]
                .map(|word| format!("trunk.{}", word.slug()));
        let steps = records::StepKind::ALL.iter().map(|kind| format!("step.{}", kind.slug()));
        let step_states = records::StepState::ALL.iter().map(|state| format!("step_state.{}", state.slug()));
        let step_outcomes =
            records::StepOutcome::ALL.iter().map(|outcome| format!("step_outcome.{}", outcome.slug()));
        let alarms = AlarmName::ALL.map(|name| format!("alarm.{}", name.slug()));
        let problems = crate::problem::KINDS.iter().map(|(kind, ..)| format!("problem.{kind}"));
        let house = trunks.into_iter().chain(alarms).chain(directions);
        for key in reasons
            .chain(roles)
            .chain(house)
            .chain(steps)
            .chain(step_states)
            .chain(step_outcomes)
            .chain(tasks)
            .chain(plans)
            .chain(items)
            .chain(causes)
            .chain(problems)
        {
            assert!(Lang::Zh.text(&key).is_some() && Lang::En.text(&key).is_some(), "{key}");
        }
        for reason in Reason::ALL {
            assert_eq!(Lang::Zh.text(&format!("reason.{reason}")), Some(reason.zh()));
        }
    }

    #[test]
    fn the_browser_s_preference_counts_unless_a_language_was_chosen() {
        for (accepted, cookie, expected) in [
            ("", "", Lang::Zh),
            ("en-GB,en;q=0.9,zh;q=0.5", "", Lang::En),
            ("fr,zh-CN;q=0.8,en;q=0.9", "", Lang::En),
            ("fr", "", Lang::Zh),
            ("en;q=0", "", Lang::Zh),
            ("en", "huifang_language=zh", Lang::Zh),
            ("zh", "huifang_language=en", Lang::En),
            ("en", "huifang_language=xx", Lang::En),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, accepted.parse().unwrap());
            headers.insert(header::COOKIE, cookie.parse().unwrap());
            assert_eq!(Lang::of(&headers), expected, "{accepted} {cookie}");
        }
    }
}
