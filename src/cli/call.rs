//! `huifang call`: one call by hand, its outcome as JSON.

use std::path::PathBuf;

use clap::Args;
use records::{CallPolicy, Number};
use serde_json::{Value, json};

use super::{ConfigFile, Failure, signals};
use crate::app::line::{self, ByHand, Wish};
use crate::app::{Database, Meters, NoLine, Service};

#[derive(Args)]
pub(super) struct Call {
    /// The number to call, such as 13800138000 or +8613800138000
    number: Number,
    /// What to ask
    #[arg(long, value_name = "FILE")]
    questionnaire: PathBuf,
    /// Language of the interview; the questionnaire's first where absent
    #[arg(long)]
    language: Option<String>,
    #[command(flatten)]
    file: ConfigFile,
}

impl Call {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let config = self.file.load()?;
        config.data.check()?;
        Meters::start();
        let database = Database::open(&config).await?;
        let placed = self.place(config, &database).await;
        database.close().await;
        let (outcome, fault) = placed?;
        println!("{outcome:#}");
        fault.map_or(Ok(()), Err)
    }

    /// The outcome, and what kept our own side from calling the customer, if anything did.
    async fn place(
        self,
        mut config: crate::config::Config,
        database: &Database,
    ) -> Result<(Value, Option<Failure>), Failure> {
        // A service may run beside this call and hold the configured port; a trunk answers to where we send from.
        config.sip = config.sip.beside_another();
        let service = Service::start(config, database).await?;
        let script = service.library.script_of_file(&self.questionnaire).await?;
        service.trunks.probed().await;
        let board = service.board.clone();
        let interrupted = tokio::spawn(async move {
            signals::told_to_stop().await;
            board.end_all();
        });
        let wish = Wish {
            number: self.number,
            script,
            policy: CallPolicy::default(),
            language: self.language,
            rehearsal_of: None,
            dialling: None,
        };
        let placed = line::place(&service, wish).await;
        interrupted.abort();
        let trouble = service.trunks.ready().err();
        service.stop(std::time::Duration::from_secs(1)).await;
        let placed = placed?;
        Ok((outcome(&placed), fault(&placed, trouble)))
    }
}

/// A call that does not count as one made on the customer failed on our side.
fn fault(placed: &ByHand, trouble: Option<NoLine>) -> Option<Failure> {
    let report = &placed.report;
    if report.reason.counts() {
        return None;
    }
    let note = report.evidence.note.as_deref().unwrap_or("see the evidence above");
    let trouble = trouble.map_or_else(String::new, |no_line| format!(": {no_line}"));
    Some(Failure(format!("the customer was not called ({}): {note}{trouble}", report.reason)))
}

fn outcome(placed: &ByHand) -> Value {
    let recording = placed.recording.as_ref().map(|recording| {
        json!({ "path": recording.path, "seconds": recording.seconds, "sha256": recording.sha256 })
    });
    json!({
        "attempt": placed.attempt,
        "reason": placed.report.reason,
        "evidence": placed.report.evidence,
        "answered": placed.report.answered,
        "flags": placed.report.flags,
        "facts": placed.facts,
        "recording": recording,
    })
}
