//! Real RTP: customers hear prompts, press keys as RFC 4733 events, speak, and are heard.

mod caller;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use audio_codec_algorithms::{decode_alaw, encode_alaw};
use caller::{Line, NUMBER, ack, ack_failure, hung_up, invite, perhaps, receive, story};
use carrier::Event;
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

/// A packet as it arrived.
struct Packet {
    at: Instant,
    payload_type: u8,
    timestamp: u32,
    payload: Vec<u8>,
}

/// The caller's media: says prompts at given times, and keeps what it hears.
struct Phone {
    socket: Arc<UdpSocket>,
    hearing: JoinHandle<()>,
    heard: Arc<std::sync::Mutex<Vec<Packet>>>,
}

impl Phone {
    /// Speaks during the given tenths of a second after the first packet arrived, and is silent otherwise.
    async fn speaking(prompts: &'static [(u64, u64)]) -> Self {
        let socket = Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
        let heard = Arc::new(std::sync::Mutex::new(Vec::new()));
        let hearing = tokio::spawn(talk(Arc::clone(&socket), Arc::clone(&heard), prompts));
        Self { socket, hearing, heard }
    }

    fn port(&self) -> u16 {
        self.socket.local_addr().unwrap().port()
    }

    fn finish(self) -> Vec<Packet> {
        self.hearing.abort();
        std::mem::take(&mut *self.heard.lock().unwrap())
    }
}

async fn talk(socket: Arc<UdpSocket>, heard: Arc<std::sync::Mutex<Vec<Packet>>>, prompts: &[(u64, u64)]) {
    let mut tick = interval(Duration::from_millis(20));
    tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut peer: Option<(SocketAddr, Instant)> = None;
    let mut buffer = [0; 2048];
    let mut sent: u32 = 0;
    loop {
        tokio::select! {
            received = socket.recv_from(&mut buffer) => {
                let (size, from) = received.unwrap();
                peer.get_or_insert((from, Instant::now()));
                heard.lock().unwrap().push(Packet {
                    at: Instant::now(),
                    payload_type: buffer[1] & 0x7F,
                    timestamp: u32::from_be_bytes([buffer[4], buffer[5], buffer[6], buffer[7]]),
                    payload: buffer[12..size].to_vec(),
                });
            }
            _ = tick.tick() => if let Some((to, since)) = peer {
                let now = since.elapsed().as_millis() as u64 / 100;
                let loud = prompts.iter().any(|&(from, to)| (from..to).contains(&now));
                socket.send_to(&speech(sent, loud), to).await.unwrap();
                sent += 1;
            },
        }
    }
}

fn speech(number: u32, loud: bool) -> Vec<u8> {
    let mut packet = vec![0x80, 8];
    packet.extend((number as u16).to_be_bytes());
    packet.extend((number * 160).to_be_bytes());
    packet.extend([0, 0, 0, 1]);
    let amplitude = if loud { 8000.0 } else { 20.0 };
    packet.extend((0..160).map(|n| encode_alaw((amplitude * (f64::from(n) * 0.4).sin()) as i16)));
    packet
}

fn answered() -> Vec<String> {
    vec![invite(), perhaps(100), perhaps(180), receive(200, "", ""), ack(1), hung_up()]
}

/// Bursts of events: code, packets, ends, distinct timestamps.
fn keys(packets: &[Packet]) -> Vec<(u8, usize, usize, usize)> {
    let events: Vec<&Packet> = packets.iter().filter(|packet| packet.payload_type == 101).collect();
    let mut stamps: Vec<u32> = events.iter().map(|event| event.timestamp).collect();
    stamps.dedup();
    let of = |stamp: u32| {
        let burst: Vec<_> = events.iter().filter(|event| event.timestamp == stamp).collect();
        let ends = burst.iter().filter(|event| event.payload[1] & 0x80 != 0).count();
        (burst[0].payload[0], burst.len(), ends, 1)
    };
    stamps.into_iter().map(of).collect()
}

