//! The media engine by itself: as many legs as the bare program has calls, each with a prompt and a recording, and
//! none of the service around them.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use audio::FRAME_TIME;
use media::{Clip, Codec, Heard, MediaConfig, MediaEngine, MediaError, MediaFact, MediaLeg, OpenLeg, Remote};
use tokio::sync::mpsc;

use crate::bare::{Work, cpu_seconds};
use crate::report::BareReport;

/// Legs run this long before what they cost is counted: by then each has its second socket.
const WARM_UP: Duration = Duration::from_millis(1500);

/// How the engine is run.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Tick threads.
    pub threads: usize,
    /// Whether both sides are recorded.
    pub record: bool,
}

/// Why the engine could not be measured.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The engine does not start or a leg does not open.
    #[error(transparent)]
    Media(#[from] MediaError),
    /// The system does not say what it cost.
    #[error("the CPU time cannot be read: {0}; this needs Linux")]
    Cpu(#[from] std::io::Error),
}

/// Carries the calls to their end.
pub fn carry(work: &Work, setting: Setting) -> Result<BareReport, EngineError> {
    let engine = MediaEngine::start(MediaConfig {
        bind: IpAddr::V4(work.bind),
        ports: work.port_base..=work.port_base + 2 * work.calls,
        threads: setting.threads,
        staging: work.recordings.clone(),
        ..MediaConfig::default()
    })?;
    let clip = Arc::new(prompt(WARM_UP + Duration::from_secs(work.seconds + 5)));
    let legs =
        (0..work.calls).map(|n| open(&engine, work, setting, n, &clip)).collect::<Result<Vec<_>, _>>()?;
    std::thread::sleep(WARM_UP);
    let (begin, cpu) = (Instant::now(), cpu_seconds()?);
    std::thread::sleep(Duration::from_secs(work.seconds));
    let mut report = BareReport {
        model: "engine".to_owned(),
        calls: legs.len(),
        cpu_seconds: cpu_seconds()? - cpu,
        elapsed_seconds: begin.elapsed().as_secs_f64(),
        packets_sent: 0,
        packets_received: 0,
    };
    let counted = report.elapsed_seconds / (report.elapsed_seconds + WARM_UP.as_secs_f64());
    // All before any is waited for: a leg goes on sending until it is closed.
    for (leg, _) in &legs {
        leg.close();
    }
    for (_, mut facts) in legs {
        while let Some(fact) = facts.blocking_recv() {
            if let Heard::Closed(Some(recording)) = fact.what {
                report.packets_sent += recording.stats.sent;
                report.packets_received += recording.stats.received;
            }
        }
    }
    // What the legs counted began with the warm-up.
    report.packets_sent = (report.packets_sent as f64 * counted) as u64;
    report.packets_received = (report.packets_received as f64 * counted) as u64;
    Ok(report)
}

fn open(
    engine: &MediaEngine,
    work: &Work,
    setting: Setting,
    number: u16,
    clip: &Arc<Clip>,
) -> Result<(MediaLeg, mpsc::Receiver<MediaFact>), MediaError> {
    let (leg, facts) = engine.open(OpenLeg { id: format!("leg-{number}"), record: setting.record })?;
    leg.connect(Remote {
        addr: SocketAddr::new(IpAddr::V4(work.peer), leg.local_port()),
        codec: Codec::Pcma,
        payload_type: Codec::Pcma.payload_type(),
        telephone_events: [Some(101); 2],
        srtp: None,
        rtcp: None,
    });
    leg.answered();
    leg.play(1, "prompt", Arc::clone(clip));
    Ok((leg, facts))
}

/// Noise, as loud as a voice.
fn prompt(length: Duration) -> Clip {
    let frames = (length.as_millis() / FRAME_TIME.as_millis()) as u32;
    let sample = |n: u32| ((n.wrapping_mul(0x9E37_79B1) >> 16) as i16) / 8;
    Clip::from_pcm(&(0..frames * audio::FRAME as u32).map(sample).collect::<Vec<_>>())
}
