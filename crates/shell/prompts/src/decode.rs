//! WAV, FLAC, MP3 and OGG/Vorbis to mono samples.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::MetadataOptions;

use crate::PromptError;

/// No prompt is longer; the limit keeps a wrong file from filling the memory.
const LONGEST: Duration = Duration::from_secs(300);

/// Mono samples in −1..1 and their rate.
pub(crate) struct Decoded {
    pub(crate) samples: Vec<f32>,
    pub(crate) rate: u32,
}

/// Reads the whole file; the channels are mixed to one.
pub(crate) fn decode(path: &Path) -> Result<Decoded, PromptError> {
    let file = File::open(path).map_err(|source| PromptError::AudioFile { path: path.to_owned(), source })?;
    let unreadable = |e: Error| PromptError::Unreadable { path: path.to_owned(), why: e.to_string() };
    let mut hint = Hint::new();
    if let Some(extension) = path.extension().and_then(|e| e.to_str()) {
        hint.with_extension(extension);
    }
    let stream = MediaSourceStream::new(Box::new(file), MediaSourceStreamOptions::default());
    let mut format = symphonia::default::get_probe()
        .probe(&hint, stream, FormatOptions::default(), MetadataOptions::default())
        .map_err(unreadable)?;
    let (track, mut decoder) = open_track(format.as_ref()).map_err(unreadable)?;
    let mut mono = Decoded { samples: Vec::new(), rate: 0 };
    while let Some(packet) = format.next_packet().map_err(unreadable)? {
        if packet.track_id != track {
            continue;
        }
        let sound = match decoder.decode(&packet) {
            Ok(sound) => sound,
            // One damaged packet is skipped, as players do.
            Err(Error::DecodeError(_)) => continue,
            Err(e) => return Err(unreadable(e)),
        };
        mono.rate = sound.spec().rate();
        let channels = sound.spec().channels().count();
        let mut interleaved: Vec<f32> = Vec::new();
        sound.copy_to_vec_interleaved(&mut interleaved);
        mono.samples.extend(
            interleaved.chunks_exact(channels.max(1)).map(|f| f.iter().sum::<f32>() / channels as f32),
        );
        if mono.samples.len() as u64 > LONGEST.as_secs() * u64::from(mono.rate) {
            return Err(PromptError::TooLong { path: path.to_owned(), limit: LONGEST });
        }
    }
    if mono.rate == 0 {
        return Err(PromptError::Unreadable { path: path.to_owned(), why: "it holds no audio".into() });
    }
    Ok(mono)
}

fn open_track(format: &dyn FormatReader) -> Result<(u32, Box<dyn AudioDecoder>), Error> {
    let track = format.default_track(TrackType::Audio).ok_or(Error::Unsupported("it has no audio track"))?;
    let parameters = track
        .codec_params
        .as_ref()
        .and_then(|parameters| parameters.audio())
        .ok_or(Error::Unsupported("its codec is unknown"))?;
    let decoder =
        symphonia::default::get_codecs().make_audio_decoder(parameters, &AudioDecoderOptions::default())?;
    Ok((track.id, decoder))
}
