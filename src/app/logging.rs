//! The log: one line where a thing is handled, on standard error.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::SubscriberBuilder;

use crate::config::{Log, LogFormat};

/// The SIP stack writes whole messages, numbers and all, at INFO; sqlx writes statements and notices, symphonia every
/// oddity of a file. Only what is grave passes unless asked for by name.
const QUIET: [&str; 3] = [sip::LOG_FILTER, "sqlx=warn", "symphonia=error"];

/// Starts the log. A filter that cannot be read is replaced by `info`, and said so.
pub fn start(log: &Log) {
    let (filter, trouble) = match EnvFilter::try_new(&log.filter) {
        Ok(filter) => (filter, None),
        Err(error) => (EnvFilter::new("info"), Some(error)),
    };
    let filter =
        QUIET.iter().filter(|quiet| !log.filter.contains(target(quiet))).fold(filter, |filter, quiet| {
            match quiet.parse() {
                Ok(directive) => filter.add_directive(directive),
                Err(_) => filter,
            }
        });
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

fn target(directive: &str) -> &str {
    directive.split('=').next().unwrap_or(directive)
}
