//! Why a run of the dialer's bench could not be made.

use postgres::cluster::ClusterError;

/// Each with its remedy.
#[derive(Debug, thiserror::Error)]
pub enum DialerBenchError {
    #[error(transparent)]
    Bench(#[from] crate::run::BenchError),
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    #[error(transparent)]
    Store(#[from] ports::StoreError),
    #[error(transparent)]
    Migrate(#[from] postgres::MigrateError),
    #[error("the private server refused a statement of the bench's own: {0}")]
    Sql(#[from] sqlx::Error),
    #[error("a file or process of the bench's own: {0}")]
    Io(#[from] std::io::Error),
    /// A setting that says nothing.
    #[error("--tasks {0}: write the numbers of due tasks as 10000,100000, each from 1000 to 10000000")]
    Levels(String),
    /// A claiming process broke off.
    #[error(
        "a claiming process ended before its time or said something odd: {0:?}; run it by hand to see why"
    )]
    Worker(String),
    /// Nothing is as it was made.
    #[error("{got} of {wanted} tasks were claimed: the backlog was not as it was made")]
    Short { got: u64, wanted: u64 },
}
