//! Looks into the files that a configuration names, as the start would, and starts nothing.

use prompts::PromptStore;

use super::announcements::Announcements;
use super::calendar::Calendars;
use super::service::speech_config;
use crate::config::Config;

/// What was looked into.
#[derive(Debug, Default)]
pub struct Examined {
    /// What is good, such as `12 announcements`.
    pub good: Vec<String>,
    /// What the start would refuse, each with its remedy.
    pub faults: Vec<String>,
}

/// The announcements' folder and the calendar's file, where the configuration names them.
pub async fn examine(config: &Config) -> Examined {
    let mut examined = Examined::default();
    if let Some(file) = &config.calendar.file {
        match Calendars::load(Some(file)) {
            Ok(_) => examined.good.push(format!("the holidays of {}", file.display())),
            Err(error) => examined.faults.push(error.to_string()),
        }
    }
    if let Some(folder) = &config.hearing.announcements {
        let prompts = PromptStore::new(speech_config(config));
        let (clips, faults) = Announcements::examine(folder, &prompts).await;
        examined.good.push(format!("{clips} announcements of {}", folder.display()));
        examined.faults.extend(faults.iter().map(ToString::to_string));
    }
    examined
}
