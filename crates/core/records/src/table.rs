//! What follows each reason: the table of domain section 4 as data of a plan's policy.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::policy::seconds;
use crate::{NextTry, Reason};

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ReasonRule {
    pub next: NextTry,
    /// Tries allowed in a round that ended so at last; none: as many as the round has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tries: Option<u32>,
    /// How long to wait, instead of the figure the policy has for `next`.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "seconds::maybe")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<f64>))]
    pub wait: Option<Duration>,
}

/// A rule for every reason. Read from JSON, the rows that are given replace those of the shipped table; written, all are
/// there, so that a plan keeps the table it was approved with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReasonTable([ReasonRule; Reason::ALL.len()]);

impl ReasonTable {
    /// The row of a reason.
    pub fn of(&self, reason: Reason) -> ReasonRule {
        self.0[reason as usize]
    }

    /// Changes a row.
    pub fn set(&mut self, reason: Reason, rule: ReasonRule) {
        self.0[reason as usize] = rule;
    }
}

impl Default for ReasonTable {
    fn default() -> Self {
        let mut next = Reason::ALL.iter().map(|reason| reason.next_try());
        Self(std::array::from_fn(|_| ReasonRule {
            next: next.next().unwrap_or(NextTry::Nothing),
            tries: None,
            wait: None,
        }))
    }
}

impl Serialize for ReasonTable {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(Reason::ALL.iter().map(|reason| (reason, self.of(*reason))))
    }
}

impl<'de> Deserialize<'de> for ReasonTable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut table = Self::default();
        for (reason, rule) in BTreeMap::<Reason, ReasonRule>::deserialize(deserializer)? {
            table.set(reason, rule);
        }
        Ok(table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_table_is_the_vocabularys() {
        let table = ReasonTable::default();
        for reason in Reason::ALL {
            assert_eq!(table.of(*reason).next, reason.next_try(), "{reason}");
        }
    }

    #[test]
    fn a_plan_changes_the_rows_it_names_and_keeps_the_others() {
        let json =
            r#"{"busy":{"next":"other_day"},"suspended":{"next":"days_later","wait":604800,"tries":2}}"#;
        let table: ReasonTable = serde_json::from_str(json).unwrap();
        assert_eq!(table.of(Reason::Busy), ReasonRule { next: NextTry::OtherDay, tries: None, wait: None });
        assert_eq!(table.of(Reason::Suspended).wait, Some(Duration::from_secs(7 * 24 * 3600)));
        assert_eq!(table.of(Reason::Suspended).tries, Some(2));
        assert_eq!(table.of(Reason::NoAnswer), ReasonTable::default().of(Reason::NoAnswer));
        let written = serde_json::to_string(&table).unwrap();
        assert_eq!(serde_json::from_str::<ReasonTable>(&written).unwrap(), table);
        assert!(written.contains("no_answer"), "{written}");
    }

    #[test]
    fn unknown_reasons_and_keys_are_refused_by_name() {
        for (json, part) in [
            (r#"{"gone":{"next":"other_day"}}"#, "gone"),
            (r#"{"busy":{"next":"later"}}"#, "later"),
            (r#"{"busy":{"next":"other_day","day":1}}"#, "day"),
        ] {
            let error = serde_json::from_str::<ReasonTable>(json).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
