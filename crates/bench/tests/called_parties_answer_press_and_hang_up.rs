//! The called parties as a caller meets them: real sockets, messages written by hand.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::Path;
use std::time::{Duration, Instant};

use bench::called::{CallReport, Counts, HERE, Party, key_of, stream_only, take_calls};
use bench::rtp::{EVENT_TYPE, FRAME, FRAME_TIME, HEADER, Header, PACKET, PATTERN, PCMA, SILENCE};

/// Nothing here takes longer unless it hangs.
const PATIENCE: Duration = Duration::from_secs(10);

/// A caller with its signalling and its sound.
struct Caller {
    sip: UdpSocket,
    rtp: UdpSocket,
    number: String,
    call_id: String,
    to: String,
}

impl Caller {
    fn new(party: SocketAddr, number: &str) -> Self {
        let bind = || UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let (sip, rtp) = (bind(), bind());
        sip.connect(party).unwrap();
        sip.set_read_timeout(Some(PATIENCE)).unwrap();
        Self {
            sip,
            rtp,
            number: number.to_owned(),
            call_id: format!("call-to-{number}"),
            to: format!("<sip:{number}@peer>"),
        }
    }

    fn send(&self, method: &str, number: u32, body: &str) {
        let here = self.sip.local_addr().unwrap();
        let text = format!(
            "{method} sip:{}@peer SIP/2.0\r\nVia: SIP/2.0/UDP {here};rport;branch=z9hG4bK{number}\r\n\
             Max-Forwards: 70\r\nFrom: <sip:us@{here}>;tag=us\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: {number} {method}\r\n\
             Contact: <sip:us@{here}>\r\nContent-Length: {}\r\n\r\n{body}",
            self.number,
            self.to,
            self.call_id,
            body.len()
        );
        self.sip.send(text.as_bytes()).unwrap();
    }

    fn invite(&self) {
        let port = self.rtp.local_addr().unwrap().port();
        let offer = format!(
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} RTP/AVP 8 101\r\n"
        );
        self.send("INVITE", 1, &offer);
    }

    fn read(&self) -> String {
        let mut room = [0; 4096];
        let length = self.sip.recv(&mut room).expect("the called party says something");
        String::from_utf8(room[..length].to_vec()).unwrap()
    }

    /// The next message that begins so.
    fn expect(&self, start: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let message = self.read();
            if message.starts_with(start) {
                return message;
            }
            assert!(Instant::now() < deadline, "{start} did not come, but {message}");
        }
    }

    /// Is answered and acknowledges; the sound goes to the port of the answer.
    fn connect(&mut self) {
        self.invite();
        self.expect("SIP/2.0 180");
        let ok = self.expect("SIP/2.0 200");
        line(&ok, "To: ").clone_into(&mut self.to);
        let port: u16 = line(&ok, "m=audio ").split(' ').next().unwrap().parse().unwrap();
        self.rtp.connect((HERE, port)).unwrap();
        self.send("ACK", 1, "");
    }

    /// Answers a BYE; `number` is that of its CSeq.
    fn agree_to(&self, bye: &str) {
        let copied = ["Via: ", "From: ", "To: ", "Call-ID: ", "CSeq: "]
            .map(|name| format!("{name}{}\r\n", line(bye, name)));
        self.sip
            .send(format!("SIP/2.0 200 OK\r\n{}Content-Length: 0\r\n\r\n", copied.concat()).as_bytes())
            .unwrap();
    }
}

fn line<'a>(message: &'a str, start: &str) -> &'a str {
    message
        .lines()
        .find_map(|line| line.strip_prefix(start))
        .unwrap_or_else(|| panic!("{start} in {message}"))
}

fn party(folder: &Path, call_time: Duration) -> (SocketAddr, Counts) {
    let counts = Counts::default();
    let party = Party { sip: SocketAddr::from((HERE, 0)), call_time, journal: folder.join("journal") };
    (take_calls(&party, &counts).unwrap(), counts)
}

