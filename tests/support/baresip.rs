//! baresip as the called party: a real user agent that answers by itself, speaks, presses keys, hangs up, and keeps
//! what it heard.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::{
    PATIENCE, ports,
    sound::{LEVEL, Sound},
};

/// Where Debian's baresip-core has its modules.
const MODULES: &str = "/usr/lib/baresip/modules";
/// What baresip says all the time, in Hz.
pub(crate) const VOICE: u32 = 1200;

/// A running baresip.
pub(crate) struct Baresip {
    process: Child,
    control: TcpStream,
    /// Bytes of its control connection not yet understood.
    unread: Vec<u8>,
    pub(crate) address: SocketAddr,
    folder: TempDir,
}

impl Baresip {
    /// Starts baresip for a number and waits until it listens.
    pub(crate) async fn who_has(number: &str) -> Self {
        Self::with(number, "").await
    }

    /// The same, with SRTP keyed by SDES or no call.
    pub(crate) async fn who_encrypts(number: &str) -> Self {
        Self::with(number, ";mediaenc=srtp-mand").await
    }

    async fn with(number: &str, terms: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (address, control) = (ports::udp(), ports::tcp());
        voice(&folder.path().join("voice.wav"));
        std::fs::write(folder.path().join("config"), config(folder.path(), address, control)).unwrap();
        let account = format!("<sip:{number}@127.0.0.1>;answermode=auto;regint=0{terms}\n");
        std::fs::write(folder.path().join("accounts"), account).unwrap();
        let process = Command::new("baresip")
            .arg("-f")
            .arg(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("baresip is installed (apt: baresip-core)");
        assert!(ports::bound(address).await, "baresip did not bind {address}");
        let control = connected(control).await;
        Self { process, control, unread: Vec::new(), address, folder }
    }

    /// Waits for an event of its calls, such as `CALL_ESTABLISHED`.
    pub(crate) async fn tells(&mut self, event: &str) {
        let told = async { while self.message().await["type"] != event {} };
        timeout(PATIENCE, told).await.unwrap_or_else(|_| panic!("baresip never told {event}"));
    }

    /// Presses a key after a while, as a person does who listens first.
    pub(crate) async fn presses_after(&mut self, listened: Duration, key: char) {
        self.idles(listened).await;
        self.told_to(&json!({ "command": "sndcode", "params": key.to_string(), "token": "key" })).await;
    }

    /// Hangs up after a while.
    pub(crate) async fn hangs_up_after(&mut self, listened: Duration) {
        self.idles(listened).await;
        self.told_to(&json!({ "command": "hangup", "token": "end" })).await;
    }

    /// Ends; answers what it heard.
    pub(crate) async fn heard(mut self) -> (Sound, TempDir) {
        self.told_to(&json!({ "command": "quit", "token": "quit" })).await;
        timeout(PATIENCE, self.process.wait()).await.expect("baresip quits").unwrap();
        let mut files = std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let heard = |file: &PathBuf| file.to_string_lossy().ends_with("-dec.wav");
        let file = files.find(heard).expect("module sndfile wrote what was heard");
        (Sound::of(file), self.folder)
    }

    /// Lets time pass, and reads on: baresip fills its control connection with what its screen would show.
    async fn idles(&mut self, time: Duration) {
        let reading = async {
            loop {
                self.message().await;
            }
        };
        let never: Result<(), _> = timeout(time, reading).await;
        assert!(never.is_err());
    }

    async fn told_to(&mut self, order: &Value) {
        let text = order.to_string();
        self.control.write_all(format!("{}:{text},", text.len()).as_bytes()).await.unwrap();
        let answered = async {
            loop {
                let message = self.message().await;
                if message["response"] == true {
                    return message;
                }
            }
        };
        let answer = timeout(PATIENCE, answered).await.expect("baresip answers");
        assert_eq!(answer["ok"], true, "{order} {answer}");
    }

    /// The next message, a netstring of JSON.
    async fn message(&mut self) -> Value {
        loop {
            if let Some(message) = take_netstring(&mut self.unread) {
                return message;
            }
            // Cancelled by a timeout it loses nothing: `read_buf` is cancel safe.
            let read = self.control.read_buf(&mut self.unread).await.unwrap();
            assert!(read > 0, "baresip closed its control connection");
        }
    }
}

/// Takes the first whole netstring off the front; what is no JSON is null.
fn take_netstring(bytes: &mut Vec<u8>) -> Option<Value> {
    let colon = bytes.iter().position(|&byte| byte == b':')?;
    let length: usize =
        std::str::from_utf8(&bytes[..colon]).unwrap().trim().parse().expect("a netstring's length");
    let end = colon + 1 + length;
    if bytes.len() <= end {
        return None;
    }
    let message = serde_json::from_slice(&bytes[colon + 1..end]).unwrap_or(Value::Null);
    bytes.drain(..=end);
    Some(message)
}

async fn connected(control: SocketAddr) -> TcpStream {
    for _ in 0..500 {
        if let Ok(stream) = TcpStream::connect(control).await {
            return stream;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("baresip's ctrl_tcp does not listen on {control}");
}

/// A minute of a tone, as loud as our prompts: baresip's own tone generator knows 48 kHz only.
fn voice(file: &Path) {
    let made = std::process::Command::new("sox")
        .args(["-n", "-r", "8000", "-c", "1", "-b", "16"])
        .arg(file)
        .args(["synth", "60", "sine", &VOICE.to_string()])
        // A sine's peak lies 3 dB above its RMS.
        .args(["gain", &(LEVEL + 3.0).to_string()])
        .status()
        .expect("sox is installed");
    assert!(made.success());
}

/// No sound hardware: it speaks from a file, and its ear is a bridge that nobody listens at; `sndfile` writes down
/// what comes by.
fn config(folder: &Path, address: SocketAddr, control: SocketAddr) -> String {
    let (first, folder) = (ports::rtp(), folder.display());
    let last = first.saturating_add(20);
    format!(
        "sip_listen {address}
net_interface 127.0.0.1
rtp_ports {first}-{last}
audio_source aufile,{folder}/voice.wav
audio_player aubridge,ear
audio_alert aubridge,bell
module_path {MODULES}
module g711.so
module aufile.so
module aubridge.so
module sndfile.so
module srtp.so
snd_path {folder}
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen {control}
"
    )
}
