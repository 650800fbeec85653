//! `huifang demo`.

use std::path::PathBuf;

use clap::Args;

use super::Failure;
use crate::demo;

#[derive(Args)]
pub(super) struct Demo {
    /// Folder with script.yaml and customers.csv
    #[arg(long, default_value = "tests/demo", value_name = "DIR")]
    scenario: PathBuf,
    /// Where the demo keeps everything; wiped at its start
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Where the result is left
    #[arg(long, default_value = "target/demo.json", value_name = "FILE")]
    result: PathBuf,
    /// Leave the service running afterwards
    #[arg(long, env = "KEEP", value_parser = clap::builder::FalseyValueParser::new())]
    keep: bool,
}

impl Demo {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let options =
            demo::Options { scenario: self.scenario, dir: self.dir, result: self.result, keep: self.keep };
        Ok(demo::run(&options).await?)
    }
}