/// What the journal has once so many calls are over.
fn reports(folder: &Path, counts: &Counts, calls: u64) -> Vec<CallReport> {
    let deadline = Instant::now() + PATIENCE;
    while counts.tally().ended < calls {
        assert!(Instant::now() < deadline, "{:?}", counts.tally());
        std::thread::yield_now();
    }
    let journal = std::fs::read_to_string(folder.join("journal")).unwrap();
    journal.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Two prompts of 0.1 s with 0.1 s of silence behind each, then silence; each frame in its time.
fn speak_two_prompts(rtp: &UdpSocket, until: Instant) {
    let began = Instant::now();
    for frame in 0_u32.. {
        let due = began + FRAME_TIME * frame;
        if due > until {
            return;
        }
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let spoken = matches!(frame, 0..5 | 10..15);
        let mut packet = [if spoken { 0x2a } else { SILENCE }; PACKET];
        let header = Header {
            marker: frame == 0,
            payload_type: PCMA,
            sequence: frame as u16,
            timestamp: frame * FRAME as u32,
            ssrc: 1,
        };
        header.write(packet.first_chunk_mut::<HEADER>().unwrap());
        // Nobody hears the last one, after the called party has hung up.
        let _ = rtp.send(&packet);
    }
}

/// Everything that has come.
fn sound(rtp: &UdpSocket) -> Vec<(Header, Vec<u8>)> {
    rtp.set_nonblocking(true).unwrap();
    let mut room = [0; 2048];
    let mut heard = Vec::new();
    loop {
        match rtp.recv(&mut room) {
            Ok(length) => {
                let (header, payload) = Header::read(&room[..length]).unwrap();
                heard.push((header, payload.to_vec()));
            }
            // The last of ours found the other side gone.
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => {}
            Err(_) => break,
        }
    }
    heard
}

#[test]
fn a_call_is_answered_hears_prompts_presses_keys_and_is_hung_up() {
    let folder = tempfile::tempdir().unwrap();
    let call_time = Duration::from_secs(2);
    let (here, counts) = party(folder.path(), call_time);
    let mut caller = Caller::new(here, "13800000007");
    caller.connect();
    speak_two_prompts(&caller.rtp, Instant::now() + call_time + Duration::from_millis(40));
    let bye = caller.expect("BYE");
    caller.agree_to(&bye);

    let report = reports(folder.path(), &counts, 1).remove(0);
    assert!((report.seconds - 2.0).abs() < 0.5, "{report:?}");
    assert_eq!(
        (report.call_id.as_str(), report.keys.as_str(), report.by_us),
        ("call-to-13800000007", "1", true)
    );
    assert_eq!(report.prompts.len(), 2);
    assert_eq!(report.prompts[0], report.prompts[1], "the same octets");
    assert_eq!((report.tally.odd, report.tally.keys), (0, 1));

    let heard = sound(&caller.rtp);
    let (first, last) = (heard[0].0, heard[heard.len() - 1].0);
    assert_eq!(
        usize::from(last.sequence.wrapping_sub(first.sequence)),
        heard.len() - 1,
        "no number is left out"
    );
    let key: Vec<&Vec<u8>> = heard
        .iter()
        .filter(|(header, _)| header.payload_type == EVENT_TYPE)
        .map(|(_, payload)| payload)
        .collect();
    assert_eq!(key.len(), 7);
    assert!(key.iter().all(|payload| payload[0] == 1), "key 1");
    let ends: Vec<bool> = key.iter().map(|payload| payload[1] & 0x80 != 0).collect();
    assert_eq!(ends, [false, false, false, false, true, true, true]);
    let spoken = heard.iter().filter(|(header, _)| header.payload_type == PCMA);
    for (header, payload) in spoken {
        let from = (header.timestamp.wrapping_sub(first.timestamp)) as usize % PATTERN.len();
        assert_eq!(payload, &PATTERN[from..from + FRAME], "the pattern goes on through the key");
    }
}

#[test]
fn who_hangs_up_at_once_says_bye_until_it_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let (here, counts) = party(folder.path(), PATIENCE);
    let mut caller = Caller::new(here, "13900000001");
    caller.connect();
    let bye = caller.expect("BYE");
    assert_eq!(caller.expect("BYE"), bye, "said again");
    caller.agree_to(&bye);
    assert!(reports(folder.path(), &counts, 1)[0].seconds < 1.0);
}

#[test]
fn an_answer_is_repeated_until_it_is_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let (here, counts) = party(folder.path(), PATIENCE);
    let caller = Caller::new(here, "13800000001");
    caller.invite();
    let ok = caller.expect("SIP/2.0 200");
    assert_eq!(caller.expect("SIP/2.0 200"), ok, "by itself");
    caller.invite();
    assert_eq!(caller.expect("SIP/2.0 200"), ok, "when asked again");
    assert_eq!(counts.tally().answered, 1);
    caller.send("BYE", 2, "");
    caller.expect("SIP/2.0 200");
    assert!(!reports(folder.path(), &counts, 1)[0].by_us);
}

#[test]
fn streams_without_calls_send_from_fixed_ports() {
    let (calls, base) = (3, 32_200);
    let ours: Vec<UdpSocket> =
        (0..calls).map(|call| UdpSocket::bind((Ipv4Addr::LOCALHOST, base + 2 * call)).unwrap()).collect();
    let counts = Counts::default();
    stream_only(calls, base, &counts).unwrap();
    for (call, socket) in ours.iter().enumerate() {
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut room = [0; 2048];
        let (length, from) = socket.recv_from(&mut room).unwrap();
        assert_eq!((length, from), (PACKET, SocketAddr::from((HERE, base + 2 * call as u16))));
    }
    assert_eq!(counts.tally().up, u64::from(calls));
}

#[test]
fn the_keys_of_a_number_are_always_the_same_and_all_occur() {
    let pressed: Vec<u8> = (0..1024).map(|n| key_of(&format!("138{n:08}"), 2)).collect();
    assert!((1..=4).all(|key| pressed.contains(&key)) && pressed.iter().all(|key| (1..=4).contains(key)));
    assert_eq!(key_of("13800000016", 2), 2);
}
