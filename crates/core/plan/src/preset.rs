//! Plans to begin with: the cadences of the sources W, L, G, E, S, C, H and B, each figure with the rule it comes from.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use records::{Policy, Schedule};
use serde::{Deserialize, Serialize};

/// A plan to begin with: everything but its name, its questionnaire and its audience.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// Its file's name, such as `w-signed`.
    #[serde(default)]
    pub id: String,
    /// Whose rules: `W`, `L`, `G`, `E`, `S`, `C`, `H`, `B`.
    pub code: String,
    /// By language.
    pub title: BTreeMap<String, String>,
    /// One or two sentences, by language.
    pub about: BTreeMap<String, String>,
    pub priority: i16,
    #[serde(default)]
    pub policy: Policy,
    pub schedule: Schedule,
    /// The rule of each figure, by the figure's place: `policy.retry.attempts`, `firings[0].within`.
    pub cites: BTreeMap<String, String>,
}

const FILES: [(&str, &str); 12] = [
    ("w-signed", include_str!("../presets/w-signed.yaml")),
    ("w-yearly", include_str!("../presets/w-yearly.yaml")),
    ("w-events", include_str!("../presets/w-events.yaml")),
    ("l-delivered", include_str!("../presets/l-delivered.yaml")),
    ("l-events", include_str!("../presets/l-events.yaml")),
    ("g-quarterly", include_str!("../presets/g-quarterly.yaml")),
    ("e-power-on", include_str!("../presets/e-power-on.yaml")),
    ("e-complaint", include_str!("../presets/e-complaint.yaml")),
    ("s-installed", include_str!("../presets/s-installed.yaml")),
    ("c-complaint", include_str!("../presets/c-complaint.yaml")),
    ("h-repair", include_str!("../presets/h-repair.yaml")),
    ("b-classes", include_str!("../presets/b-classes.yaml")),
];

/// All presets, in the order they are offered.
pub fn presets() -> &'static [Preset] {
    static PRESETS: LazyLock<Vec<Preset>> = LazyLock::new(|| {
        FILES.iter().map(|(id, text)| read(id, text).expect("a test reads every preset")).collect()
    });
    &PRESETS
}

fn read(id: &str, text: &str) -> Result<Preset, serde_saphyr::Error> {
    let preset: Preset = serde_saphyr::from_str(text)?;
    let schedule = Schedule { preset: Some(id.to_owned()), ..preset.schedule };
    Ok(Preset { id: id.to_owned(), schedule, ..preset })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;
    use crate::{check, check_schedule};

    #[test]
    fn every_preset_can_be_carried_out() {
        for (id, text) in FILES {
            let preset = read(id, text).unwrap_or_else(|error| panic!("{id}: {error}"));
            assert_eq!(check_schedule(&preset.schedule), [], "{id}");
            assert_eq!(check(&preset.policy), Ok(vec![]), "{id}");
            for words in [&preset.title, &preset.about] {
                assert!(["zh", "en"].iter().all(|language| words.contains_key(*language)), "{id}");
            }
        }
    }

    #[test]
    fn every_source_has_its_preset() {
        let codes: BTreeSet<&str> = presets().iter().map(|preset| preset.code.as_str()).collect();
        assert_eq!(codes, ["B", "C", "E", "G", "H", "L", "S", "W"].into());
    }

    /// What is written in the file, and only that, is cited: a figure without a rule cannot slip in.
    #[test]
    fn every_figure_written_cites_its_rule() {
        for (id, text) in FILES {
            let file: Value = serde_saphyr::from_str(text).unwrap();
            let mut figures = BTreeSet::from(["priority".to_owned()]);
            for (section, given) in file["policy"].as_object().unwrap() {
                figures
                    .extend(given.as_object().unwrap().keys().map(|key| format!("policy.{section}.{key}")));
            }
            for (key, given) in file["schedule"].as_object().unwrap() {
                match given.as_array().filter(|_| key == "firings") {
                    None => _ = figures.insert(key.clone()),
                    Some(firings) => figures.extend(firings.iter().enumerate().flat_map(|(at, firing)| {
                        let keys = firing.as_object().unwrap().keys();
                        let named = keys.filter(|key| !["name", "on", "rule"].contains(&key.as_str()));
                        named.map(move |key| format!("firings[{at}].{key}"))
                    })),
                }
            }
            let preset = read(id, text).unwrap();
            assert_eq!(preset.cites.keys().cloned().collect::<BTreeSet<_>>(), figures, "{id}");
            let rules =
                preset.cites.values().chain(preset.schedule.firings.iter().map(|firing| &firing.rule));
            for rule in rules {
                assert!("WLTGESCHB".contains(rule.chars().next().unwrap()), "{id}: {rule}");
            }
        }
    }
}
