//! The database: the embedded cluster or one of the operator's, connected and migrated.

use std::sync::Arc;

use postgres::Postgres;
use postgres::cluster::{Cluster, ClusterConfig, ClusterError};

use crate::config::Config;

/// A connected database; the embedded cluster runs as long as this lives.
pub struct Database {
    pub store: Arc<Postgres>,
    pub url: String,
    cluster: Option<Cluster>,
}

/// The database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The embedded cluster does not start.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// Connecting or migrating failed.
    #[error(transparent)]
    Postgres(#[from] postgres::ConnectError),
}
