//! Lines that send back what we say, and a leg that listens on them while a prompt plays.

use super::{at_level, mixed, noisy, through};
use audio::{
    Clip, Codec, Dbm0, FRAME, Level, NoiseFloor, OwnKeys, SpanEvent, SpanLimits, SpeechSpan, ToneKey,
    ToneKeys,
};
use hearing::{Bench, Echo, Finding, Library, Limits, Listener, Whose};

/// Where what comes back is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The hybrid of an analogue line: a few milliseconds, some frequencies more than others.
    Hybrid,
    /// A hands-free telephone in a room: a tenth of a second.
    Room,
}

/// What a place makes of a sound, as loud as the sound itself.
pub(crate) fn reflected(place: Place, sound: &[i16]) -> Vec<f32> {
    let taps: Vec<(usize, f32)> = match place {
        Place::Hybrid => vec![(0, 0.8), (3, 0.35), (9, -0.25), (23, 0.1)],
        Place::Room => (0..60)
            .map(|n| {
                let late = (n * n * 2 + n * 7) % 800;
                let sign = if n % 3 == 0 { -1.0 } else { 1.0 };
                (late, sign * (-(late as f32) / 250.0).exp())
            })
            .collect(),
    };
    let mut back = vec![0.0_f32; sound.len() + 1000];
    for (late, gain) in taps {
        for (back, sample) in back[late..].iter_mut().zip(sound) {
            *back += gain * f32::from(*sample);
        }
    }
    let power = back.iter().map(|sample| sample * sample).sum::<f32>() / sound.len() as f32;
    let gain = (Level::of(sound).0 / power).sqrt();
    back.iter().map(|sample| sample * gain).collect()
}

/// An echo: so much quieter than what was said, so long behind it.
pub(crate) fn echo(reflected: &[f32], decibels: f32, millis: usize, length: usize) -> Vec<i16> {
    let gain = 10_f32.powf(-decibels / 20.0);
    let silent = std::iter::repeat_n(0, millis * 8 + 3);
    silent
        .chain(reflected.iter().map(|sample| (sample * gain) as i16))
        .chain(std::iter::repeat(0))
        .take(length)
        .collect()
}

/// A sound that begins at a position.
pub(crate) fn placed(sound: &[i16], at: usize, length: usize) -> Vec<i16> {
    let silent = std::iter::repeat_n(0, at);
    silent.chain(sound.iter().copied()).chain(std::iter::repeat(0)).take(length).collect()
}

/// What comes over a line: sounds added, noise behind them, coded.
pub(crate) fn line(sounds: &[&[i16]], noise: f32, seed: u64) -> Vec<i16> {
    let all = sounds[1..].iter().fold(sounds[0].to_vec(), |all, sound| mixed(&all, sound));
    through(Codec::Pcma, &noisy(&all, seed, Dbm0(noise)))
}

/// What a leg made out.
#[derive(Debug, Default)]
pub(crate) struct MadeOut {
    pub(crate) told: Vec<Finding>,
    /// Where speech was known to have begun, the earliest after the moment asked for.
    pub(crate) speech: Option<i64>,
    /// Audible frames, and those of them that were taken for ours.
    pub(crate) audible: usize,
    pub(crate) ours: usize,
    /// Keys heard in the sound, and whether each was the prompt's own. Listened for only where it has some.
    pub(crate) keys: Vec<(char, bool)>,
}

/// Where on the leg's clock packets begin: nothing ties them to our ticks.
const OFF: usize = 53;
const SPAN: SpanLimits = SpanLimits { max: 1 << 40, end_silence: 1 << 40, start_within: 1 << 40 };

/// Answered at once, a leg plays a prompt and hears a line; a span is open from `span_at` on.
pub(crate) fn leg(prompt: &Clip, heard: &[i16], span_at: usize, arrives: &dyn Fn(usize) -> bool) -> MadeOut {
    let (library, mut bench) = (Library::default(), Bench::default());
    let mut listener = Listener::new(Limits::default(), &library);
    let (mut echo, mut noise) = (Echo::default(), NoiseFloor::default());
    let mut span = SpeechSpan::open(span_at as i64, SPAN);
    let mut made_out = MadeOut::default();
    let has_keys = (0..prompt.frames()).any(|frame| prompt.key(frame).is_some());
    let (mut tones, mut own) = (ToneKeys::default(), OwnKeys::default());
    listener.answered(0);
    let mut packets = (0..)
        .zip(heard[OFF..].chunks_exact(FRAME))
        .map(|(n, packet)| (n, OFF + n * FRAME, packet))
        .peekable();
    for tick in 0.. {
        let now = tick * FRAME;
        while let Some((n, at, packet)) = packets.next_if(|(_, at, _)| at + FRAME * 3 / 2 <= now) {
            if !arrives(n) {
                continue;
            }
            let position = at as i64;
            let theirs = echo.hear(position, packet) == Whose::Theirs;
            if Dbm0::from(Level::of(packet)).0 > -46.0 {
                made_out.audible += 1;
                made_out.ours += usize::from(!theirs);
            }
            let active = noise.is_active(packet) && theirs;
            if span.hear(position, FRAME, active) == Some(SpanEvent::Started) {
                made_out.speech = Some(position + FRAME as i64);
            }
            if has_keys {
                tones.hear(position, packet, |key| {
                    if let ToneKey::Pressed { digit, from } = key {
                        let end = position + FRAME as i64;
                        let is_ours = own.may_return(digit, from) && echo.explains_tone(from, end);
                        made_out.keys.push((digit, is_ours));
                    }
                });
            }
            listener.hear(position, packet, (&library, &mut bench), &echo, |found| made_out.told.push(found));
        }
        if packets.peek().is_none() {
            return made_out;
        }
        if let Some(loudness) = prompt.loudness(tick) {
            echo.said(now as i64, loudness);
            prompt.key(tick).into_iter().for_each(|digit| own.said(digit, now as i64));
        }
    }
    made_out
}

/// A prompt of a level, as it is sent.
pub(crate) fn prompt(sound: &[i16], level: Dbm0) -> (Vec<i16>, Clip) {
    let sound = at_level(sound, level);
    let clip = Clip::from_pcm(&sound);
    (through(Codec::Pcma, &sound), clip)
}
