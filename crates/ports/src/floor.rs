//! The calling floor: the calls that are up now on this process.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use records::{AttemptId, Number};
use serde::Serialize;

/// How far a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LinePhase {
    Dialling,
    Ringing,
    Talking,
    Closing,
}

/// One live call.
#[derive(Clone, Debug, Serialize)]
pub struct LiveCall {
    pub attempt: AttemptId,
    pub customer_name: Option<String>,
    pub plan_name: Option<String>,
    pub number: Number,
    pub trunk: String,
    pub phase: LinePhase,
    /// Question being asked, where there is one.
    pub question: Option<String>,
    pub started_at: DateTime<Utc>,
}

/// A trunk's state.
#[derive(Clone, Debug, Serialize)]
pub struct TrunkStatus {
    pub name: String,
    pub reachable: bool,
    /// What is wrong and what to do, where it is not.
    pub trouble: Option<String>,
    pub lines: u32,
    pub lines_busy: u32,
}

/// What the web asks of the running service.
#[async_trait]
pub trait Floor: Send + Sync + 'static {
    fn live(&self) -> Vec<LiveCall>;
    fn trunks(&self) -> Vec<TrunkStatus>;
    /// Whether calls can be placed: `Err` names what is missing and the remedy.
    fn ready(&self) -> Result<(), String>;
    /// Ends every live call now: ringing ones are cancelled, answered ones hung up. The store's switch is set by the caller.
    async fn end_all(&self) -> usize;
    /// Prometheus text.
    fn metrics(&self) -> String;
}
