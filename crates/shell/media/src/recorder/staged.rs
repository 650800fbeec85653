//! The file of one recording while it grows. Written by hand rather than by hound, which takes ten system calls and an
//! 8 KB buffer a file for what are two calls here.

use crate::MediaError;
use audio::{Cue, RATE, cue_chunks};
use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

/// RIFF, format and the head of the samples: no chunk but these stands before them.
const HEADER: usize = 44;
/// Octets of both sides' samples at one moment.
const PAIR: u32 = 4;

pub(crate) struct StagedFile {
    path: PathBuf,
    file: File,
    /// Sample pairs written.
    samples: u32,
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
        let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
        // Held while the call lasts: a repair by another process leaves the file alone. A file system without locks
        // is no reason not to record.
        let _ = file.try_lock();
        file.write_all(&header(0, 0)).inspect_err(|_| remove(path))?;
        Ok(Self { path: path.to_owned(), file, samples: 0, notes: None })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Sample pairs written.
    pub(super) fn samples(&self) -> u64 {
        u64::from(self.samples)
    }

    /// Writes a piece and brings the header up to date, so that a killed process loses a second at most. `room` is
    /// for the octets.
    pub(super) fn write(&mut self, piece: &[i16], room: &mut Vec<u8>) -> io::Result<()> {
        room.resize(piece.len() * 2, 0);
        for (octets, sample) in room.as_chunks_mut::<2>().0.iter_mut().zip(piece) {
            *octets = sample.to_le_bytes();
        }
        self.file.write_all(room)?;
        self.samples += piece.len() as u32 / 2;
        self.head(0)
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

    /// Adds the cue points. What was written is not on the disk before [`StagedFile::sync`].
    pub(super) fn mark(&mut self, cues: &[Cue]) -> io::Result<()> {
        if cues.is_empty() {
            return Ok(());
        }
        let chunks = cue_chunks(cues);
        self.file.write_all(&chunks)?;
        self.head(chunks.len() as u32)
    }

    /// Puts all on the disk; the notes have served their time.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()?;
        if self.notes.is_some() {
            remove(&notes_of(&self.path));
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

    fn head(&self, behind: u32) -> io::Result<()> {
        self.file.write_all_at(&header(self.samples * PAIR, behind), 0)
    }
}

/// The header of a file with so many octets of samples, and of chunks behind them (Multimedia Programming Interface
/// and Data Specifications 1.0, page 3-56): two channels of 16-bit samples.
fn header(samples: u32, behind: u32) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    let fields: [(usize, &[u8]); 12] = [
        (0, b"RIFF"),
        (4, &(HEADER as u32 - 8 + samples + behind).to_le_bytes()),
        (8, b"WAVE"),
        (12, b"fmt "),
        (16, &16_u32.to_le_bytes()),
        // PCM, two channels.
        (20, &[1, 0, 2, 0]),
        (24, &RATE.to_le_bytes()),
        (28, &(RATE * PAIR).to_le_bytes()),
        (32, &(PAIR as u16).to_le_bytes()),
        (34, &16_u16.to_le_bytes()),
        (36, b"data"),
        (40, &samples.to_le_bytes()),
    ];
    for (at, field) in fields {
        header[at..at + field.len()].copy_from_slice(field);
    }
    header
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
