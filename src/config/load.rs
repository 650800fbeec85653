//! Reading the configuration from file and environment.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Env, Format, Toml};
use figment::value::Value;

use super::Config;

/// The configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file named on the command line is not there.
    #[error("the configuration file {0} cannot be read: {1}. Check the path and its permissions")]
    Unreadable(PathBuf, std::io::Error),
    /// One or more keys are wrong.
    #[error(
        "the configuration is not usable:\n{0}Compare with huifang.example.toml, which explains every key"
    )]
    Wrong(String),
}

/// Loads defaults, then `file`, then environment variables such as `HUIFANG_HTTP__LISTEN` (section, two underscores,
/// key), and checks what belongs together.
pub fn load(file: Option<&Path>) -> Result<Config, ConfigError> {
    let mut figment = Figment::new();
    if let Some(path) = file {
        let text =
            std::fs::read_to_string(path).map_err(|error| ConfigError::Unreadable(path.to_owned(), error))?;
        figment = figment.merge(Toml::string(&text));
    }
    for (key, text) in environment() {
        figment = figment.merge((key, value(&text)));
    }
    let config: Config = figment.extract().map_err(|error| ConfigError::Wrong(sentences(&error, file)))?;
    config.check().map_err(ConfigError::Wrong)?;
    Ok(config)
}

/// Keys such as `http.listen` with their texts.
fn environment() -> Vec<(String, String)> {
    let variables = Env::prefixed("HUIFANG_").split("__");
    variables.iter().map(|(key, text)| (key.as_str().to_owned(), text)).collect()
}

/// A text as number, list or truth value, but only where nothing of it is lost: a password may begin with 0.
fn value(text: &str) -> Value {
    match text.parse::<Value>() {
        Ok(Value::Num(..)) if text.parse::<i64>().is_ok_and(|number| number.to_string() == text) => {
            Value::from(text.parse::<i64>().unwrap_or_default())
        }
        Ok(Value::Num(..) | Value::Char(..)) | Err(_) => Value::from(text),
        Ok(other) => other,
    }
}

/// One line per fault: which key, where it was read, what is wrong with it.
fn sentences(error: &figment::Error, file: Option<&Path>) -> String {
    let mut text = String::new();
    let variables = environment();
    for fault in error.clone() {
        let key = fault.path.join(".");
        let place = match file {
            Some(path) if !variables.iter().any(|(name, _)| *name == key) => path.display().to_string(),
            _ => "environment (HUIFANG_…)".to_owned(),
        };
        let key = if fault.path.is_empty() { String::new() } else { format!(" {}:", fault.path.join(".")) };
        let _ = writeln!(text, "  {place}:{key} {}", fault.kind);
    }
    text
}

impl Config {
    /// What is allowed and yet deserves a second look.
    pub fn warnings(&self) -> Vec<String> {
        let leaking = self.trunk.iter().filter(|(_, trunk)| trunk.leaks_keys());
        leaking
            .map(|(name, _)| {
                format!("trunk.{name}.srtp: the keys of its calls go through signalling in the clear, as srtp_over_clear_signalling allows: whoever reads it hears them. Set transport = \"tls\" where the carrier has it")
            })
            .collect()
    }

    /// What one key alone cannot tell.
    fn check(&self) -> Result<(), String> {
        let mut faults = String::new();
        for (name, trunk) in &self.trunk {
            for fault in trunk.faults() {
                let _ = writeln!(faults, "  trunk.{name}.{fault}");
            }
        }
        for fault in self.alarm.faults() {
            let _ = writeln!(faults, "  alarm.{fault}");
        }
        for fault in self.sip.faults() {
            let _ = writeln!(faults, "  sip.{fault}");
        }
        for fault in self.ring_back.faults(&self.questionnaires.variables) {
            let _ = writeln!(faults, "  ring_back.{fault}");
        }
        for fault in self.media.faults() {
            let _ = writeln!(faults, "  media.{fault}");
        }
        let (people, fairness) = (self.dialer.people.faults(), self.dialer.fairness.faults());
        for (section, wrong) in [("people", people), ("fairness", fairness)] {
            for fault in wrong {
                let _ = writeln!(faults, "  dialer.{section}.{fault}");
            }
        }
        for fault in self.hearing.faults() {
            let _ = writeln!(faults, "  hearing.{fault}");
        }
        for fault in self.speech.faults() {
            let _ = writeln!(faults, "  speech.{fault}");
        }
        for fault in self.import.faults() {
            let _ = writeln!(faults, "  import.{fault}");
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }
}
