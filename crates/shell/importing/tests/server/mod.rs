//! A real store on a private server, gone with the test.
#![allow(dead_code, reason = "each test binary uses its part, and fails by panicking")]

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use importing::Importer;
use ports::{ImportSource, NewImport};
use postgres::cluster::{self, Cluster, Config};
use postgres::{NumberKey, Options, Postgres};
use records::ImportId;
use sqlx::PgPool;
use tempfile::TempDir;

pub(crate) struct Server {
    pub(crate) store: Postgres,
    pub(crate) pool: PgPool,
    cluster: Option<Cluster>,
    folder: TempDir,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("huifang")
            .permissions(std::fs::Permissions::from_mode(0o755))
            .tempdir_in("/tmp")
            .unwrap();
        let fast =
            ["fsync", "full_page_writes", "synchronous_commit"].map(|name| (name.into(), "off".into()));
        let settings =
            if std::env::var_os("HUIFANG_IMPORT_ROWS").is_some() { Vec::new() } else { fast.into() };
        let root = folder.path().join("database");
        let cluster = cluster::start(&Config { root, bin_dir: None, settings }).await.unwrap();
        let store = connect(&cluster).await;
        store.migrate().await.unwrap();
        let pool = PgPool::connect(&cluster.url).await.unwrap();
        Self { store, pool, cluster: Some(cluster), folder }
    }

    /// The same database over connections of its own.
    pub(crate) async fn another_store(&self) -> Postgres {
        connect(self.cluster.as_ref().unwrap()).await
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn importer(&self) -> Importer {
        self.importer_to(&self.store)
    }

    pub(crate) fn importer_to(&self, store: &Postgres) -> Importer {
        Importer::new(Arc::new(store.clone()), self.folder.path().join("spool")).unwrap()
    }

    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.pool).await.unwrap()
    }
}

async fn connect(cluster: &Cluster) -> Postgres {
    let options = Options { number_key: Some(NumberKey::new([7; 32])), ..Options::default() };
    Postgres::connect(&cluster.url, options).await.unwrap()
}

pub(crate) fn new_import(file: &str) -> NewImport {
    let id = ImportId(uuid::Uuid::now_v7());
    NewImport { id, file: file.to_owned(), source: ImportSource::Api, by: "planner".to_owned() }
}

impl Drop for Server {
    fn drop(&mut self) {
        let Some(cluster) = self.cluster.take() else { return };
        // A test that panics is inside a runtime; the server is stopped on another one.
        let stopping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(cluster.stop())
        });
        let _ = stopping.join();
    }
}
