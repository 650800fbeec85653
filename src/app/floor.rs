//! The running service as the web's calling floor.

use std::sync::Arc;

use async_trait::async_trait;
use plan::Pace;
use ports::{Floor, LiveCall, PaceStatus, Rehearsal, TrunkStatus};
use records::{Alarm, AlarmName, AttemptId};

use super::metrics::Meters;
use super::rehearsing::rehearse;
use super::service::Service;

/// What console, probes and metrics see of the service.
pub(super) struct CallingFloor {
    pub(super) service: Arc<Service>,
    pub(super) meters: Meters,
}

#[async_trait]
impl Floor for CallingFloor {
    fn live(&self) -> Vec<LiveCall> {
        self.service.board.live()
    }

    fn trunks(&self) -> Vec<TrunkStatus> {
        self.service.trunks.status()
    }

    fn pace(&self) -> Option<PaceStatus> {
        let Pace { calls, why } = (*self.service.pace.lock())?;
        Some(PaceStatus { calls, why: why.slug(), what: why.to_string() })
    }

    fn alarms(&self) -> Vec<Alarm> {
        self.service.alarms.lock().standing()
    }

    fn ready(&self) -> Result<(), String> {
        self.service.trunks.ready().map_err(|no_line| no_line.to_string())?;
        self.service.blocked.lock().clone().map_or(Ok(()), Err)
    }

    async fn rehearse(&self, rehearsal: Rehearsal) -> Result<AttemptId, String> {
        rehearse(&self.service, rehearsal).await
    }

    async fn end_all(&self) -> usize {
        self.service.board.end_all()
    }

    fn metrics(&self) -> String {
        let alarms = self.alarms();
        for trunk in self.trunks() {
            measure(&trunk);
            for name in AlarmName::ALL.into_iter().filter(|name| !AlarmName::OF_PLANS.contains(name)) {
                let stands = alarms.iter().any(|alarm| alarm.name == name && alarm.trunk == trunk.name);
                let labels = [("name", name.slug().to_owned()), ("trunk", trunk.name.clone())];
                metrics::gauge!("huifang_alarm", &labels).set(truth(stands));
            }
        }
        let why = self.service.pace.lock().map(|pace| pace.why.slug());
        for slug in plan::Why::SLUGS {
            metrics::gauge!("huifang_dialer_pace", "why" => slug).set(truth(why == Some(slug)));
        }
        metrics::gauge!("huifang_journal_waiting").set(self.service.journal.waiting().len() as f64);
        let sip::Load { legs, dialogs, transactions } = self.service.sip.load();
        metrics::gauge!("huifang_sip_legs").set(legs as f64);
        metrics::gauge!("huifang_sip_dialogs").set(dialogs as f64);
        metrics::gauge!("huifang_sip_transactions").set(transactions as f64);
        self.meters.render()
    }
}

fn measure(trunk: &TrunkStatus) {
    let gauge = |name: &'static str, value: f64| {
        metrics::gauge!(name, "trunk" => trunk.name.clone()).set(value);
    };
    gauge("huifang_trunk_up", truth(trunk.is_up()));
    gauge("huifang_breaker_open", truth(trunk.breaker_open));
    gauge("huifang_lines", f64::from(trunk.lines));
    gauge("huifang_lines_lent", f64::from(trunk.lines_lent));
    gauge("huifang_lines_busy", f64::from(trunk.lines_busy));
    gauge("huifang_cps_used", f64::from(trunk.cps_used));
    for (window, figures) in [("hour", trunk.hour), ("day", trunk.day)] {
        let labels = [("caller", trunk.caller.clone()), ("window", window.to_owned())];
        metrics::gauge!("huifang_caller_calls", &labels).set(figures.calls as f64);
        // Without calls there is no share; a scraper reads NaN as such.
        metrics::gauge!("huifang_caller_answer_rate", &labels).set(figures.answer_rate.unwrap_or(f64::NAN));
        metrics::gauge!("huifang_caller_barred_share", &labels).set(figures.barred_share.unwrap_or(f64::NAN));
    }
}

fn truth(is: bool) -> f64 {
    f64::from(u8::from(is))
}
