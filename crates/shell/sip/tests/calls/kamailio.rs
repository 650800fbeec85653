//! Kamailio as the other side: the program of the Debian package, configured by each test, on
//! ports of its own, gone with the test.

use std::net::SocketAddr;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use parking_lot::Mutex;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStderr, Command};
use tokio::sync::mpsc;

use crate::sipp::{PATIENCE, free_address};

/// What a test wants of Kamailio. In `params` and `routes`, `@address@` stands for the address of
/// UDP and TCP, `@port@` for its port, `@tls@` for the address of TLS, `@dir@` for the run
/// directory.
#[derive(Default)]
pub(crate) struct Setup<'a> {
    /// Modules beyond the common ones (tm, sl, pv, xlog, textops, siputils, rr, maxfwd, kex, corex),
    /// without `.so`.
    pub(crate) modules: &'a [&'a str],
    /// `modparam` lines.
    pub(crate) params: &'a str,
    /// `request_route` and whatever else is needed.
    pub(crate) routes: &'a str,
    /// With TLS: its certificate and key.
    pub(crate) tls: Option<Tls<'a>>,
}

/// Kamailio's side of TLS, all as PEM.
pub(crate) struct Tls<'a> {
    pub(crate) certificate: &'a str,
    pub(crate) key: &'a str,
    /// When given, a client must show a certificate that this authority signed.
    pub(crate) clients: Option<&'a str>,
}

/// A running Kamailio.
pub(crate) struct Kamailio {
    /// UDP and TCP.
    pub(crate) address: SocketAddr,
    /// TLS, where it was asked for.
    pub(crate) tls: SocketAddr,
    child: Child,
    log: Arc<Mutex<String>>,
    lines: mpsc::UnboundedReceiver<String>,
    dir: TempDir,
}

/// Each word in order, before the modules of the test.
const MODULES: [&str; 10] = ["kex", "corex", "tm", "sl", "pv", "xlog", "textops", "siputils", "rr", "maxfwd"];
/// Said by the first worker when all sockets are bound.
const READY: &str = "kamailio is ready";

impl Kamailio {
    /// Starts it and waits until it answers.
    pub(crate) async fn start(setup: Setup<'_>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (address, tls) = (free_address(), free_address());
        let file = dir.path().join("kamailio.cfg");
        std::fs::write(&file, configuration(&setup, dir.path(), address, tls)).unwrap();
        if let Some(tls) = &setup.tls {
            tls.write(dir.path());
        }
        let mut child = spawn(dir.path());
        let log = Arc::<Mutex<String>>::default();
        let (said, lines) = mpsc::unbounded_channel();
        tokio::spawn(listen(child.stderr.take().unwrap(), log.clone(), said));
        let mut kamailio = Self { address, tls, child, log, lines, dir };
        kamailio.says(READY).await;
        kamailio
    }

    /// Waits until it logs a line with `words` in it: `xlog("L_ERR", "…")` of the routes.
    pub(crate) async fn says(&mut self, words: &str) -> String {
        let said = async {
            while let Some(line) = self.lines.recv().await {
                if line.contains(words) {
                    return Some(line);
                }
            }
            None
        };
        let line = tokio::time::timeout(PATIENCE, said).await.ok().flatten();
        line.unwrap_or_else(|| panic!("Kamailio never said {words:?}:\n{}", self.log.lock()))
    }

    /// Ends it as a crash would, at once and without a word to its peers.
    pub(crate) async fn kill(&mut self) {
        self.kill_group();
        self.child.wait().await.unwrap();
    }

    /// Starts it again where it was, after [`Kamailio::kill`]; what it held in memory is gone.
    pub(crate) async fn revive(&mut self) {
        self.child = spawn(self.dir.path());
        let (said, lines) = mpsc::unbounded_channel();
        self.lines = lines;
        tokio::spawn(listen(self.child.stderr.take().unwrap(), self.log.clone(), said));
        self.says(READY).await;
    }

    fn kill_group(&self) {
        if let Some(id) = self.child.id() {
            let _ = killpg(Pid::from_raw(id.cast_signed()), Signal::SIGKILL);
        }
    }
}

impl Drop for Kamailio {
    fn drop(&mut self) {
        self.kill_group();
        if std::thread::panicking() {
            eprintln!("Kamailio:\n{}", self.log.lock());
        }
    }
}

impl Tls<'_> {
    fn write(&self, dir: &Path) {
        let put = |name: &str, text: &str| std::fs::write(dir.join(name), text).unwrap();
        put("certificate.pem", self.certificate);
        put("key.pem", self.key);
        put("clients.pem", self.clients.unwrap_or_default());
    }

    fn params(&self) -> String {
        let clients = match self.clients {
            Some(_) => {
                "modparam(\"tls\", \"ca_list\", \"@dir@/clients.pem\")\n\
                 modparam(\"tls\", \"verify_certificate\", 1)\n\
                 modparam(\"tls\", \"require_certificate\", 1)\n"
            }
            None => "modparam(\"tls\", \"verify_certificate\", 0)\n",
        };
        format!(
            "modparam(\"tls\", \"certificate\", \"@dir@/certificate.pem\")\n\
             modparam(\"tls\", \"private_key\", \"@dir@/key.pem\")\n\
             modparam(\"tls\", \"tls_method\", \"TLSv1.2+\")\n{clients}"
        )
    }
}

fn configuration(setup: &Setup<'_>, dir: &Path, address: SocketAddr, tls: SocketAddr) -> String {
    let with_tls = setup.tls.is_some();
    let modules = MODULES.iter().chain(with_tls.then_some(&"tls")).chain(setup.modules);
    let modules: Vec<String> = modules.map(|name| format!("loadmodule \"{name}.so\"\n")).collect();
    let modules = modules.concat();
    let tls_listen = if with_tls { "enable_tls=yes\nlisten=tls:@tls@\n" } else { "" };
    let tls_params = setup.tls.as_ref().map(Tls::params).unwrap_or_default();
    let text = format!(
        "#!KAMAILIO\n\
         debug=1\nlog_stderror=yes\nchildren=1\ntcp_children=1\nauto_aliases=no\n\
         dns=no\nrev_dns=no\ndns_use_search_list=no\ntcp_connection_lifetime=600\n\
         listen=udp:@address@\nlisten=tcp:@address@\n{tls_listen}\
         {modules}{tls_params}{params}\n\
         event_route[core:worker-one-init] {{ xlog(\"L_ERR\", \"{READY}\\n\"); }}\n\
         {routes}\n",
        params = setup.params,
        routes = setup.routes,
    );
    text.replace("@address@", &address.to_string())
        .replace("@port@", &address.port().to_string())
        .replace("@tls@", &tls.to_string())
        .replace("@dir@", &dir.display().to_string())
}

fn spawn(dir: &Path) -> Child {
    let mut command = std::process::Command::new("kamailio");
    command
        .args(["-DD", "-E", "-m", "32", "-M", "4", "-f"])
        .arg(dir.join("kamailio.cfg"))
        .arg("-Y")
        .arg(dir)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        // Its workers end with it.
        .process_group(0);
    Command::from(command)
        .kill_on_drop(true)
        .spawn()
        .expect("Kamailio is installed (apt: kamailio, kamailio-tls-modules)")
}

async fn listen(stderr: ChildStderr, log: Arc<Mutex<String>>, said: mpsc::UnboundedSender<String>) {
    let mut lines = BufReader::new(stderr).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        log.lock().extend([&line, "\n"]);
        // A test that waits for nothing more has let go of the other end.
        let _ = said.send(line);
    }
}
