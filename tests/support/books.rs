//! What Postgres holds after the command has ended: its cluster is started again and asked with psql.

use std::path::PathBuf;

use postgres::cluster::{self, Cluster, Config};
use tokio::process::Command;

/// The database of a data folder.
pub(crate) struct Books(Cluster);

impl Books {
    /// Starts the cluster that the command made and stopped.
    pub(crate) async fn open(data: PathBuf) -> Self {
        let config = Config { root: data, bin_dir: None, settings: Vec::new() };
        Self(cluster::start(&config).await.unwrap())
    }

    /// The rows of a query, columns parted by `|`.
    pub(crate) async fn ask(&self, query: &str) -> Vec<String> {
        let output = Command::new("psql")
            .args([&libpq(&self.0.url), "--no-psqlrc", "--tuples-only", "--no-align", "--command", query])
            .output()
            .await
            .expect("psql is installed (apt: postgresql-client)");
        assert!(output.status.success(), "{query}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
    }

    pub(crate) async fn close(self) {
        self.0.stop().await.unwrap();
    }
}

/// A database URL without what only sqlx understands.
fn libpq(url: &str) -> String {
    let Some((server, options)) = url.split_once('?') else { return url.to_owned() };
    let known = |option: &&str| !option.starts_with("statement-cache-capacity=");
    format!("{server}?{}", options.split('&').filter(known).collect::<Vec<_>>().join("&"))
}
