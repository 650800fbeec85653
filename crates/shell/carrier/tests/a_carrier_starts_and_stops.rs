//! Starting tells what is in the way; stopping frees the port.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use carrier::{Carrier, CarrierConfig, CarrierError, Script};

fn on(port: u16, log: Option<PathBuf>) -> CarrierConfig {
    let listen = SocketAddr::from(([127, 0, 0, 1], port));
    CarrierConfig { listen, script: Script::default(), log }
}

#[tokio::test]
async fn a_stopped_carrier_frees_its_port() {
    let carrier = Carrier::start(on(0, None)).await.unwrap();
    let port = carrier.address().port();
    tokio::time::timeout(Duration::from_secs(5), carrier.stop()).await.expect("it stops");
    Carrier::start(on(port, None)).await.unwrap().stop().await;
}

#[tokio::test]
async fn an_occupied_port_is_named_with_what_to_do() {
    let first = Carrier::start(on(0, None)).await.unwrap();
    let error = Carrier::start(on(first.address().port(), None)).await.unwrap_err();
    assert!(matches!(error, CarrierError::Listen { .. }));
    let said = error.to_string();
    assert!(said.contains(&first.address().to_string()) && said.contains("--listen"), "{said}");
}

#[tokio::test]
async fn a_journal_that_cannot_be_written_is_named() {
    let error = Carrier::start(on(0, Some(PathBuf::from("/nowhere/journal")))).await.unwrap_err().to_string();
    assert!(error.contains("/nowhere/journal") && error.contains("--log"), "{error}");
}
