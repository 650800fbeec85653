//! One service with its called parties: a folder, ports, a private Postgres of the service's own.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::api::Api;
use super::books::Books;
use super::options::Options;
use super::parties::Parties;
use super::process::{Process, until};
use super::{BenchError, ports, questionnaire};
use crate::called::{CallReport, HERE};

/// Making the cluster takes the longest.
const START: Duration = Duration::from_secs(120);
/// Ports of lines that are just being given back.
const RTP_SPARE: u16 = 800;

/// A running service and whom it calls. Fields are dropped in order: first the service.
pub(super) struct Site {
    pub(super) service: Process,
    pub(super) parties: Parties,
    pub(super) api: Api,
    pub(super) books: Books,
    folder: PathBuf,
}

impl Site {
    /// Starts everything in that folder, with so many lines and calls a second.
    pub(super) fn start(
        options: &Options,
        folder: PathBuf,
        lines: usize,
        cps: u32,
    ) -> Result<Self, BenchError> {
        let (http, sip, peer) =
            (ports::free(Ipv4Addr::LOCALHOST)?, ports::free(Ipv4Addr::LOCALHOST)?, ports::free(HERE)?);
        questionnaire::write(&folder.join("questionnaires"))?;
        let file = folder.join("huifang.toml");
        let rtp = ports::range(2 * lines as u16 + RTP_SPARE)?;
        let text = configuration(&folder, [http, sip, peer], rtp, lines, cps);
        std::fs::write(&file, text).map_err(BenchError::file(&file))?;

        let parties = Parties::take_calls(&folder, peer.port(), options.call_time, &journal(&folder))?;
        let program = options.service()?;
        let mut serve = huifang(&program, &["serve"], &file);
        let mut service = Process::start("huifang", &folder, serve.stdout(Stdio::null()))?;
        let mut api = Api::new(http)?;
        until(START, "the service can call", || {
            service.must_run()?;
            Ok(api.is_good("/readyz").then_some(()))
        })?;
        api.token = token(&program, &file)?;
        let books = Books::of(folder.join("data/postgres"))?;
        Ok(Self { service, parties, api, books, folder })
    }

    /// Where sealed recordings are.
    pub(super) fn vault(&self) -> PathBuf {
        self.folder.join("data/recordings")
    }

    /// What the called parties wrote of each call that is over.
    pub(super) fn reports(&self) -> Result<Vec<CallReport>, BenchError> {
        let path = journal(&self.folder);
        let text = std::fs::read_to_string(&path).map_err(BenchError::file(&path))?;
        let read = |line: &str| {
            serde_json::from_str(line)
                .map_err(|_| BenchError::Words { name: "called", said: line.to_owned() })
        };
        text.lines().map(read).collect()
    }
}

fn journal(folder: &Path) -> PathBuf {
    folder.join("called.jsonl")
}

/// As an operator would write it: what is not named has its default.
fn configuration(
    folder: &Path,
    [http, sip, peer]: [SocketAddr; 3],
    rtp: u16,
    lines: usize,
    cps: u32,
) -> String {
    let last_port = rtp + 2 * lines as u16 + RTP_SPARE - 1;
    format!(
        "[data]\ndir = \"{folder}/data\"\nminimum_free_mib = 1024\n\
         [http]\nlisten = \"{http}\"\nself_approval = true\nmetrics_open = true\n\
         [sip]\nlisten = \"{sip}\"\n\
         [trunk.bench]\npeer = \"{peer}\"\ncaller = \"4008001234\"\nlines = {lines}\ncps = {cps}\n\
         [media]\nbind = \"127.0.0.1\"\nports = \"{rtp}-{last_port}\"\n\
         [dialer.people]\nitems_per_agent = 0\n\
         [questionnaires]\ndir = \"{folder}/questionnaires\"\n\
         [ring_back]\nenabled = false\n\
         [log]\nfilter = \"warn\"\n",
        folder = folder.display(),
    )
}

/// `huifang` with nothing of our own environment but where things are.
fn huifang(program: &Path, arguments: &[&str], config: &Path) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).arg("--config").arg(config).env_clear().stdin(Stdio::null());
    let kept = ["PATH", "HOME", "LANG", "TMPDIR"];
    command.envs(kept.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    command
}

/// A token of the first admin, who may do everything here.
fn token(program: &Path, config: &Path) -> Result<String, BenchError> {
    let mut command = huifang(program, &["account", "token", "admin", "--label", "bench"], config);
    let done = command.output().map_err(|error| BenchError::Start { name: "huifang account", error })?;
    if !done.status.success() {
        let words = String::from_utf8_lossy(&done.stderr).into_owned();
        return Err(BenchError::Ended { name: "huifang account", words });
    }
    Ok(String::from_utf8_lossy(&done.stdout).trim().to_owned())
}
