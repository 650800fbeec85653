//! Meters: counters and gauges for Prometheus.

use std::sync::OnceLock;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// The process's meters.
#[derive(Clone, Copy)]
pub struct Meters;

impl Meters {
    /// Starts metering, once per process.
    pub fn start() -> Self {
        HANDLE.get_or_init(|| PrometheusBuilder::new().install_recorder().ok());
        Self
    }

    /// Prometheus text.
    pub fn render(self) -> String {
        HANDLE.get().and_then(Option::as_ref).map(PrometheusHandle::render).unwrap_or_default()
    }
}
