//! `huifang health`: for a container's health check.

use clap::Args;

use super::{ConfigFile, Failure};

#[derive(Args)]
pub(super) struct Health {
    #[command(flatten)]
    file: ConfigFile,
}

impl Health {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let config = crate::config::load(self.file.config.as_deref())?;
        let url = format!("http://{}/healthz", config.http.listen);
        let answer = reqwest::get(&url).await.map_err(|error| {
            Failure(format!("{url} does not answer: {error}. Look at the log of the service"))
        })?;
        if answer.status().is_success() {
            return Ok(());
        }
        Err(Failure(format!("{url} says {}. Look at the log of the service", answer.status())))
    }
}
