//! The floor without phones: what is up is set by the test, what is ended is counted.

use async_trait::async_trait;
use ports::{Floor, LiveCall, TrunkStatus};
use std::sync::Mutex;

#[derive(Default)]
pub struct StandInFloor {
    pub calls: Mutex<Vec<LiveCall>>,
    pub trouble: Mutex<Option<String>>,
}

#[async_trait]
impl Floor for StandInFloor {
    fn live(&self) -> Vec<LiveCall> {
        self.calls.lock().unwrap().clone()
    }

    fn trunks(&self) -> Vec<TrunkStatus> {
        let lines_busy = self.calls.lock().unwrap().len() as u32;
        vec![
            TrunkStatus { name: "carrier".to_owned(), reachable: true, trouble: None, lines: 30, lines_busy },
            TrunkStatus {
                name: "fallback".to_owned(),
                reachable: false,
                trouble: Some("no answer to OPTIONS: check the address and the firewall".to_owned()),
                lines: 10,
                lines_busy: 0,
            },
        ]
    }

    fn ready(&self) -> Result<(), String> {
        self.trouble.lock().unwrap().clone().map_or(Ok(()), Err)
    }

    async fn end_all(&self) -> usize {
        std::mem::take(&mut *self.calls.lock().unwrap()).len()
    }

    fn metrics(&self) -> String {
        "# TYPE huifang_lines_busy gauge\nhuifang_lines_busy 0\n".to_owned()
    }
}
