//! The log: one line where a thing is handled, on standard error.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::SubscriberBuilder;

use crate::config::{Log, LogFormat};

/// The SIP stack writes whole messages, numbers and all, at INFO: only its warnings pass.
const QUIET: &str = "rsipstack=warn";

/// Starts the log. A filter that cannot be read is replaced by `info`, and said so.
pub fn start(log: &Log) {
    let (filter, trouble) = match EnvFilter::try_new(&log.filter) {
        Ok(filter) => (filter, None),
        Err(error) => (EnvFilter::new("info"), Some(error)),
    };
    let filter = match QUIET.parse() {
        Ok(directive) if !log.filter.contains("rsipstack") => filter.add_directive(directive),
        _ => filter,
    };
    let builder = SubscriberBuilder::default().with_env_filter(filter).with_writer(std::io::stderr);
    // A second start, as in tests, keeps the first log.
    let _ = match log.format {
        LogFormat::Text => builder.with_ansi(false).try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
    if let Some(error) = trouble {
        tracing::error!(%error, "log.filter cannot be read; info is used. Write it like info,huifang=debug");
    }
}
