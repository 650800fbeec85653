//! A signal to stop that comes while the service still starts: it starts to its end, and ends in order.

mod service;

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::libc::O_NONBLOCK;
use nix::sys::signal::Signal;
use service::{Process, Server, Site, until};

const PATIENCE: Duration = Duration::from_secs(60);

/// Tells the process to stop, and comes back when it has heard: the signal does not wait for it any more.
async fn told_to_stop(process: &mut Process) {
    process.signal(Signal::SIGTERM);
    let status = format!("/proc/{}/status", process.pid());
    until(PATIENCE, "the signal is delivered", || {
        process.must_run();
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let waiting = text.lines().filter_map(|line| {
            line.strip_prefix("SigPnd:").or_else(|| line.strip_prefix("ShdPnd:")).map(str::trim)
        });
        let bit = 1_u64 << (Signal::SIGTERM as u32 - 1);
        let heard = waiting.map(|mask| u64::from_str_radix(mask, 16).unwrap()).all(|mask| mask & bit == 0);
        std::future::ready(heard.then_some(()))
    })
    .await;
}

async fn ends_in_order(mut process: Process) {
    let status = process.ended(PATIENCE).await;
    assert_eq!(status.code(), Some(0), "{status}: {}", process.stderr());
}

/// Postgres's programs in a folder of the test's own, where `pg_ctl start` waits until the gate is let go of.
struct Gate {
    programs: PathBuf,
    pipe: PathBuf,
}

impl Gate {
    fn before(site: &Site) -> Self {
        let programs = site.path("programs");
        let pipe = programs.join("gate");
        std::fs::create_dir(&programs).unwrap();
        // The database has a user of its own.
        assert!(Command::new("mkfifo").args(["-m", "666"]).arg(&pipe).status().unwrap().success());
        let real = real_programs();
        for name in ["initdb", "postgres", "psql"] {
            symlink(real.join(name), programs.join(name)).unwrap();
        }
        let script = format!(
            "#!/bin/sh\nif [ \"$1\" = start ]; then cat '{}'; fi\nexec '{}' \"$@\"\n",
            pipe.display(),
            real.join("pg_ctl").display()
        );
        let control = programs.join("pg_ctl");
        std::fs::write(&control, script).unwrap();
        std::fs::set_permissions(&control, std::fs::Permissions::from_mode(0o755)).unwrap();
        Self { programs, pipe }
    }

    /// Somebody waits at the gate, until what is given here is dropped.
    async fn reached(&self) -> File {
        until(PATIENCE, "the private Postgres is about to start", || {
            // Refused as long as nobody reads.
            let opened = OpenOptions::new().write(true).custom_flags(O_NONBLOCK).open(&self.pipe);
            std::future::ready(opened.ok())
        })
        .await
    }
}

/// Debian's newest, else those of the path.
fn real_programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut found: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    found.sort();
    found.reverse();
    found.extend(std::env::split_paths(&path));
    found.into_iter().find(|folder| folder.join("pg_ctl").is_file()).expect("postgresql is installed")
}

/// Nobody holds it.
fn free(lock: &Path) -> bool {
    File::open(lock).unwrap_or_else(|error| panic!("{}: {error}", lock.display())).try_lock().is_ok()
}

#[tokio::test]
async fn the_private_postgres_that_was_about_to_start_does_not_stay_behind() {
    let mut site = Site::new();
    let gate = Gate::before(&site);
    let programs = gate.programs.display().to_string();
    site.environment = vec![("HUIFANG_DATABASE__BIN_DIR".to_owned(), programs)];
    let mut serve = site.serve_at_once();
    let held = gate.reached().await;
    assert_eq!(site.postmaster(), None);
    told_to_stop(&mut serve).await;
    serve.must_run();
    drop(held);
    ends_in_order(serve).await;
    assert_eq!(site.postmaster(), None, "its private Postgres still runs");
    assert!(!site.data.join("postgres/data/postmaster.pid").exists(), "it was not stopped in order");
    for lock in ["postgres/lock", "node"] {
        assert!(free(&site.data.join(lock)), "{lock} is still held");
    }
    assert!(std::net::TcpListener::bind(site.http).is_ok(), "its port is still taken");
}

/// A session of psql that keeps a table to itself until it is dropped.
struct Locked(Child);

impl Locked {
    async fn hold(server: &Server, table: &str) -> Self {
        let mut session = Command::new("psql")
            .args(["-X", "-q", &server.url()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("psql is installed (apt: postgresql-client)");
        let order = format!("begin; lock table {table} in access exclusive mode;\n");
        session.stdin.as_mut().unwrap().write_all(order.as_bytes()).unwrap();
        let held = format!(
            "select count(*) from pg_locks where relation = '{table}'::regclass and mode = 'AccessExclusiveLock' and granted"
        );
        until(PATIENCE, "the table is locked", || {
            std::future::ready((server.sql(&held).trim() == "1").then_some(()))
        })
        .await;
        Self(session)
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        // At the end of its input psql ends, and its transaction with it.
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn a_database_that_it_waits_for_is_left_as_it_was() {
    let mut site = Site::new();
    let server = Server::start(&site);
    site.database_url = Some(server.url());
    site.huifang(&["migrate"]).await.printed();
    let locked = Locked::hold(&server, "_sqlx_migrations").await;
    let mut serve = site.serve_at_once();
    let waits = "select count(*) from pg_stat_activity where application_name = 'huifang' and wait_event_type = 'Lock'";
    until(PATIENCE, "it waits for the schema", || {
        serve.must_run();
        std::future::ready((server.sql(waits).trim() == "1").then_some(()))
    })
    .await;
    told_to_stop(&mut serve).await;
    serve.must_run();
    drop(locked);
    ends_in_order(serve).await;
    until(PATIENCE, "its sessions are gone", || {
        let left = "select count(*) from pg_stat_activity where application_name = 'huifang'";
        std::future::ready((server.sql(left).trim() == "0").then_some(()))
    })
    .await;
    for left in [
        "select count(*) from lendings where until > now()",
        "select count(*) from evaluations where node is not null",
        "select count(*) from tasks where lease_node is not null",
    ] {
        assert_eq!(server.sql(left).trim(), "0", "{left}");
    }
    assert!(free(&site.data.join("node")), "the seat of the data folder is still held");
}
