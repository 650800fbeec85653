//! A site: a folder, ports and the configuration of one service.

use std::fs::Permissions;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use super::api::Api;
use super::process::{Done, Process};
use super::wait::until;
use super::{CALLER, ports, questionnaire};

/// Making the cluster takes the longest.
const START: Duration = Duration::from_secs(90);
/// A command that connects, does one thing and ends.
const COMMAND: Duration = Duration::from_secs(90);

/// Where one service runs. The public fields may be changed before a command is run.
pub(crate) struct Site {
    folder: TempDir,
    pub(crate) http: SocketAddr,
    pub(crate) sip: SocketAddr,
    /// The trunk's address; nobody listens there unless a carrier is started.
    pub(crate) peer: SocketAddr,
    rtp: String,
    pub(crate) data: PathBuf,
    pub(crate) questionnaires: PathBuf,
    pub(crate) database_url: Option<String>,
    pub(crate) lines: u32,
    pub(crate) cps: u32,
    /// Further lines of `[trunk.main]`.
    pub(crate) trunk: String,
    /// Further environment.
    pub(crate) environment: Vec<(String, String)>,
}

impl Site {
    /// A site with the questionnaire `quick`.
    pub(crate) fn new() -> Self {
        // The database's own user must be able to enter it.
        let folder = tempfile::Builder::new()
            .prefix("huifang-")
            .permissions(Permissions::from_mode(0o755))
            .tempdir()
            .unwrap();
        let questionnaires = folder.path().join("questionnaires");
        questionnaire::write_quick(&questionnaires);
        Self {
            http: ports::free(),
            sip: ports::free(),
            peer: ports::free(),
            rtp: ports::rtp_range(),
            data: folder.path().join("data"),
            questionnaires,
            database_url: None,
            lines: 10,
            cps: 20,
            trunk: String::new(),
            environment: Vec::new(),
            folder,
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// The configuration file as it would be now.
    pub(crate) fn configuration(&self) -> String {
        let database =
            self.database_url.as_ref().map_or_else(String::new, |url| format!("url = \"{url}\"\n"));
        format!(
            "[data]\ndir = \"{data}\"\nminimum_free_mib = 16\n\
             [database]\n{database}connections = 8\n\
             [http]\nlisten = \"{http}\"\nself_approval = true\n\
             [sip]\nlisten = \"{sip}\"\n\
             [trunk.main]\npeer = \"{peer}\"\ncaller = \"{CALLER}\"\nlines = {lines}\ncps = {cps}\n\
             options_seconds = 2\n{trunk}\n\
             [media]\nbind = \"127.0.0.1\"\nports = \"{rtp}\"\n\
             [questionnaires]\ndir = \"{questionnaires}\"\n\
             [dialer]\npoll_ms = 100\nlease_seconds = 10\ndrain_seconds = 1\n",
            data = self.data.display(),
            http = self.http,
            sip = self.sip,
            peer = self.peer,
            lines = self.lines,
            cps = self.cps,
            trunk = self.trunk,
            rtp = self.rtp,
            questionnaires = self.questionnaires.display(),
        )
    }

    /// Runs a command of `huifang` with this site's configuration to its end.
    pub(crate) async fn huifang(&self, arguments: &[&str]) -> Done {
        self.start("command", arguments).done(COMMAND).await
    }

    /// Runs a command that takes no configuration to its end.
    pub(crate) async fn bare_done(&self, arguments: &[&str]) -> Done {
        Process::start("command", self.folder(), Self::bare(arguments)).done(COMMAND).await
    }

    /// Starts `huifang serve` without waiting for anything.
    pub(crate) fn serve_at_once(&self) -> Process {
        self.start("serve", &["serve"])
    }

    /// Starts `huifang serve` and waits until it answers.
    pub(crate) async fn serve(&self) -> Process {
        let mut process = self.serve_at_once();
        let client = reqwest::Client::new();
        let url = format!("http://{}/healthz", self.http);
        until(START, "the service answers", || {
            process.must_run();
            async { client.get(&url).send().await.ok() }
        })
        .await;
        process
    }

    /// Waits until the service says that it can call.
    pub(crate) async fn ready(&self, api: &Api) {
        until(Duration::from_secs(20), "the service is ready to call", || async {
            (api.get("/readyz").await.status == 200).then_some(())
        })
        .await;
    }

    fn start(&self, name: &str, arguments: &[&str]) -> Process {
        let file = self.path("huifang.toml");
        std::fs::write(&file, self.configuration()).unwrap();
        let mut command = Self::bare(arguments);
        command.arg("--config").arg(file).envs(self.environment.iter().cloned()).current_dir(self.folder());
        Process::start(name, self.folder(), command)
    }

    /// `huifang` with these arguments and nothing of the test's own environment.
    pub(crate) fn bare(arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_huifang"));
        command.args(arguments).env_clear();
        for name in ["PATH", "HOME", "LANG", "TMPDIR"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command
    }

    /// The process id of the embedded database's server, while there is one.
    pub(crate) fn postmaster(&self) -> Option<Pid> {
        let file = find(&self.data, "postmaster.pid")?;
        let pid = std::fs::read_to_string(file).ok()?.lines().next()?.trim().parse().ok()?;
        Some(Pid::from_raw(pid)).filter(|pid| runs(*pid))
    }

    /// Recordings that are not sealed yet.
    pub(crate) fn staged(&self) -> Vec<PathBuf> {
        let files = std::fs::read_dir(self.data.join("staging")).into_iter().flatten().flatten();
        let parts = files.map(|file| file.path());
        parts.filter(|path| path.extension().is_some_and(|end| end == "part")).collect()
    }

    /// Facts that wait on disk for the database.
    pub(crate) fn journal_waiting(&self) -> usize {
        let files = std::fs::read_dir(self.data.join("journal")).into_iter().flatten();
        files.filter(|file| file.as_ref().is_ok_and(|file| file.path().extension().is_some())).count()
    }
}

impl Drop for Site {
    /// A service that was killed leaves its database behind.
    fn drop(&mut self) {
        if let Some(pid) = self.postmaster() {
            let _ = kill(pid, Signal::SIGQUIT);
            while runs(pid) {
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    }
}

/// Whether a process does something still; one that only waits to be reaped does not.
pub(crate) fn runs(pid: Pid) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(") ").next().is_some_and(|state| !state.is_empty() && !state.starts_with('Z'))
}

fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    let entries: Vec<PathBuf> = std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).collect();
    let here = entries.iter().find(|path| path.ends_with(name)).cloned();
    here.or_else(|| entries.iter().filter(|path| path.is_dir()).find_map(|path| find(path, name)))
}
