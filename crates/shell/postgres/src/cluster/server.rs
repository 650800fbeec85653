//! Running Postgres's programs on the private cluster.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;
use tokio::time::{Instant, sleep};

use super::binaries::Binaries;
use super::folder::Folder;
use super::memory;
use super::user::Runner;
use super::{ClusterError, PATIENCE};

/// The role of the service and its database.
const ROLE: &str = "huifang";

/// The server's own user comes in by being it; everybody else by password. Nothing listens on the network.
const ADMISSION: &str = "local all postgres peer map=huifang\nlocal all all scram-sha-256\n";

/// Our settings; those of the configuration follow and win.
const SETTINGS: &str = "listen_addresses = ''\nport = 5432\nunix_socket_permissions = 0700\n\
    password_encryption = 'scram-sha-256'\nlogging_collector = off\nlog_timezone = 'UTC'\ntimezone = 'UTC'\n\
    log_line_prefix = '%m [%p] '\nsynchronous_commit = on\nmax_connections = 100\nmax_wal_size = 2GB\n";

/// The private server: which programs, as whom, where.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) binaries: Binaries,
    pub(super) runner: Runner,
    pub(super) folder: Folder,
}

/// For [`crate::Postgres::connect`].
pub(super) fn url(folder: &Folder, password: &str) -> String {
    PgConnectOptions::new_without_pgpass()
        .socket(&folder.run)
        .port(5432)
        .username(ROLE)
        .password(password)
        .database(ROLE)
        .to_url_lossy()
        .to_string()
}

impl Server {
    pub(super) fn url(&self, password: &str) -> String {
        url(&self.folder, password)
    }

