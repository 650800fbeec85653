//! A Postgres of the test's own, which it can stop and start under a running service.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::unistd::{Uid, User, chown};

use super::ports;
use super::site::Site;

/// A server; stopped with the test.
pub(crate) struct Server {
    folder: PathBuf,
    port: u16,
    /// Whom it runs as when the test is root, which Postgres refuses to be.
    user: Option<User>,
}

impl Server {
    /// Makes a cluster and starts it.
    pub(crate) fn start(site: &Site) -> Self {
        let user = Uid::effective().is_root().then(|| User::from_name("postgres").unwrap().unwrap());
        let folder = site.path("server");
        std::fs::create_dir(&folder).unwrap();
        if let Some(user) = &user {
            chown(&folder, Some(user.uid), Some(user.gid)).unwrap();
        }
        let server = Self { folder, port: ports::free().port(), user };
        let password = site.path("server-password");
        std::fs::write(&password, "postgres-secret").unwrap();
        server.run(
            "initdb",
            &[
                "-U",
                "huifang",
                "-A",
                "scram-sha-256",
                "--no-sync",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                "--pwfile",
            ],
            Some(&password),
        );
        server.resume();
        server
    }

    /// What goes into `[database] url`.
    pub(crate) fn url(&self) -> String {
        format!("postgres://huifang:postgres-secret@127.0.0.1:{}/postgres", self.port)
    }

    /// The rows of a query, columns parted by `|`.
    pub(crate) fn ask(&self, query: &str) -> Vec<String> {
        let output = Command::new("psql")
            .args([&self.url(), "--no-psqlrc", "--tuples-only", "--no-align", "--command", query])
            .output()
            .expect("psql is installed (apt: postgresql-client)");
        assert!(output.status.success(), "{query}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
    }

    /// Goes down at once, as in a crash.
    pub(crate) fn crash(&self) {
        self.run("pg_ctl", &["stop", "-m", "immediate"], None);
    }

    /// Comes up, recovering what it has to.
    pub(crate) fn resume(&self) {
        let options = format!("-p {} -h 127.0.0.1 -k '{}' -c fsync=off", self.port, self.folder.display());
        let log = self.folder.join("log");
        self.run("pg_ctl", &["start", "-w", "-o", &options, "-l"], Some(&log));
    }

    /// The rows that a query gives, one a line.
    pub(crate) fn sql(&self, query: &str) -> String {
        let done = Command::new(binary("psql"))
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", query, &self.url()])
            .output()
            .unwrap();
        assert!(done.status.success(), "{query}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8_lossy(&done.stdout).into_owned()
    }

    fn run(&self, program: &str, arguments: &[&str], file: Option<&Path>) {
        let mut command = Command::new(binary(program));
        command
            .args(arguments)
            .args(file)
            .arg("-D")
            .arg(self.folder.join("cluster"))
            .current_dir(&self.folder);
        if let Some(user) = &self.user {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        // A server that is started keeps what it inherits, so nothing of it is piped.
        let said = self.folder.join("said");
        let file = std::fs::File::create(&said).unwrap();
        let status = command.stdout(file.try_clone().unwrap()).stderr(file).status().unwrap();
        assert!(status.success(), "{program}: {}", std::fs::read_to_string(said).unwrap());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.folder.join("cluster/postmaster.pid").exists() {
            self.crash();
        }
    }
}

/// From Debian's package, else from the path.
fn binary(program: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = versions.map(|version| version.path().join("bin").join(program)).collect();
    found.retain(|path| path.exists());
    found.sort();
    found.pop().unwrap_or_else(|| PathBuf::from(program))
}
