//! The file of one recording while it grows. Written by hand rather than by hound, which takes ten system calls and an
//! 8 KB buffer a file for what are two calls here.

use crate::MediaError;
use audio::{Cue, Piece, RATE, append_cue_chunks, cue_chunks, duration_of};
use std::{
    fs::{File, OpenOptions},
    io,
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
    /// The cues so far.
    cues: Vec<Cue>,
    /// Octets of the cue points that stand behind the samples.
    behind: u32,
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
        let staged = Self { path: path.to_owned(), file, samples: 0, cues: Vec::new(), behind: 0 };
        match staged.head() {
            Ok(()) => Ok(staged),
            Err(error) => {
                staged.discard();
                Err(error)
            }
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Sample pairs written.
    pub(super) fn samples(&self) -> u64 {
        u64::from(self.samples)
    }

    /// Writes a piece with the cue points so far behind it, where the next piece takes their place, and brings the
    /// header up to date: a killed process leaves a whole file that lacks a second at most. `room` is for the octets.
    pub(super) fn write(&mut self, piece: &Piece, fresh: Vec<Cue>, room: &mut Vec<u8>) -> io::Result<()> {
        self.cues.extend(fresh);
        room.clear();
        piece.append_to(room);
        let sound = room.len();
        append_cue_chunks(room, &self.cues);
        self.file.write_all_at(room, self.end())?;
        self.samples += piece.samples() as u32;
        self.behind = (room.len() - sound) as u32;
        self.head()
    }

    /// The recording is no longer than that; the file follows with [`StagedFile::mark`].
    pub(super) fn cut(&mut self, length: u64) {
        self.samples = length.min(self.samples()) as u32;
    }

    /// The last cues, after which all stand in their order. What was written is not on the disk before
    /// [`StagedFile::sync`].
    pub(super) fn mark(&mut self, fresh: Vec<Cue>) -> io::Result<()> {
        self.cues.extend(fresh);
        let length = duration_of(self.samples());
        self.cues.retain(|cue| cue.at <= length);
        self.cues.sort_by_key(|cue| cue.at);
        let chunks = cue_chunks(&self.cues);
        self.file.write_all_at(&chunks, self.end())?;
        self.behind = chunks.len() as u32;
        self.file.set_len(self.end() + u64::from(self.behind))?;
        self.head()
    }

    /// All cues, once they are marked.
    pub(super) fn take_cues(&mut self) -> Vec<Cue> {
        std::mem::take(&mut self.cues)
    }

    /// Puts all on the disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    /// Leaves nothing behind: the call was never answered.
    pub(super) fn discard(self) {
        if let Err(error) = std::fs::remove_file(&self.path) {
            let path = self.path.display();
            tracing::warn!(%path, %error, "the file of a call that was not answered could not be removed");
        }
    }

    /// Where the samples end.
    fn end(&self) -> u64 {
        HEADER as u64 + u64::from(self.samples * PAIR)
    }

    fn head(&self) -> io::Result<()> {
        self.file.write_all_at(&header(self.samples * PAIR, self.behind), 0)
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
