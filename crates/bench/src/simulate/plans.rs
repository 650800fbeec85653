//! The plans of a simulated year: shipped presets, each for everybody.

use chrono::NaiveDate;
use records::{Audience, Ladder, NewPlan, Schedule};
use sha2::{Digest as _, Sha256};

use super::SimulateError;

/// What every plan asks; nobody reads it here.
pub(super) const QUESTIONNAIRE: &str = "simulated";

/// A preset as a plan that ends with the year. The life insurer's walks the whole ladder of its own rules (L12–L14).
pub(super) fn plan(id: &str, from: NaiveDate, to: NaiveDate) -> Result<NewPlan, SimulateError> {
    let preset = plan::presets().iter().find(|preset| preset.id == id);
    let preset = preset.ok_or_else(|| SimulateError::NoPreset(id.to_owned()))?.clone();
    let mut policy = preset.policy;
    if preset.code == "L" {
        policy.ladder = Ladder::full();
    }
    let mut schedule = Schedule { since: Some(from), ..preset.schedule };
    for firing in &mut schedule.firings {
        firing.until.on = Some(to);
    }
    Ok(NewPlan {
        name: id.to_owned(),
        questionnaire: QUESTIONNAIRE.to_owned(),
        questionnaire_version: version(),
        audience: Audience::Everyone,
        policy,
        priority: preset.priority,
        schedule,
    })
}

/// Of the questionnaire's text.
pub(super) fn version() -> String {
    hex::encode(Sha256::digest(QUESTIONNAIRE.as_bytes()))
}
