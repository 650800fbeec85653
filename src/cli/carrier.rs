//! `huifang carrier`: the virtual carrier as a process of its own.

use std::net::SocketAddr;
use std::path::PathBuf;

use ::carrier::{CarrierConfig, Script};
use clap::Args;

use super::{Failure, signals};
use crate::app::logging;
use crate::config::Log;

#[derive(Args)]
pub(super) struct Carrier {
    /// UDP address of the SIP peer
    #[arg(long, default_value = "127.0.0.1:5070")]
    listen: SocketAddr,
    /// The virtual customers and what each does
    #[arg(long, value_name = "FILE")]
    script: PathBuf,
    /// Journal of what happened, one JSON object a line
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
}

impl Carrier {
    pub(super) async fn run(self) -> Result<(), Failure> {
        logging::start(&Log::default());
        let script = Script::load(&self.script)?;
        let config = CarrierConfig { listen: self.listen, script, log: self.log };
        let carrier = ::carrier::Carrier::start(config).await?;
        println!("the virtual carrier listens on {}", carrier.address());
        signals::told_to_stop().await;
        carrier.stop().await;
        Ok(())
    }
}
