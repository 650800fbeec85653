//! `huifang serve`.

use clap::Args;

use super::{ConfigFile, Failure, signals};
use crate::app;

#[derive(Args)]
pub(super) struct Serve {
    #[command(flatten)]
    file: ConfigFile,
}

impl Serve {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let config = self.file.load()?;
        config.data.check()?;
        Ok(app::serve(config, signals::told_to_stop()).await?)
    }
}
