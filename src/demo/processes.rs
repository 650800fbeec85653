//! The demo's processes: carrier and service, each with its log, and a clean start every time.

use std::fs::File;
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// A process of the demo does not do as it should.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// The demo's folder cannot be made.
    #[error("the demo's folder {0} cannot be prepared: {1}. Remove it by hand, or give --dir")]
    Folder(PathBuf, std::io::Error),
    /// A process cannot be started.
    #[error("{0} cannot be started: {1}")]
    Start(&'static str, std::io::Error),
    /// A process ended at once.
    #[error("{name} ended at once ({status}). Its last words, from {log}:\n{words}")]
    Ended { name: &'static str, status: String, log: String, words: String },
    /// A command of the demo failed.
    #[error("`huifang {0}` failed: {1}")]
    Command(String, String),
    /// No free port.
    #[error("no free port on this machine: {0}. End programs that hold many ports")]
    Port(std::io::Error),
}

/// Carrier and service of one demonstration.
pub(super) struct Children {
    dir: PathBuf,
    running: Vec<(&'static str, Child)>,
    keep: bool,
}

/// Marks a folder as ours to wipe.
const MARK: &str = ".huifang-demo";
const PIDS: &str = "pids";

impl Children {
    /// Ends what an earlier demonstration left running and wipes its folder.
    pub(super) fn prepare(dir: Option<PathBuf>) -> Result<Self, ProcessError> {
        let dir = dir.unwrap_or_else(default_dir);
        clean(&dir).map_err(|error| ProcessError::Folder(dir.clone(), error))?;
        let made = Self { dir, running: Vec::new(), keep: false };
        Ok(made)
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    pub(super) fn config_file(&self) -> PathBuf {
        self.dir.join("huifang.toml")
    }

    pub(super) fn carrier_journal(&self) -> PathBuf {
        self.dir.join("carrier.jsonl")
    }

    pub(super) fn service_log(&self) -> PathBuf {
        self.dir.join("service.log")
    }

    pub(super) fn vault(&self) -> PathBuf {
        self.dir.join("data/recordings")
    }

    /// Starts `huifang` with these arguments as a process of its own.
    pub(super) fn start(&mut self, name: &'static str, arguments: &[&str]) -> Result<(), ProcessError> {
        let log = self.log(name);
        let open = || File::options().create(true).append(true).open(&log);
        let child = huifang()
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(open().map_err(|error| ProcessError::Start(name, error))?)
            .stderr(open().map_err(|error| ProcessError::Start(name, error))?)
            .spawn()
            .map_err(|error| ProcessError::Start(name, error))?;
        self.running.push((name, child));
        let pids: Vec<String> = self.running.iter().map(|(_, child)| child.id().to_string()).collect();
        std::fs::write(self.dir.join(PIDS), pids.join("\n"))
            .map_err(|error| ProcessError::Folder(self.dir.clone(), error))
    }

    /// An error if a process has ended already.
    pub(super) fn all_alive(&mut self) -> Result<(), ProcessError> {
        for (name, child) in &mut self.running {
            if let Ok(Some(status)) = child.try_wait() {
                let log = self.dir.join(format!("{name}.log"));
                let words = std::fs::read_to_string(&log).unwrap_or_default();
                let last: Vec<&str> = words.lines().rev().take(8).collect();
                let words = last.into_iter().rev().collect::<Vec<_>>().join("\n");
                let log = log.display().to_string();
                return Err(ProcessError::Ended { name, status: status.to_string(), log, words });
            }
        }
        Ok(())
    }

    /// Leaves everything running after the demonstration.
    pub(super) fn leave_running(&mut self) {
        self.keep = true;
    }

    /// Ends the service first, then the carrier, and waits for both.
    pub(super) async fn stop(&mut self) {
        while let Some((name, mut child)) = self.running.pop() {
            let stopped = tokio::task::spawn_blocking(move || end(&mut child));
            if !stopped.await.unwrap_or(false) {
                eprintln!("{name} did not end in time and was killed");
            }
        }
    }

    pub(super) fn pids(&self) -> Vec<u32> {
        self.running.iter().map(|(_, child)| child.id()).collect()
    }

    fn log(&self, name: &str) -> PathBuf {
        self.dir.join(format!("{name}.log"))
    }
}

impl Drop for Children {
    fn drop(&mut self) {
        if !self.keep {
            self.running.iter_mut().rev().for_each(|(_, child)| {
                end(child);
            });
        }
    }
}

/// Runs `huifang` with these arguments to its end and answers what it printed.
pub(super) fn command(arguments: &[&str]) -> Result<String, ProcessError> {
    let done = huifang().args(arguments).output().map_err(|error| ProcessError::Start("huifang", error))?;
    if !done.status.success() {
        let why = String::from_utf8_lossy(&done.stderr).trim().to_owned();
        return Err(ProcessError::Command(arguments.join(" "), why));
    }
    Ok(String::from_utf8_lossy(&done.stdout).trim().to_owned())
}

fn huifang() -> Command {
    Command::new(std::env::current_exe().unwrap_or_else(|_| PathBuf::from("huifang")))
}

/// SIGTERM, and after a minute SIGKILL; answers whether the first was enough.
fn end(child: &mut Child) -> bool {
    let pid = Pid::from_raw(child.id().cast_signed());
    // It may have ended by itself.
    let _ = kill(pid, Signal::SIGTERM);
    let deadline = Instant::now() + Duration::from_secs(60);
    while Instant::now() < deadline {
        if !matches!(child.try_wait(), Ok(None)) {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let _ = child.kill();
    let _ = child.wait();
    false
}

/// A folder the embedded database may live in: as root not below a home that its user cannot enter.
fn default_dir() -> PathBuf {
    if nix::unistd::Uid::effective().is_root() {
        PathBuf::from("/var/lib/huifang-demo")
    } else {
        std::env::current_dir().unwrap_or_default().join("target/demo")
    }
}

fn clean(dir: &Path) -> std::io::Result<()> {
    if dir.exists() {
        if !dir.join(MARK).exists() && std::fs::read_dir(dir)?.next().is_some() {
            return Err(std::io::Error::other("it holds something that is no demonstration"));
        }
        end_earlier(dir);
        std::fs::remove_dir_all(dir)?;
    }
    std::fs::create_dir_all(dir)?;
    std::fs::write(dir.join(MARK), "")
}

/// Ends processes that an earlier `KEEP=1` left, if they still are what they were.
fn end_earlier(dir: &Path) {
    let pids = std::fs::read_to_string(dir.join(PIDS)).unwrap_or_default();
    let ours = |pid: &i32| {
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).into_owned();
        line.contains("huifang") && (line.contains("serve") || line.contains("carrier"))
    };
    let earlier: Vec<i32> = pids.lines().filter_map(|line| line.trim().parse().ok()).filter(ours).collect();
    for pid in earlier.iter().rev() {
        let _ = kill(Pid::from_raw(*pid), Signal::SIGTERM);
        let deadline = Instant::now() + Duration::from_secs(60);
        while Instant::now() < deadline && ours(pid) {
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// A TCP port that is free now.
pub(super) fn free_tcp_port() -> Result<u16, ProcessError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(ProcessError::Port)?;
    Ok(listener.local_addr().map_err(ProcessError::Port)?.port())
}

/// A UDP port that is free now.
pub(super) fn free_udp_port() -> Result<u16, ProcessError> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).map_err(ProcessError::Port)?;
    Ok(socket.local_addr().map_err(ProcessError::Port)?.port())
}
