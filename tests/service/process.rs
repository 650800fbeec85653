//! A process of the test, its output in files, ended with the test.

use std::fs::File;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::wait::until;

/// A running `huifang`.
pub(crate) struct Process {
    name: String,
    child: Child,
    out: PathBuf,
    err: PathBuf,
}

/// A `huifang` that has ended.
pub(crate) struct Done {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Done {
    /// The error of a command that must not succeed.
    pub(crate) fn refused(&self) -> &str {
        assert_eq!(self.status.code(), Some(1), "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        &self.stderr
    }

    /// What a command printed that must succeed.
    pub(crate) fn printed(&self) -> &str {
        assert!(self.status.success(), "{}\nstdout: {}\nstderr: {}", self.status, self.stdout, self.stderr);
        self.stdout.trim()
    }
}

impl Process {
    /// Starts `command` with its output in `folder`.
    pub(crate) fn start(name: &str, folder: &Path, mut command: Command) -> Self {
        let (out, err) = (folder.join(format!("{name}.out")), folder.join(format!("{name}.err")));
        let child = command
            .stdin(Stdio::null())
            .stdout(File::create(&out).unwrap())
            .stderr(File::create(&err).unwrap())
            .spawn()
            .unwrap_or_else(|error| panic!("{name} cannot be started: {error}"));
        Self { name: name.to_owned(), child, out, err }
    }

    pub(crate) fn stdout(&self) -> String {
        read(&self.out)
    }

    pub(crate) fn stderr(&self) -> String {
        read(&self.err)
    }

    /// Its number.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().cast_signed()), signal).unwrap();
    }

    /// Kills it so that it can do nothing more, as a power cut would.
    pub(crate) async fn kill_dead(mut self) {
        self.signal(Signal::SIGKILL);
        let status = self.ended(Duration::from_secs(5)).await;
        assert_eq!(status.signal(), Some(9));
    }

    /// Waits for its end.
    pub(crate) async fn ended(&mut self, within: Duration) -> ExitStatus {
        let child = &mut self.child;
        let what = format!("the end of {}", self.name);
        until(within, &what, || std::future::ready(child.try_wait().unwrap())).await
    }

    /// Waits for its end, and answers what it left.
    pub(crate) async fn done(mut self, within: Duration) -> Done {
        let status = self.ended(within).await;
        Done { status, stdout: self.stdout(), stderr: self.stderr() }
    }

    /// Fails the test when it has ended.
    pub(crate) fn must_run(&mut self) {
        if let Some(status) = self.child.try_wait().unwrap() {
            panic!("{} ended ({status}):\n{}", self.name, self.stderr());
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("── {} said:\n{}{}", self.name, self.stdout(), self.stderr());
        }
        let deadline = Instant::now() + Duration::from_secs(20);
        // It may have ended by itself.
        let _ = kill(Pid::from_raw(self.child.id().cast_signed()), Signal::SIGTERM);
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
}
