//! How far the plans are: counted about once a minute, told as meters, and held against their limits.

use std::sync::Arc;
use std::time::Duration;

use plan::PlanFigures;
use ports::Proofs;
use records::{AlarmName, Finding};
use tokio::time::Instant;

use super::service::Service;

/// Of several processes the first to look counts; the others take what it counted.
const EVERY: Duration = Duration::from_secs(60);
/// Counting takes no more of the time than one part in so many.
const SPARING: u32 = 50;

/// Counts for ever.
pub(super) async fn count(service: Arc<Service>, proofs: Arc<dyn Proofs>) {
    let mut pause = EVERY;
    loop {
        let begun = Instant::now();
        match proofs.all_figures(pause.saturating_sub(Duration::from_secs(5))).await {
            Ok(figures) => {
                figures.iter().for_each(measure);
                *service.figures.lock() = figures;
            }
            // The dialer tells that the database is away.
            Err(error) => tracing::debug!(%error, "the plans' figures were not counted"),
        }
        pause = EVERY.max(begun.elapsed() * SPARING);
        tokio::time::sleep(pause).await;
    }
}

/// What of the plans gives cause for alarm. Of two plans of one name each is told apart by the end of its id.
pub(super) fn findings(figures: &[PlanFigures]) -> Vec<Finding> {
    let found = figures.iter().flat_map(|of| of.faults.iter().map(move |fault| (of, fault)));
    found
        .filter_map(|(of, fault)| {
            let name = AlarmName::ALL.into_iter().find(|name| name.slug() == fault.name)?;
            Some(Finding { name, trunk: named(of, figures), what: fault.what.clone() })
        })
        .collect()
}

fn named(of: &PlanFigures, all: &[PlanFigures]) -> String {
    let alone = all.iter().filter(|other| other.name == of.name).count() == 1;
    let id = of.plan.to_string();
    if alone { of.name.clone() } else { format!("{} …{}", of.name, &id[id.len() - 6..]) }
}

fn measure(of: &PlanFigures) {
    let labels = [("plan", of.name.clone()), ("id", of.plan.to_string())];
    for (state, count) in [
        ("due", of.due),
        ("done", of.done),
        ("refused", of.refused),
        ("given_up", of.given_up),
        ("open", of.open),
        ("overdue", of.overdue),
        ("soon_overdue", of.soon_overdue),
    ] {
        let labels = [labels[0].clone(), labels[1].clone(), ("state", state.to_owned())];
        metrics::gauge!("huifang_plan_tasks", &labels).set(count as f64);
    }
    // A scraper reads NaN as no share.
    metrics::gauge!("huifang_plan_coverage", &labels).set(of.coverage.unwrap_or(f64::NAN));
    metrics::gauge!("huifang_plan_visits_and_letters_share", &labels)
        .set(of.share_of_visits_and_letters.unwrap_or(f64::NAN));
    for name in AlarmName::OF_PLANS {
        let stands = of.faults.iter().any(|fault| fault.name == name.slug());
        let labels = [("name", name.slug().to_owned()), ("trunk", of.name.clone())];
        metrics::gauge!("huifang_alarm", &labels).set(f64::from(u8::from(stands)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alarm_names_its_plan() {
        let figures = |id: u128, name: &str, fault: AlarmName| -> PlanFigures {
            serde_json::from_value(serde_json::json!({
                "plan": uuid::Uuid::from_u128(id), "name": name, "state": "running",
                "at": "2026-11-20T02:00:00Z", "from": "2026-01-01", "to": "2026-11-20",
                "due": 0, "withdrawn": 0, "done": 0, "by_phone": 0, "by_visit": 0, "by_letter": 0,
                "by_message": 0, "refused": 0, "given_up": 0, "open": 0, "past": 0, "past_covered": 0,
                "overdue": 0, "soon_overdue": 0, "due_now": 0, "made": 0, "visits_and_letters": 0,
                "coverage_goal": 0.9, "limit_of_visits_and_letters": 0.1,
                "faults": [{"name": fault.slug(), "what": "3 tasks are overdue"}]
            }))
            .unwrap()
        };
        let all = [
            figures(1, "年度", AlarmName::TasksOverdue),
            figures(0xabc, "季度", AlarmName::ShareAbove),
            figures(0xdef, "季度", AlarmName::ShareAbove),
        ];
        let found: Vec<_> = findings(&all).into_iter().map(|finding| (finding.name, finding.trunk)).collect();
        assert_eq!(
            found,
            [
                (AlarmName::TasksOverdue, "年度".to_owned()),
                (AlarmName::ShareAbove, "季度 …000abc".to_owned()),
                (AlarmName::ShareAbove, "季度 …000def".to_owned()),
            ]
        );
    }
}
