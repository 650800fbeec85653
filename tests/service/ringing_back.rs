//! A customer who rings back: SIPp calling the service as the carrier would pass the call on.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tempfile::TempDir;
use tokio::process::{Child, Command};

use super::site::Site;

/// Nothing in a call takes longer unless it hangs.
const PATIENCE: Duration = Duration::from_secs(60);
/// Where Debian's sip-tester has its captures.
const CAPTURES: &str = "/usr/share/sip-tester";

/// One thing the caller does or expects.
#[derive(Clone, Copy)]
pub(crate) enum Deed {
    /// 200, and the ACK.
    BeAnswered,
    /// That final response, and nothing else.
    BeRefused(u16),
    /// Rings, then CANCEL: 487.
    GiveUp,
    /// Listens until the test says to go on, see [`Caller::goes_on`].
    Listen,
    /// A key as an RFC 4733 event. SIPp's captures share one RTP clock: a higher key must come later.
    Press(char),
    /// Seven seconds of speech from the capture; what comes next does not wait for its end.
    Speak,
    /// BYE.
    HangUp,
    /// Waits for our BYE.
    BeHungUp,
}

/// Who calls, as the trunk says it.
#[derive(Clone, Copy)]
pub(crate) enum Shown<'a> {
    /// In P-Asserted-Identity.
    Asserted(&'a str),
    /// Withheld.
    Anonymous,
}

/// SIPp playing one inbound call.
pub(crate) struct Caller {
    sipp: Child,
    address: SocketAddr,
    folder: TempDir,
}

impl Caller {
    /// Calls the service's SIP address from the trunk's own.
    pub(crate) fn rings(site: &Site, shown: Shown<'_>, deeds: &[Deed]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let scenario = folder.path().join("caller.xml");
        std::fs::write(&scenario, script(shown, deeds)).unwrap();
        let (address, media) = (SocketAddr::from((Ipv4Addr::LOCALHOST, free(false))), free(true));
        let sipp = Command::new("sipp")
            .args(["-m", "1", "-nostdin", "-trace_err", "-trace_msg"])
            .args(["-timeout", &PATIENCE.as_secs().to_string(), "-timeout_error"])
            .args(["-i", "127.0.0.1", "-p", &address.port().to_string(), "-mp", &media.to_string()])
            .args(["-cid_str", &call_id(address)])
            .arg("-sf")
            .arg(&scenario)
            .arg(site.sip.to_string())
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("SIPp is installed (apt: sip-tester)");
        Self { sipp, address, folder }
    }

    /// Has one who listens do what comes next: a MESSAGE in the call, which SIPp waits for.
    pub(crate) fn goes_on(&self) {
        let (to, id) = (self.address, call_id(self.address));
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let from = socket.local_addr().unwrap();
        let message = format!(
            "MESSAGE sip:{to} SIP/2.0\r\nVia: SIP/2.0/UDP {from};branch=z9hG4bK{id}\r\nMax-Forwards: 70\r\n\
             From: <sip:{from}>;tag=1\r\nTo: <sip:{to}>\r\nCall-ID: {id}\r\nCSeq: 1 MESSAGE\r\nContent-Length: 0\r\n\r\n"
        );
        socket.send_to(message.as_bytes(), to).unwrap();
    }

    /// The call went as expected.
    pub(crate) async fn content(mut self) {
        let status = tokio::time::timeout(PATIENCE, self.sipp.wait()).await.expect("SIPp ends").unwrap();
        assert!(
            status.success(),
            "SIPp: {status}\n{}\n{}",
            self.logs("_errors.log"),
            self.logs("_messages.log")
        );
    }

    fn logs(&self, kind: &str) -> String {
        let entries = std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let wanted = |path: &PathBuf| path.to_string_lossy().ends_with(kind);
        entries.filter(wanted).filter_map(|path| std::fs::read_to_string(path).ok()).collect()
    }
}

fn script(shown: Shown<'_>, deeds: &[Deed]) -> String {
    let (from, asserted) = match shown {
        Shown::Asserted(number) => {
            ("4008001234", format!("\n      P-Asserted-Identity: <sip:{number}@peer.invalid>"))
        }
        Shown::Anonymous => ("anonymous", "\n      Privacy: id".to_owned()),
    };
    let mut text = include_str!("../calls/ring_back/invite.xml").to_owned();
    for deed in deeds {
        text.push_str(&part(*deed));
    }
    text.push_str("</scenario>\n");
    text.replace("{from}", from).replace("{asserted}", &asserted)
}

fn part(deed: Deed) -> String {
    match deed {
        Deed::BeAnswered => include_str!("../calls/ring_back/answered.xml").to_owned(),
        Deed::BeRefused(status) => {
            include_str!("../calls/ring_back/refused.xml").replace("{status}", &status.to_string())
        }
        Deed::GiveUp => include_str!("../calls/ring_back/cancel.xml").to_owned(),
        Deed::HangUp => include_str!("../calls/ring_back/hang_up.xml").to_owned(),
        Deed::BeHungUp => include_str!("../calls/ring_back/be_hung_up.xml").to_owned(),
        Deed::Listen => "  <recv request=\"MESSAGE\"/>\n".to_owned(),
        Deed::Press(key) => play(&format!("dtmf_2833_{key}.pcap")),
        Deed::Speak => play("g711a.pcap"),
    }
}

fn play(capture: &str) -> String {
    let file = Path::new(CAPTURES).join(capture);
    assert!(file.exists(), "{} is missing (apt: sip-tester)", file.display());
    format!("  <nop><action><exec play_pcap_audio=\"{}\"/></action></nop>\n", file.display())
}

/// Of the one call of a SIPp.
fn call_id(address: SocketAddr) -> String {
    format!("rings-back-{}", address.port())
}

/// A UDP port that was free a moment ago; an even one for RTP.
fn free(even: bool) -> u16 {
    loop {
        let bound = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = bound.local_addr().unwrap().port();
        if !even || port.is_multiple_of(2) {
            return port;
        }
    }
}