fn level(packet: &Packet) -> f32 {
    let energy: f32 =
        packet.payload.iter().map(|&byte| (f32::from(decode_alaw(byte)) / 32768.0).powi(2)).sum();
    10.0 * (energy / packet.payload.len() as f32 + 1e-12).log10()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_follow_prompts_and_leave_as_rfc_4733_events() {
    let steps = "[wait_for_prompt_end, press: \"1\", press_during_prompt: \"4\", wait_for_prompt_end, say: 1s, press: \"*#\", hang_up]";
    let mut line = Line::with(
        "habits: {prompt_end: 400ms, patience: 5s}",
        &format!("      - answer: {{after: 0s, steps: {steps}}}"),
    )
    .await;
    let phone = Phone::speaking(&[(2, 10), (20, 60), (70, 75)]).await;
    line.call(NUMBER, &answered(), phone.port()).await;
    let packets = phone.finish();
    assert_eq!(keys(&packets), [(1, 11, 3, 1), (4, 11, 3, 1), (10, 11, 3, 1), (11, 11, 3, 1)]);

    let journal = line.journal(1).await;
    let expected = [
        "called",
        "answered",
        "confirmed",
        "heard_prompt",
        "pressed",
        "heard_prompt",
        "pressed",
        "heard_prompt",
        "spoke",
        "pressed",
        "pressed",
        "ended",
    ];
    assert_eq!(story(&journal), expected);
    let Event::Ended { keys, prompts, packets_in, packets_out, .. } = &journal.last().unwrap().event else {
        panic!()
    };
    assert_eq!((keys.as_str(), *prompts), ("14*#", 3));
    assert!(
        *packets_in > 200 && *packets_out as usize >= packets.len(),
        "{packets_in} in, {packets_out} out"
    );

    let key_at = |code| packets.iter().find(|p| p.payload_type == 101 && p.payload[0] == code).unwrap().at;
    let began = packets[0].at;
    assert!((key_at(1) - began).as_secs_f32() > 1.3, "not before the first prompt had ended");
    assert!((key_at(4) - began).as_secs_f32() < 5.0, "while the second prompt was playing");

    let spoken = packets.iter().filter(|p| p.payload_type == 8 && level(p) > -35.0).count();
    assert!((25..60).contains(&spoken), "a murmur of a second: {spoken} loud packets");
    assert!(packets.iter().all(|p| p.payload_type == 8 || p.payload_type == 101));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn packets_leave_every_20_ms() {
    let mut line = Line::with("", "      - answer: {after: 0s, steps: [silence: 3s, hang_up]}").await;
    let phone = Phone::speaking(&[]).await;
    line.call(NUMBER, &answered(), phone.port()).await;
    let packets = phone.finish();
    let steps: Vec<u32> = packets.windows(2).map(|p| p[1].timestamp.wrapping_sub(p[0].timestamp)).collect();
    assert!(steps.iter().all(|&step| step == 160), "{steps:?}");
    let seconds = (packets.last().unwrap().at - packets[0].at).as_secs_f64();
    let pace = seconds / (packets.len() - 1) as f64;
    assert!((0.019..0.021).contains(&pace), "{pace} s a packet");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_vacant_number_is_heard_before_it_fails() {
    let mut line = Line::with("", "      - vacant").await;
    let phone = Phone::speaking(&[]).await;
    let steps = [invite(), perhaps(100), receive(183, "", ""), receive(480, "", ""), ack_failure(1)];
    line.call(NUMBER, &steps, phone.port()).await;
    let on: String = phone.finish().iter().map(|p| if level(p) > -35.0 { '#' } else { '.' }).collect();
    let (short, long) = ("#####.....", "####################....................");
    assert!(on.starts_with(&format!("{short}{short}{short}{long}{short}")), "{on}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_machine_greets_beeps_and_listens() {
    let mut line = Line::with("", "      - answering_machine: {after: 0s, greeting: 2s, beep: 500ms}").await;
    let phone = Phone::speaking(&[]).await;
    let steps = [
        invite(),
        perhaps(100),
        perhaps(180),
        receive(200, "", ""),
        ack(1),
        caller::pause(4000),
        caller::within("BYE", 2, ""),
        receive(200, "", ""),
    ];
    line.call(NUMBER, &steps, phone.port()).await;
    let packets = phone.finish();
    let loud = |from: usize, to: usize| packets[from..to].iter().filter(|p| level(p) > -35.0).count();
    assert!(loud(0, 100) > 50, "the greeting");
    assert!(loud(118, 138) == 20, "the beep");
    assert!(loud(145, packets.len()) == 0, "then silence");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_who_hears_nothing_hangs_up() {
    let mut line = Line::with(
        "habits: {patience: 1s}",
        "      - answer: {after: 0s, steps: [wait_for_prompt_end, press: \"1\"]}",
    )
    .await;
    let phone = Phone::speaking(&[]).await;
    line.call(NUMBER, &answered(), phone.port()).await;
    assert_eq!(story(&line.journal(1).await), ["called", "answered", "confirmed", "lost_patience", "ended"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_calls_at_once_keep_their_pace_and_are_counted_as_overlapping() {
    let mut line = Line::with("", "      - answer: {after: 0s, steps: [silence: 4s, hang_up]}").await;
    let sink = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    line.calls_at_once(100, NUMBER, &answered(), sink.local_addr().unwrap().port()).await;
    let journal = line.journal(100).await;
    let mut most = 0;
    for entry in &journal {
        match entry.event {
            Event::Called { overlapping, .. } => most = most.max(overlapping),
            Event::Ended { talked, packets_out, .. } => {
                let due = talked / 0.02;
                assert!((packets_out as f64 - due).abs() < due * 0.05, "{packets_out} packets in {talked} s");
                assert!(talked < 8.0, "{talked} s for 4 s of silence");
            }
            _ => {}
        }
    }
    assert!(most > 50, "at most {most} calls to one number at once");
}
