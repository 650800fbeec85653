//! A private server for one test, fast because it may lose data, gone with the test.
#![allow(dead_code, reason = "each test binary uses its part, and fails by panicking")]

mod bench;
pub(crate) mod way;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use postgres::cluster::{self, Cluster, Config};
use postgres::{NumberKey, Options, Postgres};
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};
use tempfile::TempDir;

pub(crate) struct Server {
    cluster: Option<Cluster>,
    folder: TempDir,
}

/// A folder that the user of the server can enter.
pub(crate) fn folder() -> TempDir {
    tempfile::Builder::new()
        .prefix("huifang")
        .permissions(std::fs::Permissions::from_mode(0o755))
        .tempdir_in("/tmp")
        .unwrap()
}

pub(crate) fn config(root: &Path) -> Config {
    let fast = ["fsync", "full_page_writes", "synchronous_commit"].map(|name| (name.into(), "off".into()));
    Config { root: root.to_owned(), bin_dir: None, settings: fast.into() }
}

impl Server {
    pub(crate) async fn start() -> Self {
        let folder = folder();
        let cluster = cluster::start(&config(folder.path())).await.unwrap();
        Self { cluster: Some(cluster), folder }
    }

    /// A fresh, migrated database.
    pub(crate) async fn database(&self, name: &str) -> Database {
        let url = self.cluster.as_ref().unwrap().url.clone();
        let mut connection = PgConnection::connect(&url).await.unwrap();
        // The service's own role makes no databases; a schema of its own isolates as well.
        sqlx::query(AssertSqlSafe(format!("create schema {name}"))).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        let url = format!("{url}&options[search_path]={name}");
        let number_key = Some(NumberKey::new([7; 32]));
        let options = Options { connections: 8, number_key, ..Options::default() };
        let store = Postgres::connect(&url, options).await.unwrap();
        store.migrate().await.unwrap();
        Database { pool: PgPool::connect(&url).await.unwrap(), url, store }
    }
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

/// Takes away every row but those that a migration brings. What refers to another goes first, found by trying; what is
/// append-only lets go for that long.
const EMPTY: &str = "do $$
declare
    kept record;
    name text;
    again boolean := true;
begin
    for kept in select tgrelid::regclass as relation, tgname as name from pg_trigger
                where tgfoid = to_regproc('refuse_change') loop
        execute format('alter table %s disable trigger %I', kept.relation, kept.name);
    end loop;
    while again loop
        again := false;
        for name in select tablename from pg_tables
                    where schemaname = current_schema() and tablename not in ('_sqlx_migrations', 'switch') loop
            begin
                execute format('delete from %I', name);
            exception when foreign_key_violation then
                again := true;
            end;
        end loop;
    end loop;
    for kept in select tgrelid::regclass as relation, tgname as name from pg_trigger
                where tgfoid = to_regproc('refuse_change') loop
        execute format('alter table %s enable trigger %I', kept.relation, kept.name);
    end loop;
    update switch set calling = true;
end $$";

impl Database {
    /// As it was when it had just been migrated, in a fraction of the time.
    pub(crate) async fn emptied(&self) -> Self {
        sqlx::query(EMPTY).execute(&self.pool).await.unwrap();
        self.clone()
    }
}

/// A store and a way past it.
#[derive(Clone)]
pub(crate) struct Database {
    pub(crate) store: Postgres,
    pub(crate) pool: PgPool,
    pub(crate) url: String,
}
