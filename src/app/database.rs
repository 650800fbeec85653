//! The database: the embedded cluster or one of the operator's, connected and migrated.

use std::sync::Arc;

use ports::StoreError;
use postgres::{MigrateError, Options, Postgres};

use crate::config::Config;

/// A connected database, its schema up to date.
pub struct Database {
    pub store: Arc<Postgres>,
}

/// The database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Migrate(#[from] MigrateError),
}

impl Database {
    /// Connects and migrates.
    pub async fn open(config: &Config) -> Result<Self, DatabaseError> {
        let url = config.database.url.as_ref().map(|url| url.expose().to_owned()).unwrap_or_default();
        let options = Options { connections: config.database.connections, ..Options::default() };
        let store = Postgres::connect(&url, options).await?;
        store.migrate().await?;
        Ok(Self { store: Arc::new(store) })
    }

    /// Ends all connections.
    pub async fn close(self) {
        self.store.close().await;
    }
}
