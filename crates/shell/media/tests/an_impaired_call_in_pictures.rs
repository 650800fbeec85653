//! A call over a bad line, the same each time: 5 % of the packets lost, 60 ms of jitter, doubled ones, keys, a silence
//! with comfort noise, another SSRC. The recording is as long as the call, what was lost is marked, and a spectrogram
//! of it lies in `target/tmp/impaired/` for whoever wants to look.

mod common;

use audio::{Clip, Codec, Dbm0, FRAME, FRAME_TIME, HEADER_LEN, Header, synth};
use common::{EVENT, Facts, Peer, config, leg};
use media::{Heard, Marker, MediaEngine, Remote};
use std::{
    fs,
    net::{Ipv4Addr, UdpSocket},
    path::Path,
    process::Command,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

const LENGTH: Duration = Duration::from_secs(9);
const JITTER: u64 = 60;

/// Even enough for a network, and the same each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// A datagram and when it arrives, in milliseconds of the call; the lost ones are counted.
struct Line {
    sent: Vec<(u64, Vec<u8>)>,
    lost: usize,
    chance: Chance,
    header: Header,
}

impl Line {
    fn send(&mut self, at: u64, payload_type: u8, payload: &[u8]) {
        let mut head = [0; HEADER_LEN];
        Header { payload_type, ..self.header }.write(&mut head);
        self.header.sequence = self.header.sequence.wrapping_add(1);
        let arrives = at + self.chance.below(JITTER + 1);
        let datagram = [&head, payload].concat();
        if payload_type == 8 && self.chance.below(100) < 5 {
            self.lost += 1;
            return;
        }
        if self.chance.below(100) < 2 {
            self.sent.push((arrives + 3, datagram.clone()));
        }
        self.sent.push((arrives, datagram));
    }
}

/// Eight seconds of a voice.
fn spoken() -> Line {
    let voice = synth::babble(7, Dbm0(-15.0), 8000);
    let header =
        Header { marker: true, payload_type: 8, sequence: 65_400, timestamp: u32::MAX - 20_000, ssrc: 7 };
    let mut line = Line { sent: Vec::new(), lost: 0, chance: Chance(20_260_101), header };
    for (n, frame) in (0_u64..).zip(voice.chunks(FRAME)) {
        let at = n * 20;
        match n {
            // A key of 100 ms, its end sent three times.
            100..105 => {
                let [high, low] = ((n - 99) as u16 * 160).to_be_bytes();
                line.send(at, EVENT, &[5, 10, high, low]);
            }
            105 => {
                for _ in 0..3 {
                    line.send(at, EVENT, &[5, 0x8A, 3, 0x20]);
                }
                line.header.timestamp = line.header.timestamp.wrapping_add(5 * 160);
            }
            // A second of silence, announced as noise of -50 dBov.
            150 => line.send(at, 13, &[50]),
            151..200 => {}
            _ => {
                if n == 250 {
                    line.header.ssrc = 8;
                    line.header.sequence = 4000;
                }
                let payload: Vec<u8> = frame.iter().map(|&sample| Codec::Pcma.encode(sample)).collect();
                line.send(at, 8, &payload);
            }
        }
        if !(100..105).contains(&n) {
            line.header.timestamp = line.header.timestamp.wrapping_add(160);
        }
        line.header.marker = false;
    }
    line.sent.sort_by_key(|(at, _)| *at);
    line
}

fn spectrogram(recording: &Path, picture: &Path) {
    let drawn = Command::new("sox")
        .arg("-t")
        .arg("wav")
        .arg(recording)
        .args(["-n", "spectrogram", "-t", "left: the customer, right: our side", "-o"])
        .arg(picture)
        .output()
        .unwrap();
    assert!(drawn.status.success(), "{}", String::from_utf8_lossy(&drawn.stderr));
}

#[test]
fn the_recording_of_a_bad_line_is_whole_and_tells_what_is_missing() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let (leg, facts) = engine.open(leg("impaired", true)).unwrap();
    let mut facts = Facts::new(facts);
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let remote = Peer::new(leg.local_port()).remote(Codec::Pcma);
    leg.connect(Remote { addr: socket.local_addr().unwrap(), ..remote });
    let line = spoken();
    let answered = Instant::now();
    leg.answered();
    leg.play(1, "greeting", Arc::new(Clip::from_pcm(&synth::sines(&[600.0], Dbm0(-10.0), 1500))));
    for (at, datagram) in &line.sent {
        thread::sleep((answered + Duration::from_millis(*at)).saturating_duration_since(Instant::now()));
        socket.send_to(datagram, (Ipv4Addr::LOCALHOST, leg.local_port())).unwrap();
    }
    thread::sleep((answered + LENGTH).saturating_duration_since(Instant::now()));
    leg.close();
    let lasted = answered.elapsed();

    let told = facts.rest();
    let Some(Heard::Closed(Some(recording))) = told.last() else { panic!("{told:?}") };
    let millis = recording.samples / 8;
    assert!(millis.abs_diff(lasted.as_millis() as u64) <= 20, "{millis} ms of {lasted:?}");
    let markers: Vec<Marker> = recording.cues.iter().map(|cue| cue.label.parse().unwrap()).collect();
    let missing: Duration = markers
        .iter()
        .map(|marker| if let Marker::Lost { sound, .. } = marker { *sound } else { Duration::ZERO })
        .sum();
    let lost = FRAME_TIME * line.lost as u32;
    println!("{} packets lost, {missing:?} of sound marked as missing; {:?}", line.lost, recording.stats);
    assert!(missing.abs_diff(lost) <= lost / 4, "{missing:?} marked of {lost:?}: {markers:#?}");
    assert!(markers.iter().any(|marker| matches!(marker, Marker::Key { digit: '5', .. })), "{markers:#?}");
    assert!(markers.contains(&Marker::PromptEnds { name: "greeting".into() }), "{markers:#?}");
    assert!(
        !markers.iter().any(|marker| matches!(marker, Marker::Nothing { .. })),
        "the silence was announced"
    );

    // The announced silence is heard as quiet noise.
    let wav = hound::WavReader::open(&recording.path).unwrap();
    let left: Vec<i16> = wav.into_samples::<i16>().step_by(2).map(Result::unwrap).collect();
    let quiet = &left[3300 * 8..3900 * 8];
    let rms = (quiet.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / quiet.len() as f64).sqrt();
    let wanted = 32_768.0 * 10_f64.powf(-50.0 / 20.0);
    assert!((rms / wanted - 1.0).abs() < 0.2, "{rms} of {wanted}");

    let pictures = Path::new(env!("CARGO_TARGET_TMPDIR")).join("impaired");
    fs::create_dir_all(&pictures).unwrap();
    fs::copy(&recording.path, pictures.join("call.wav")).unwrap();
    spectrogram(&recording.path, &pictures.join("call.png"));
    assert!(fs::metadata(pictures.join("call.png")).unwrap().len() > 10_000);
}
