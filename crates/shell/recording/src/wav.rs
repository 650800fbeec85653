//! The little of RIFF/WAVE that sealing needs: where the samples are, and headers left stale by a crash.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;

use audio::{Cue, cue_chunks, cues_in, duration_of};

/// More than this behind the samples is nothing that a recorder of ours wrote.
const MOST_BEHIND: u64 = 1 << 20;

/// Octets of one cue point.
const CUE_POINT: u32 = 24;

/// Chunks that may follow the samples.
const AFTER_DATA: [&[u8; 4]; 4] = [b"cue ", b"LIST", b"bext", b"smpl"];

/// What a WAV file's header says, checked against the file.
#[derive(Debug, PartialEq)]
pub(crate) struct Layout {
    pub(crate) bytes_per_second: u32,
    block_align: u16,
    /// Offset of the first sample.
    data_start: u64,
    /// Size of the samples as the header has it.
    data_size: u64,
    riff_size: u64,
    file_size: u64,
}

impl Layout {
    /// Reads the header; the error says why this is no WAV file.
    pub(crate) fn read(file: &mut File) -> io::Result<Result<Self, &'static str>> {
        let file_size = file.seek(SeekFrom::End(0))?;
        file.seek(SeekFrom::Start(0))?;
        match read_header(file, file_size) {
            Ok(layout) => Ok(layout),
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Ok(Err("it ends inside its header")),
            Err(e) => Err(e),
        }
    }

    /// The header agrees with the file.
    pub(crate) fn is_whole(&self) -> bool {
        self.riff_size + 8 == self.file_size
            && self.data_size > 0
            && self.data_start + self.data_size <= self.file_size
    }

    /// Length of the sound.
    pub(crate) fn seconds(&self) -> f64 {
        self.data_size as f64 / f64::from(self.bytes_per_second.max(1))
    }

    /// Makes header and file agree: the samples reach to the cue points behind them, or to the end of the file, cut to
    /// whole frames.
    pub(crate) fn repair(&self, file: &mut File) -> io::Result<()> {
        let size = self.size_of_samples(file)?;
        let end = self.data_start + size;
        let cues = cue_chunks(&self.kept(cues_behind(file, end)?, size));
        file.set_len(end)?;
        file.write_all_at(&cues, end)?;
        file.write_all_at(&((end + cues.len() as u64 - 8) as u32).to_le_bytes(), 4)?;
        file.write_all_at(&(size as u32).to_le_bytes(), self.data_start - 4)?;
        file.sync_all()
    }

    /// The cue points behind the samples.
    pub(crate) fn cues(&self, file: &mut File) -> io::Result<Vec<Cue>> {
        cues_behind(file, self.data_start + self.data_size)
    }

    /// Cues that lie in so many octets of samples.
    fn kept(&self, mut cues: Vec<Cue>, size: u64) -> Vec<Cue> {
        let length = duration_of(size / u64::from(self.block_align.max(1)));
        cues.retain(|cue| cue.at <= length);
        cues
    }

    /// Bytes of whole frames that are in the file.
    pub(crate) fn present(&self) -> u64 {
        let bytes = self.file_size.saturating_sub(self.data_start).min(u64::from(u32::MAX) - 1024);
        bytes - bytes % u64::from(self.block_align.max(1))
    }

    /// Where a crash leaves a header of before the last piece, that piece took the place of the cue points that the
    /// header knows, and the ones behind it are found by their form.
    fn size_of_samples(&self, file: &mut File) -> io::Result<u64> {
        let known = if self.data_size > self.present() { 0 } else { self.data_size };
        let from = self.file_size.saturating_sub(MOST_BEHIND).max(self.data_start + known);
        let mut behind = Vec::new();
        file.seek(SeekFrom::Start(from))?;
        file.read_to_end(&mut behind)?;
        if known > 0 && behind.get(..4).is_some_and(|name| AFTER_DATA.iter().any(|known| *known == name)) {
            return Ok(known);
        }
        let align = usize::from(self.block_align.max(1));
        let aligned = (align - (from - self.data_start) as usize % align) % align;
        let found = (aligned..behind.len()).step_by(align).find(|&at| begin_cues(&behind[at..]));
        Ok(found.map_or(self.present(), |at| from + at as u64 - self.data_start))
    }
}

fn cues_behind(file: &mut File, end: u64) -> io::Result<Vec<Cue>> {
    let mut behind = Vec::new();
    file.seek(SeekFrom::Start(end))?;
    file.take(MOST_BEHIND).read_to_end(&mut behind)?;
    Ok(cues_in(&behind))
}

/// Whether a chunk of cue points begins here, by its name and a length that agrees with its count: no sound has that.
fn begin_cues(octets: &[u8]) -> bool {
    octets.len() >= 12
        && octets.starts_with(b"cue ")
        && u32_at(octets, 4).checked_sub(4) == u32_at(octets, 8).checked_mul(CUE_POINT)
}

fn read_header(file: &mut File, file_size: u64) -> io::Result<Result<Layout, &'static str>> {
    let mut riff = [0; 12];
    file.read_exact(&mut riff)?;
    if &riff[..4] != b"RIFF" || &riff[8..] != b"WAVE" {
        return Ok(Err("it is not a WAV file"));
    }
    let riff_size = u64::from(u32_at(&riff, 4));
    let mut format = None;
    loop {
        let mut chunk = [0; 8];
        file.read_exact(&mut chunk)?;
        let size = u64::from(u32_at(&chunk, 4));
        match &chunk[..4] {
            b"fmt " if (16..=64).contains(&size) => {
                let mut body = vec![0; size as usize];
                file.read_exact(&mut body)?;
                format = Some((u32_at(&body, 8), u16::from_le_bytes([body[12], body[13]])));
            }
            b"data" => {
                let Some((bytes_per_second, block_align)) = format else {
                    return Ok(Err("its samples come before their format"));
                };
                if bytes_per_second == 0 || block_align == 0 {
                    return Ok(Err("its format is empty"));
                }
                let data_start = file.stream_position()?;
                return Ok(Ok(Layout {
                    bytes_per_second,
                    block_align,
                    data_start,
                    data_size: size,
                    riff_size,
                    file_size,
                }));
            }
            _ => {
                file.seek(SeekFrom::Current((size + size % 2) as i64))?;
            }
        }
    }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}
