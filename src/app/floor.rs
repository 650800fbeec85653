//! The running service as the web's calling floor.

use std::sync::Arc;

use async_trait::async_trait;
use ports::{Floor, LiveCall, TrunkStatus};

use super::metrics::Meters;
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

    fn ready(&self) -> Result<(), String> {
        self.service.trunks.ready().map_err(|no_line| no_line.to_string())?;
        self.service.blocked.lock().clone().map_or(Ok(()), Err)
    }

    async fn end_all(&self) -> usize {
        self.service.board.end_all()
    }

    fn metrics(&self) -> String {
        for trunk in self.trunks() {
            let up = f64::from(u8::from(trunk.reachable));
            metrics::gauge!("huifang_trunk_up", "trunk" => trunk.name.clone()).set(up);
            metrics::gauge!("huifang_lines_busy", "trunk" => trunk.name).set(f64::from(trunk.lines_busy));
        }
        metrics::gauge!("huifang_journal_waiting").set(self.service.journal.waiting().len() as f64);
        let sip::Load { legs, dialogs, transactions } = self.service.sip.load();
        metrics::gauge!("huifang_sip_legs").set(legs as f64);
        metrics::gauge!("huifang_sip_dialogs").set(dialogs as f64);
        metrics::gauge!("huifang_sip_transactions").set(transactions as f64);
        self.meters.render()
    }
}
