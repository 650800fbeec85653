//! What Postgres holds after the calls, read by psql.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::BenchError;
use super::process::LOOK;

/// A server that is told to stop at once is gone by then.
const PATIENCE: Duration = Duration::from_secs(10);

/// The service's private Postgres.
pub(super) struct Books {
    home: PathBuf,
    psql: PathBuf,
    password: String,
}

/// One attempt of a plan.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    /// Empty while the call is up.
    pub(super) reason: String,
    /// Whether the person said to be the one.
    pub(super) identified: bool,
    /// The keys that stand as answers, in the order of the questions.
    pub(super) answers: Vec<char>,
    /// Of the recording, relative to the vault; empty where there is none.
    pub(super) recording: String,
}

impl Books {
    /// Of the private server in `home`.
    pub(super) fn of(home: PathBuf) -> Result<Self, BenchError> {
        let file = home.join("password");
        let password = std::fs::read_to_string(&file).map_err(BenchError::file(file))?.trim().to_owned();
        Ok(Self { home, psql: psql(), password })
    }

    /// The server's process.
    pub(super) fn server(&self) -> u32 {
        let pid = std::fs::read_to_string(self.home.join("data/postmaster.pid")).unwrap_or_default();
        pid.lines().next().and_then(|pid| pid.trim().parse().ok()).unwrap_or_default()
    }

    /// Attempts of a plan by their id.
    pub(super) fn attempts(&self, plan: &str) -> Result<HashMap<String, Entry>, BenchError> {
        let rows = self.ask(&format!(
            "select a.id, coalesce(a.reason, ''), \
             exists (select from facts f where f.attempt_id = a.id and f.noted ->> 'kind' = 'identity'), \
             coalesce((select string_agg(n.key, '' order by n.question) from answers n where n.attempt_id = a.id), ''), \
             coalesce(r.path, '') \
             from attempts a left join recordings r on r.attempt_id = a.id where a.plan_id = '{plan}'"
        ))?;
        let read = |row: &String| {
            let columns: Vec<&str> = row.split('|').collect();
            let [id, reason, identified, answers, recording] = columns[..] else { return None };
            let entry = Entry {
                reason: reason.to_owned(),
                identified: identified == "t",
                answers: answers.chars().collect(),
                recording: recording.to_owned(),
            };
            Some((id.to_owned(), entry))
        };
        Ok(rows.iter().filter_map(read).collect())
    }

    /// Attempts that are open, and answered ones whose recording is not filed yet. Who hangs up as soon as he is
    /// connected leaves no sound to be filed.
    pub(super) fn unfinished(&self) -> Result<u64, BenchError> {
        let rows = self.ask(
            "select count(*) from attempts a where a.reason is null \
             or (a.ended_at > a.answered_at + interval '1 s' and not exists (select from recordings r where r.attempt_id = a.id))",
        )?;
        Ok(rows.first().and_then(|count| count.parse().ok()).unwrap_or(u64::MAX))
    }

    /// Whether the server's process is there, and is one of Postgres's: numbers come round again.
    fn runs(&self) -> Option<Pid> {
        let pid = self.server();
        let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
        (pid > 0 && name.trim() == "postgres").then(|| Pid::from_raw(pid.cast_signed()))
    }

    fn ask(&self, query: &str) -> Result<Vec<String>, BenchError> {
        let done = Command::new(&self.psql)
            .args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1"])
            .args(["--username", "huifang", "--dbname", "huifang", "--command", query, "--host"])
            .arg(self.home.join("run"))
            .env("PGPASSWORD", &self.password)
            .output()
            .map_err(|error| BenchError::Database(format!("{error}. Install postgresql-client")))?;
        if !done.status.success() {
            return Err(BenchError::Database(String::from_utf8_lossy(&done.stderr).into_owned()));
        }
        Ok(String::from_utf8_lossy(&done.stdout).lines().map(str::to_owned).collect())
    }
}

impl Drop for Books {
    /// A service that had to be killed leaves its database behind.
    fn drop(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        while let Some(pid) = self.runs()
            && Instant::now() < deadline
        {
            // It may be about to end.
            let _ = kill(pid, Signal::SIGQUIT);
            std::thread::sleep(LOOK);
        }
    }
}

/// From Debian's package, else from the path.
fn psql() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = versions.map(|version| version.path().join("bin/psql")).collect();
    found.retain(|path| path.exists());
    found.sort();
    found.pop().unwrap_or_else(|| Path::new("psql").to_owned())
}
