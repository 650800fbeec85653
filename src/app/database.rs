//! The database: the embedded cluster or one of the operator's, connected and migrated.

use std::sync::Arc;

use ports::StoreError;
use postgres::cluster::{self, Cluster, ClusterError};
use postgres::{MigrateError, Options, Postgres};

use super::keys::{KeyError, number_key};
use crate::config::Config;

/// A connected database, its schema up to date.
pub struct Database {
    pub store: Arc<Postgres>,
    cluster: Option<Cluster>,
}

/// The database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The embedded cluster does not start.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Migrate(#[from] MigrateError),
}

impl Database {
    /// Starts the embedded cluster unless a database is configured, connects and migrates.
    pub async fn open(config: &Config) -> Result<Self, DatabaseError> {
        let cluster = match &config.database.url {
            Some(_) => None,
            None => Some(cluster::start(&embedded(config)).await?),
        };
        match connect(config, cluster.as_ref()).await {
            Ok(store) => Ok(Self { store: Arc::new(store), cluster }),
            Err(error) => {
                stop(cluster).await;
                Err(error)
            }
        }
    }

    /// Ends all connections, and the embedded cluster if this process owns it.
    pub async fn close(self) {
        self.store.close().await;
        stop(self.cluster).await;
    }
}

fn embedded(config: &Config) -> cluster::Config {
    cluster::Config {
        root: config.data.dir.clone(),
        bin_dir: config.database.bin_dir.clone(),
        settings: Vec::new(),
    }
}

async fn connect(config: &Config, cluster: Option<&Cluster>) -> Result<Postgres, DatabaseError> {
    let configured = config.database.url.as_ref().map(crate::config::Secret::expose);
    let url = cluster.map(|cluster| cluster.url.as_str()).or(configured).unwrap_or_default();
    let options = Options { connections: config.database.connections, ..Options::default() };
    let store = Postgres::connect(url, options).await?;
    store.migrate().await?;
    // Made only once there is a database to keep it for: a start that fails leaves nothing behind.
    let store = store.with_number_key(number_key(config)?);
    let strange = store.barred_by_other_keys().await?;
    if strange > 0 {
        tracing::error!(
            strange,
            "numbers of erased customers were barred under another key and would be called again if imported: put the \
             first key back as privacy.key_file, the same for every process on this database"
        );
    }
    Ok(store)
}

async fn stop(cluster: Option<Cluster>) {
    if let Some(cluster) = cluster
        && let Err(error) = cluster.stop().await
    {
        tracing::error!(%error, "the private Postgres could not be stopped");
    }
}
