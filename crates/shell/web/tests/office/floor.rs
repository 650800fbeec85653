//! The floor without phones: what is up is set by the test, what is ended is counted.

use async_trait::async_trait;
use ports::{CallerFigures, Floor, LiveCall, PaceStatus, Rehearsal, TrunkStatus, TrunkWord};
use records::{Alarm, AlarmName, AttemptId};
use std::sync::Mutex;

const DOWN: &str = "no answer to OPTIONS: check the address and the firewall";

#[derive(Default)]
pub struct StandInFloor {
    pub calls: Mutex<Vec<LiveCall>>,
    pub trouble: Mutex<Option<String>>,
    pub rehearsed: Mutex<Vec<Rehearsal>>,
}

#[async_trait]
impl Floor for StandInFloor {
    fn live(&self) -> Vec<LiveCall> {
        self.calls.lock().unwrap().clone()
    }

    fn trunks(&self) -> Vec<TrunkStatus> {
        let lines_busy = self.calls.lock().unwrap().len() as u32;
        let carrier = TrunkStatus {
            name: "carrier".to_owned(),
            state: TrunkWord::Up,
            since: chrono::DateTime::UNIX_EPOCH,
            trouble: None,
            caller: "4008001234".to_owned(),
            priority: 0,
            weight: 1,
            fallback: false,
            lines: 30,
            lines_lent: 30,
            lines_busy,
            cps: 5,
            cps_lent: 5,
            cps_used: 2,
            breaker_open: false,
            hour: CallerFigures {
                calls: 40,
                answered: 30,
                barred: 1,
                answer_rate: Some(0.75),
                barred_share: Some(0.025),
            },
            day: CallerFigures::default(),
        };
        let fallback = TrunkStatus {
            name: "fallback".to_owned(),
            state: TrunkWord::Down,
            trouble: Some(DOWN.to_owned()),
            fallback: true,
            lines: 10,
            lines_busy: 0,
            ..carrier.clone()
        };
        vec![carrier, fallback]
    }

    fn pace(&self) -> Option<PaceStatus> {
        let what = "all lines are in use".to_owned();
        Some(PaceStatus { calls: 3, why: "lines", what })
    }

    fn alarms(&self) -> Vec<Alarm> {
        let since = chrono::DateTime::UNIX_EPOCH;
        let (name, trunk) = (AlarmName::TrunkDown, "fallback".to_owned());
        vec![Alarm { name, trunk, since, what: DOWN.to_owned() }]
    }

    fn ready(&self) -> Result<(), String> {
        self.trouble.lock().unwrap().clone().map_or(Ok(()), Err)
    }

    async fn rehearse(&self, rehearsal: Rehearsal) -> Result<AttemptId, String> {
        self.ready()?;
        self.rehearsed.lock().unwrap().push(rehearsal);
        Ok(AttemptId(uuid::Uuid::now_v7()))
    }

    async fn end_all(&self) -> usize {
        std::mem::take(&mut *self.calls.lock().unwrap()).len()
    }

    fn metrics(&self) -> String {
        "# TYPE huifang_lines_busy gauge\nhuifang_lines_busy 0\n".to_owned()
    }
}
