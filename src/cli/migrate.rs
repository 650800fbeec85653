//! `huifang migrate`.

use super::{ConfigFile, Failure};
use crate::app::Database;

pub(super) async fn run(file: &ConfigFile) -> Result<(), Failure> {
    let config = file.load()?;
    let database = Database::open(&config).await?;
    database.close().await;
    println!("the database is up to date");
    Ok(())
}
