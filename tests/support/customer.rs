//! The called party: SIPp playing a script, with real RTP from its captures.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tempfile::TempDir;
use tokio::process::{Child, Command};

use super::{PATIENCE, pcap, ports, talk::Talk};

/// One thing the called party does.
#[derive(Clone, Copy)]
pub(crate) enum Step {
    /// 407 with a digest challenge; the next INVITE must bring credentials, see [`Talk::credentials_fit`].
    Challenge,
    /// 180.
    Ring,
    /// 183 with SDP.
    EarlyMedia,
    /// Seven seconds of speech from the capture.
    Speak,
    /// Nothing for so many milliseconds.
    Wait(u32),
    /// 200 with SDP.
    Answer,
    /// 200 with SDP that knows no telephone events.
    AnswerWithoutEvents,
    /// A key from the captures of RFC 4733 events.
    Press(char),
    /// A key as two tones in the sound, 120 ms of them.
    Tone(char),
    /// A key by SIP INFO, as `application/dtmf-relay`.
    Relay(char),
    /// A key by SIP INFO, as `application/dtmf`.
    Dtmf(char),
    /// BYE.
    HangUp,
    /// Our BYE, which is answered.
    BeHungUp,
    /// A final refusal: status line, then a header or nothing.
    Refuse(&'static str, &'static str),
    /// Waits for our CANCEL: 200 to it, 487 to the INVITE.
    BeCancelled,
}

/// Where Debian's sip-tester has its captures.
const CAPTURES: &str = "/usr/share/sip-tester";

/// SIPp as the called party of one call; one OPTIONS ping comes before it.
pub(crate) struct Customer {
    sipp: Child,
    pub(crate) address: SocketAddr,
    folder: TempDir,
}

impl Customer {
    /// Starts SIPp and waits until it listens.
    pub(crate) async fn who(steps: &[Step]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = ports::udp();
        let scenario = folder.path().join("customer.xml");
        std::fs::write(&scenario, script(steps, folder.path())).unwrap();
        let sipp = Command::new("sipp")
            // The ping and the call.
            .args(["-m", "2", "-nostdin", "-trace_err", "-trace_msg", "-trace_shortmsg"])
            .args(["-timeout", &PATIENCE.as_secs().to_string(), "-timeout_error"])
            .args(["-i", "127.0.0.1", "-p", &address.port().to_string(), "-mp", &ports::rtp().to_string()])
            .arg("-sf")
            .arg(&scenario)
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("SIPp is installed (apt: sip-tester)");
        let customer = Self { sipp, address, folder };
        assert!(ports::bound(address).await, "SIPp did not bind {address}: {}", customer.logs("_errors.log"));
        customer
    }

    /// Ready once SIPp has logged that many messages that begin so.
    pub(crate) async fn has_logged(&self, count: usize, begins: &str) {
        let begins = format!("\t{begins}");
        let seen = async {
            while self.logs("_shortmessages.log").matches(&begins).count() < count {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, seen).await.unwrap_or_else(|_| panic!("SIPp logs no {begins}"));
    }

    /// The script was played to its end, every expectation of it met.
    pub(crate) async fn content(mut self) -> Talk {
        let status = tokio::time::timeout(PATIENCE, self.sipp.wait()).await.expect("SIPp ends").unwrap();
        let talk = Talk { short: self.logs("_shortmessages.log"), full: self.logs("_messages.log") };
        assert!(status.success(), "SIPp: {status}\n{}\n{}", self.logs("_errors.log"), talk.short);
        talk
    }

    fn logs(&self, kind: &str) -> String {
        let entries = std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let wanted = |path: &PathBuf| path.to_string_lossy().ends_with(kind);
        entries.filter(wanted).filter_map(|path| std::fs::read_to_string(path).ok()).collect()
    }
}

/// A scenario file: OPTIONS is answered, the INVITE meets the steps. Captures that are made for it lie beside it.
fn script(steps: &[Step], folder: &Path) -> String {
    let mut text = include_str!("../calls/sipp/begin.xml").to_owned();
    for (number, step) in (1..).zip(steps) {
        text.push_str(&part(*step, number, folder));
    }
    text.push_str(include_str!("../calls/sipp/end.xml"));
    text
}

fn part(step: Step, number: u16, folder: &Path) -> String {
    match step {
        Step::Challenge => include_str!("../calls/sipp/challenge.xml").to_owned(),
        Step::Ring => include_str!("../calls/sipp/ring.xml").to_owned(),
        Step::EarlyMedia => include_str!("../calls/sipp/early_media.xml").to_owned(),
        Step::Answer => include_str!("../calls/sipp/answer.xml").to_owned(),
        Step::AnswerWithoutEvents => include_str!("../calls/sipp/answer_without_events.xml").to_owned(),
        Step::BeHungUp => include_str!("../calls/sipp/be_hung_up.xml").to_owned(),
        Step::HangUp => include_str!("../calls/sipp/hang_up.xml").to_owned(),
        Step::BeCancelled => include_str!("../calls/sipp/be_cancelled.xml").to_owned(),
        Step::Refuse(status, header) => {
            include_str!("../calls/sipp/refuse.xml").replace("{status}", status).replace("{header}", header)
        }
        Step::Wait(milliseconds) => wait(milliseconds),
        Step::Press(key) => play(&match key {
            '*' => "dtmf_2833_star.pcap".to_owned(),
            '#' => "dtmf_2833_pound.pcap".to_owned(),
            digit => format!("dtmf_2833_{digit}.pcap"),
        }),
        Step::Tone(key) => {
            let file = folder.join(format!("{number}.pcap"));
            std::fs::write(&file, pcap::tone(key, number)).unwrap();
            play(file.to_str().unwrap())
        }
        Step::Relay(key) => {
            info(number, "application/dtmf-relay", &format!("      Signal={key}\n      Duration=160\n"))
        }
        Step::Dtmf(key) => info(number, "application/dtmf", &format!("      {key}\n")),
        // SIPp does not wait for a capture to end.
        Step::Speak => play("g711a.pcap") + &wait(7_100),
    }
}

fn wait(milliseconds: u32) -> String {
    format!("  <pause milliseconds=\"{milliseconds}\"/>\n")
}

fn info(number: u16, kind: &str, body: &str) -> String {
    include_str!("../calls/sipp/info.xml")
        .replace("{number}", &number.to_string())
        .replace("{type}", kind)
        .replace("{body}\n", body)
}

/// A capture by its name among Debian's, or by its own path.
fn play(capture: &str) -> String {
    let file = Path::new(CAPTURES).join(capture);
    assert!(file.exists(), "{} is missing (apt: sip-tester)", file.display());
    format!("  <nop><action><exec play_pcap_audio=\"{}\"/></action></nop>\n", file.display())
}
