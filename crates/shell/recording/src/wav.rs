//! The little of RIFF/WAVE that sealing needs: where the samples are, and headers left stale by a crash.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use audio::{Cue, cue_chunks, cues_in, duration_of};

/// More than this behind the samples is nothing that a recorder of ours wrote.
const MOST_BEHIND: u64 = 1 << 20;

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

    /// Makes header and file agree: the samples reach to the end of the file, cut to whole frames.
    pub(crate) fn repair(&self, file: &mut File) -> io::Result<()> {
        let size = if self.is_followed_by_a_chunk(file)? { self.data_size } else { self.present() };
        let end = self.data_start + size;
        file.set_len(end)?;
        file.seek(SeekFrom::Start(4))?;
        file.write_all(&((end - 8) as u32).to_le_bytes())?;
        file.seek(SeekFrom::Start(self.data_start - 4))?;
        file.write_all(&(size as u32).to_le_bytes())?;
        file.sync_all()
    }

    /// The cue points behind the samples.
    pub(crate) fn cues(&self, file: &mut File) -> io::Result<Vec<Cue>> {
        let mut behind = Vec::new();
        file.seek(SeekFrom::Start(self.data_start + self.data_size))?;
        file.take(MOST_BEHIND).read_to_end(&mut behind)?;
        Ok(cues_in(&behind))
    }

    /// Puts cue points behind the samples of a whole file that has nothing there; those behind its end are left out.
    pub(crate) fn add_cues(&self, file: &mut File, mut cues: Vec<Cue>) -> io::Result<()> {
        let end = self.data_start + self.data_size;
        if end != self.file_size {
            return Ok(());
        }
        let length = duration_of(self.data_size / u64::from(self.block_align.max(1)));
        cues.retain(|cue| cue.at <= length);
        cues.sort_by_key(|cue| cue.at);
        let chunks = cue_chunks(&cues);
        file.seek(SeekFrom::Start(end))?;
        file.write_all(&chunks)?;
        file.seek(SeekFrom::Start(4))?;
        file.write_all(&((end + chunks.len() as u64 - 8) as u32).to_le_bytes())?;
        file.sync_all()
    }

    /// Bytes of whole frames that are in the file.
    pub(crate) fn present(&self) -> u64 {
        let bytes = self.file_size.saturating_sub(self.data_start).min(u64::from(u32::MAX) - 1024);
        bytes - bytes % u64::from(self.block_align.max(1))
    }

    /// The crash came while markers were written behind the samples.
    fn is_followed_by_a_chunk(&self, file: &mut File) -> io::Result<bool> {
        let end = self.data_start + self.data_size;
        if self.data_size == 0 || end + 4 > self.file_size {
            return Ok(false);
        }
        let mut name = [0; 4];
        file.seek(SeekFrom::Start(end))?;
        file.read_exact(&mut name)?;
        Ok(AFTER_DATA.contains(&&name))
    }
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
