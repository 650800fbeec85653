//! The file of one recording while it grows.

use crate::MediaError;
use audio::{Cue, RATE, cue_chunks};
use hound::{SampleFormat, WavSpec, WavWriter};
use std::{
    fs::{File, OpenOptions},
    io::{self, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

/// Samples written at once. The library keeps a buffer of this size for each open file: 8 KB.
const AT_ONCE: usize = 4000;
/// Where RIFF keeps the file's length less eight.
const RIFF_LENGTH: u64 = 4;

const SPEC: WavSpec =
    WavSpec { channels: 2, sample_rate: RATE, bits_per_sample: 16, sample_format: SampleFormat::Int };

pub(crate) struct StagedFile {
    path: PathBuf,
    /// The same file as the WAV writer's, for what that cannot write.
    file: File,
    wav: WavWriter<File>,
    /// The cues so far, a line each: they stand in the WAV file only at its end.
    notes: Option<File>,
}

/// `<staging>/<name>.wav.part`; a name that could lead elsewhere is refused.
pub(super) fn path_of(staging: &Path, name: &str) -> Result<PathBuf, MediaError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || !name.chars().all(plain) {
        let source = io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("{name:?} cannot name a recording: letters, digits, - and _ can"),
        );
        return Err(MediaError::Recorder { path: staging.to_owned(), source });
    }
    Ok(staging.join(format!("{name}.wav.part")))
}

impl StagedFile {
    /// Makes the file with its header; one that exists already is left alone, and an error.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).create_new(true).open(path)?;
        // Held while the call lasts: a repair by another process leaves the file alone. A file system without locks
        // is no reason not to record.
        let _ = file.try_lock();
        Self::over(path, file).inspect_err(|_| remove(path))
    }

    fn over(path: &Path, file: File) -> io::Result<Self> {
        let wav = WavWriter::new(file.try_clone()?, SPEC).map_err(io_error)?;
        Ok(Self { path: path.to_owned(), file, wav, notes: None })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Sample pairs written.
    pub(super) fn samples(&self) -> u64 {
        u64::from(self.wav.duration())
    }

    /// Writes a piece and brings the header up to date, so that a killed process loses a second at most.
    pub(super) fn write(&mut self, piece: &[i16]) -> io::Result<()> {
        for part in piece.chunks(AT_ONCE) {
            let mut writer = self.wav.get_i16_writer(part.len() as u32);
            for &sample in part {
                writer.write_sample(sample);
            }
            writer.flush().map_err(io_error)?;
        }
        self.wav.flush().map_err(io_error)
    }

    /// Keeps cues for the repair of a file that a killed process leaves.
    pub(super) fn note(&mut self, cues: &[Cue]) -> io::Result<()> {
        if cues.is_empty() {
            return Ok(());
        }
        let notes = match &mut self.notes {
            Some(notes) => notes,
            none => {
                let path = notes_of(&self.path);
                none.insert(OpenOptions::new().append(true).create(true).open(path)?)
            }
        };
        let lines: String = cues.iter().map(Cue::line).collect();
        notes.write_all(lines.as_bytes())
    }

    /// Adds the cue points and puts all on the disk.
    pub(super) fn finish(self, cues: &[Cue]) -> io::Result<()> {
        let Self { path, mut file, wav, notes } = self;
        wav.finalize().map_err(io_error)?;
        if !cues.is_empty() {
            file.seek(SeekFrom::End(0))?;
            file.write_all(&cue_chunks(cues))?;
            let length = file.stream_position()? as u32 - 8;
            file.seek(SeekFrom::Start(RIFF_LENGTH))?;
            file.write_all(&length.to_le_bytes())?;
        }
        file.sync_data()?;
        if notes.is_some() {
            remove(&notes_of(&path));
        }
        Ok(())
    }

    /// Leaves nothing behind: the call was never answered.
    pub(super) fn discard(self) {
        remove(&self.path);
        if self.notes.is_some() {
            remove(&notes_of(&self.path));
        }
    }
}

/// `<staging>/<name>.wav.cues`.
fn notes_of(path: &Path) -> PathBuf {
    path.with_extension("cues")
}

fn remove(path: &Path) {
    if let Err(error) = std::fs::remove_file(path) {
        tracing::warn!(path = %path.display(), %error, "what a recording no longer needs could not be removed");
    }
}

fn io_error(error: hound::Error) -> io::Error {
    match error {
        hound::Error::IoError(error) => error,
        error => io::Error::other(error),
    }
}
