//! The built command with a data folder of its own.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use super::{PATIENCE, outcome::Outcome};

/// The number every test calls.
const NUMBER: &str = "+8613800138000";

/// `huifang` with one trunk and an embedded database that nobody else uses.
pub(crate) struct Huifang {
    folder: TempDir,
    questionnaire: PathBuf,
}

impl Huifang {
    /// A trunk that knows us by address.
    pub(crate) fn towards(peer: SocketAddr) -> Self {
        Self::with_trunk(peer, "")
    }

    /// A trunk with user and password.
    pub(crate) fn known_as(user: &str, password: &str, peer: SocketAddr) -> Self {
        Self::with_trunk(
            peer,
            &format!("user = \"{user}\"\npassword = \"{password}\"\nrealm = \"carrier\"\n"),
        )
    }

    /// A trunk that requires SRTP by one suite, on a wire that only the test sees.
    pub(crate) fn encrypting(peer: SocketAddr, suite: &str) -> Self {
        let keys = "srtp = \"required\"\nsrtp_over_clear_signalling = true\n";
        Self::with_trunk(peer, &format!("{keys}srtp_suites = [\"{suite}\"]\n"))
    }

    fn with_trunk(peer: SocketAddr, more: &str) -> Self {
        // The database runs as the user postgres when we are root, and must be able to enter the folder.
        let open = std::fs::Permissions::from_mode(0o755);
        let folder = tempfile::Builder::new().prefix("huifang-call-").permissions(open).tempdir().unwrap();
        let mut text = String::new();
        writeln!(text, "[data]\ndir = \"{}\"\nminimum_free_mib = 16", folder.path().join("data").display())
            .unwrap();
        writeln!(text, "[sip]\nlisten = \"127.0.0.1:0\"\n[media]\nbind = \"127.0.0.1\"").unwrap();
        // One ping, before the call: SIPp plays its script for two callers, no more.
        writeln!(text, "[trunk.test]\npeer = \"{peer}\"\ncaller = \"4008001234\"\noptions_seconds = 3600")
            .unwrap();
        text.push_str(more);
        std::fs::write(folder.path().join("huifang.toml"), text).unwrap();
        let questionnaire = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/calls/quick.yaml");
        Self { folder, questionnaire }
    }

    /// With another questionnaire than `tests/calls/quick.yaml`.
    pub(crate) fn asking(self, questionnaire: PathBuf) -> Self {
        Self { questionnaire, ..self }
    }

    /// The data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// `huifang call` reaches the customer's side: its outcome.
    pub(crate) async fn call(&self) -> Outcome {
        let (outcome, said, succeeded) = self.call_somehow().await;
        assert!(succeeded, "huifang call failed: {said}");
        outcome
    }

    /// The same for a process that is stopped where it stands as soon as the one is ready, and goes on with the other.
    pub(crate) async fn call_held_up(
        &self,
        stop: impl Future<Output = ()>,
        go_on: impl Future<Output = ()>,
    ) -> Outcome {
        let child = self.begin_call();
        let pid = pid_of(&child);
        let holding_up = async {
            stop.await;
            kill(pid, Signal::SIGSTOP).unwrap();
            go_on.await;
            kill(pid, Signal::SIGCONT).unwrap();
        };
        let (output, ()) = tokio::join!(bounded(child), holding_up);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "huifang call failed: {said}");
        Outcome::read(&output.stdout, &self.data().join("recordings"))
    }

    /// `huifang call` fails on our side: its outcome, and what it says on standard error.
    pub(crate) async fn call_in_vain(&self) -> (Outcome, String) {
        let (outcome, said, succeeded) = self.call_somehow().await;
        assert!(!succeeded, "the command must not succeed");
        (outcome, said)
    }

    async fn call_somehow(&self) -> (Outcome, String, bool) {
        let output = bounded(self.begin_call()).await;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.stdout.is_empty(), "huifang call: {} and no outcome\n{said}", output.status);
        let outcome = Outcome::read(&output.stdout, &self.data().join("recordings"));
        // Shown when the test fails.
        eprintln!("{said}\n{outcome}");
        (outcome, said, output.status.success())
    }

    fn begin_call(&self) -> Child {
        Command::new(env!("CARGO_BIN_EXE_huifang"))
            .args(["call", NUMBER, "--questionnaire"])
            .arg(&self.questionnaire)
            .arg("--config")
            .arg(self.folder.path().join("huifang.toml"))
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }
}

fn pid_of(child: &Child) -> Pid {
    child.id().map(|id| Pid::from_raw(id.cast_signed())).expect("it runs")
}

/// Waits for the end. A command that hangs is asked to stop, so that it leaves no database behind, and fails.
async fn bounded(child: Child) -> Output {
    let pid = pid_of(&child);
    let end = child.wait_with_output();
    tokio::pin!(end);
    if let Ok(output) = tokio::time::timeout(PATIENCE, &mut end).await {
        return output.unwrap();
    }
    kill(pid, Signal::SIGTERM).unwrap();
    let output = tokio::time::timeout(PATIENCE, end).await.expect("it heeds SIGTERM").unwrap();
    panic!("huifang call did not end in {PATIENCE:?}:\n{}", String::from_utf8_lossy(&output.stderr));
}
