//! A private server: real Postgres binaries, its own data below the data folder, never as root, reachable only
//! through a socket in a folder that nobody else may enter, and by password.
//!
//! ```text
//! <data folder>/postgres/     0700, of the user the server runs as
//!     data/                   the cluster
//!     run/                    the socket; elsewhere when the path would be too long
//!     password                0600, of the user the service runs as
//!     postgres.log            what the server says
//!     lock                    held by the process that owns the server
//! ```
//!
//! The server outlives a service that was killed; the next one adopts it. A second process on the same data folder
//! shares the server and leaves it running.

mod binaries;
mod error;
mod folder;
mod memory;
mod password;
mod server;
mod user;

use std::fs::File;
use std::path::PathBuf;
use std::time::Duration;

use tokio::time::{Instant, sleep};

pub use error::ClusterError;
pub use folder::suggested_root;

use binaries::Binaries;
use folder::Folder;
use server::Server;
use user::Runner;

/// How long a server may take to start, to recover after a crash, or to stop.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the private server needs to know.
#[derive(Clone, Debug)]
pub struct Config {
    /// The data folder. As root, the user `postgres` must be able to enter it; see [`suggested_root`].
    pub root: PathBuf,
    /// Where `initdb`, `pg_ctl`, `postgres` and `psql` are; searched where absent.
    pub bin_dir: Option<PathBuf>,
    /// Settings of `postgresql.conf` besides our own, such as `("shared_buffers", "512MB")`.
    pub settings: Vec<(String, String)>,
}

/// A running private server.
pub struct Cluster {
    /// For [`crate::Postgres::connect`]. Holds the password: not for logs.
    pub url: String,
    /// Here while this process owns the server.
    owned: Option<(Server, File)>,
}

impl std::fmt::Debug for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cluster").field("owned", &self.owned.is_some()).finish_non_exhaustive()
    }
}

/// Starts the private server of a data folder, adopts the one a killed process left, or shares the one another
/// process runs. Makes the cluster at the first start.
pub async fn start(config: &Config) -> Result<Cluster, ClusterError> {
    let runner = Runner::of_this_process()?;
    let folder = Folder::prepare(&config.root, &runner)?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(lock) = folder.lock()? {
            let made_by = folder.major()?;
            let binaries = Binaries::find(config.bin_dir.as_deref(), made_by.as_deref(), &folder.data())?;
            let server = Server { binaries, runner, folder };
            let password = password::read_or_make(&server.folder.password())?;
            run(&server, config, &password).await?;
            return Ok(Cluster { url: server.url(&password), owned: Some((server, lock)) });
        }
        if let Some(url) = shared(&folder).await {
            tracing::info!("sharing the private Postgres of another process");
            return Ok(Cluster { url, owned: None });
        }
        if Instant::now() > deadline {
            return Err(ClusterError::Silent { log: folder.log() });
        }
        sleep(Duration::from_millis(100)).await;
    }
}

/// Brings the server up with everything in it that the service needs.
async fn run(server: &Server, config: &Config, password: &str) -> Result<(), ClusterError> {
    if server.folder.major()?.is_none() {
        tracing::info!("making the private Postgres cluster");
        server.init().await?;
    }
    server.configure(&config.settings)?;
    if server.adopt().await? {
        tracing::info!("adopted the private Postgres that was left running");
    } else {
        server.start().await?;
        tracing::info!("private Postgres started");
    }
    match server.admit(password).await {
        Ok(()) => Ok(()),
        Err(error) => {
            // What cannot be used must not stay behind; the first trouble is the one to tell.
            let _ = server.stop().await;
            Err(error)
        }
    }
}

/// The url of a server that another process owns, once it answers.
async fn shared(folder: &Folder) -> Option<String> {
    use sqlx::Connection;
    let password = password::read(&folder.password())?;
    let url = server::url(folder, &password);
    let connection = sqlx::PgConnection::connect(&url).await.ok()?;
    let _ = connection.close().await;
    Some(url)
}

impl Cluster {
    /// Whether this process started or adopted the server and so will stop it.
    pub fn owned(&self) -> bool {
        self.owned.is_some()
    }

    /// Stops the server when this process owns it: transactions are rolled back, what was committed is on disk.
    pub async fn stop(mut self) -> Result<(), ClusterError> {
        match self.owned.take() {
            Some((server, _lock)) => server.stop().await,
            None => Ok(()),
        }
    }
}
