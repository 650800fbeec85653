//! `huifang check FILE…`: nothing is started, nothing is written. Of a configuration the files it names are looked into.

use std::path::{Path, PathBuf};

use clap::Args;

use super::Failure;
use crate::app;
use crate::config::{self, Questionnaires};

#[derive(Args)]
pub(super) struct Check {
    /// Questionnaires (.yaml) and configuration files (.toml)
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Check {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let mut faulty = 0;
        for file in &self.files {
            match check(file).await {
                Ok(said) => println!("{}: {said}", file.display()),
                Err(why) => {
                    faulty += 1;
                    eprintln!("{why}");
                }
            }
        }
        match faulty {
            0 => Ok(()),
            faulty => Err(Failure(format!("{faulty} of {} files cannot be used", self.files.len()))),
        }
    }
}

async fn check(file: &Path) -> Result<String, String> {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("toml") => check_configuration(file).await,
        Some("yaml" | "yml") => check_questionnaire(file),
        _ => Err(format!(
            "{}: neither .yaml nor .toml: name a questionnaire or a configuration",
            file.display()
        )),
    }
}

async fn check_configuration(file: &Path) -> Result<String, String> {
    let config = config::load(Some(file)).map_err(|error| error.to_string())?;
    let examined = app::examine(&config).await;
    if !examined.faults.is_empty() {
        return Err(examined.faults.join("\n"));
    }
    let good: Vec<_> = std::iter::once("good".to_owned()).chain(examined.good).collect();
    Ok(std::iter::once(good.join(", ")).chain(config.warnings()).collect::<Vec<_>>().join("\n  but "))
}

fn check_questionnaire(file: &Path) -> Result<String, String> {
    let variables = Questionnaires::default().variables;
    let name = file.display().to_string();
    let questionnaire = app::read(file)
        .and_then(|source| app::parse(&name, &source, &variables))
        .map_err(|error| error.to_string())?;
    let folder = file.parent().unwrap_or(Path::new("."));
    let missing: Vec<String> = questionnaire
        .audio_files()
        .filter(|audio| !folder.join(&audio.file).is_file())
        .map(|audio| {
            format!("{name}:{}: the prompt file {} is missing. Put it beside the questionnaire, or remove `audio`", audio.place, audio.file)
        })
        .collect();
    if !missing.is_empty() {
        return Err(missing.join("\n"));
    }
    Ok(format!("good: {} questions in {}", questionnaire.questions.len(), questionnaire.languages.join(", ")))
}