    /// Makes the cluster: UTF-8 with code-point order, and checksums against silent rot.
    pub(super) async fn init(&self) -> Result<(), ClusterError> {
        let unfinished = self.folder.unfinished();
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished)
                .map_err(|error| ClusterError::not_writable(&unfinished, &error))?;
        }
        let mut command = self.runner.command(&self.binaries.program("initdb"));
        command.arg("--pgdata").arg(&unfinished).args([
            "--username=postgres",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--data-checksums",
            "--auth-local=peer",
            "--auth-host=scram-sha-256",
        ]);
        self.succeed("initdb", command, None).await?;
        let data = self.folder.data();
        fs::rename(&unfinished, &data).map_err(|error| ClusterError::not_writable(&data, &error))
    }

    /// Writes what the server reads at its start. `postgresql.auto.conf` stays the operator's.
    pub(super) fn configure(&self, more: &[(String, String)]) -> Result<(), ClusterError> {
        let data = self.folder.data();
        let mut settings = format!(
            "# Written at each start by huifang; change [database] settings instead.\n{SETTINGS}\
             shared_buffers = {}MB\nunix_socket_directories = {}\n",
            memory::buffers(memory::of_machine()),
            quoted(&self.folder.run.to_string_lossy())
        );
        for (name, value) in more {
            let _ = writeln!(settings, "{name} = {}", quoted(value));
        }
        let map = format!("huifang \"{}\" postgres\n", self.runner.name);
        for (name, text) in
            [("postgresql.conf", settings.as_str()), ("pg_hba.conf", ADMISSION), ("pg_ident.conf", &map)]
        {
            // The file is there since initdb and keeps its owner.
            let path = data.join(name);
            fs::write(&path, text).map_err(|error| ClusterError::not_writable(&path, &error))?;
        }
        Ok(())
    }

    /// Whether a server was left running here and answers. A pid file whose process is none of Postgres's is
    /// removed: numbers come round again quickly in a container, and the server would refuse to start.
    pub(super) async fn adopt(&self) -> Result<bool, ClusterError> {
        let deadline = Instant::now() + PATIENCE;
        while let Some(pid) = self.pid() {
            if !is_postgres(pid) {
                let stale = self.folder.data().join("postmaster.pid");
                return match fs::remove_file(&stale) {
                    Ok(()) => Ok(false),
                    Err(error) => Err(ClusterError::not_writable(&stale, &error)),
                };
            }
            if self.ask("select 1").await.is_ok() {
                return Ok(true);
            }
            if Instant::now() > deadline {
                return Err(ClusterError::Silent { log: self.folder.log() });
            }
            // It recovers, or it is about to end: neither tells when.
            sleep(Duration::from_millis(100)).await;
        }
        Ok(false)
    }

    fn pid(&self) -> Option<u32> {
        let text = fs::read_to_string(self.folder.data().join("postmaster.pid")).ok()?;
        text.lines().next()?.trim().parse().ok()
    }

    pub(super) async fn start(&self) -> Result<(), ClusterError> {
        let mut command = self.control("start");
        command.arg("--log").arg(self.folder.log());
        self.succeed("pg_ctl start", command, None).await.map(drop)
    }

    pub(super) async fn stop(&self) -> Result<(), ClusterError> {
        let mut command = self.control("stop");
        command.args(["--mode", "fast"]);
        self.succeed("pg_ctl stop", command, None).await.map(drop)
    }

    /// Makes the service's role and database, or gives the role its password again.
    pub(super) async fn admit(&self, password: &str) -> Result<(), ClusterError> {
        self.ask(&format!(
            "select 'create role {ROLE} login' where not exists (select from pg_roles where rolname = '{ROLE}')\n\
             \\gexec\n\
             alter role {ROLE} with login password '{password}';\n\
             select 'create database {ROLE} owner {ROLE}'\n\
             where not exists (select from pg_database where datname = '{ROLE}')\n\
             \\gexec\n"
        ))
        .await
    }

    /// Runs a script as the server's superuser. It goes by standard input: arguments can be seen by everybody.
    async fn ask(&self, script: &str) -> Result<(), ClusterError> {
        let mut command = self.runner.command(&self.binaries.program("psql"));
        command.args(["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--port", "5432"]);
        command.args(["--username", "postgres", "--dbname", "postgres", "--host"]).arg(&self.folder.run);
        command.stdin(Stdio::piped());
        self.succeed("psql", command, Some(script.to_owned())).await.map(drop)
    }

    fn control(&self, action: &str) -> std::process::Command {
        let mut command = self.runner.command(&self.binaries.program("pg_ctl"));
        command.arg(action).args(["--silent", "--wait", "--timeout"]).arg(PATIENCE.as_secs().to_string());
        command.arg("--pgdata").arg(self.folder.data());
        command
    }

    /// Runs a program to its end, away from the threads that drive the service.
    async fn succeed(
        &self,
        program: &'static str,
        command: std::process::Command,
        input: Option<String>,
    ) -> Result<Output, ClusterError> {
        let failed = |said: String| ClusterError::Failed { program, said, log: self.folder.log() };
        let output = tokio::task::spawn_blocking(move || finish(command, input))
            .await
            .map_err(|error| failed(error.to_string()))?
            .map_err(|error| failed(error.to_string()))?;
        if output.status.success() {
            return Ok(output);
        }
        let mut said = String::from_utf8_lossy(&output.stderr).trim().replace('\n', "; ");
        let last = last_line(&self.folder.log());
        if program == "pg_ctl start" && !last.is_empty() {
            let _ = write!(said, "; {last}");
        }
        Err(failed(said))
    }
}

fn finish(mut command: std::process::Command, input: Option<String>) -> std::io::Result<Output> {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    if let (Some(mut pipe), Some(input)) = (child.stdin.take(), input) {
        pipe.write_all(input.as_bytes())?;
    }
    child.wait_with_output()
}

/// Whether a process is one of Postgres's.
fn is_postgres(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim() == "postgres")
}

/// The last thing the server said that matters.
fn last_line(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    text.lines()
        .rev()
        .find(|line| line.contains("FATAL") || line.contains("PANIC"))
        .unwrap_or_default()
        .to_owned()
}

/// A value of a configuration file.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "''"))
}
