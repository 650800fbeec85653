//! Cue points in a WAV file: a `cue ` chunk of positions and a `LIST adtl` chunk of labels (Multimedia Programming
//! Interface and Data Specifications 1.0, pages 3-58 to 3-62), written and read back.

use crate::{duration_of, samples_in};
use std::{collections::BTreeMap, time::Duration};

/// Octets of one cue point in its chunk.
const POINT: usize = 24;

/// A marked place in a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cue {
    /// Since the answer.
    pub at: Duration,
    /// What is there.
    pub label: String,
}

/// Both chunks, to be put behind the samples; of no cues, nothing.
pub fn cue_chunks(cues: &[Cue]) -> Vec<u8> {
    let mut chunks = Vec::new();
    append_cue_chunks(&mut chunks, cues);
    chunks
}

/// Appends both chunks to the samples; of no cues, nothing.
pub fn append_cue_chunks(octets: &mut Vec<u8>, cues: &[Cue]) {
    if cues.is_empty() {
        return;
    }
    append_chunk(octets, *b"cue ", |octets| {
        octets.extend_from_slice(&(cues.len() as u32).to_le_bytes());
        for (number, cue) in (1_u32..).zip(cues) {
            let position = (samples_in(cue.at) as u32).to_le_bytes();
            octets.extend_from_slice(&number.to_le_bytes());
            octets.extend_from_slice(&position);
            octets.extend_from_slice(b"data");
            // One data chunk: neither chunk nor block has an offset in the file's list of chunks.
            octets.extend_from_slice(&[0; 8]);
            octets.extend_from_slice(&position);
        }
    });
    append_chunk(octets, *b"LIST", |octets| {
        octets.extend_from_slice(b"adtl");
        for (number, cue) in (1_u32..).zip(cues) {
            append_chunk(octets, *b"labl", |octets| {
                octets.extend_from_slice(&number.to_le_bytes());
                octets.extend(cue.label.bytes().filter(|&octet| octet != 0));
                octets.push(0);
            });
        }
    });
}

/// The cues in the chunks behind a file's samples, ascending; others are passed over, torn ones end the reading.
pub fn cues_in(behind: &[u8]) -> Vec<Cue> {
    let mut positions = BTreeMap::new();
    let mut labels = BTreeMap::new();
    for (name, body) in chunks(behind) {
        match &name {
            b"cue " => positions.extend(points(body)),
            b"LIST" if body.starts_with(b"adtl") => {
                labels.extend(chunks(&body[4..]).filter(|(name, _)| name == b"labl").filter_map(labelled));
            }
            _ => {}
        }
    }
    let label = |number: &u32| labels.get(number).cloned().unwrap_or_default();
    let mut cues: Vec<Cue> =
        positions.iter().map(|(number, at)| Cue { at: *at, label: label(number) }).collect();
    cues.sort_by_key(|cue| cue.at);
    cues
}

fn points(body: &[u8]) -> impl Iterator<Item = (u32, Duration)> {
    let points = body.get(4..).unwrap_or_default().chunks_exact(POINT);
    points.map(|point| (u32_at(point, 0), duration_of(u64::from(u32_at(point, 20)))))
}

fn labelled((_, body): ([u8; 4], &[u8])) -> Option<(u32, String)> {
    let text = body.get(4..)?.split(|&octet| octet == 0).next()?;
    Some((u32_at(body, 0), String::from_utf8_lossy(text).into_owned()))
}

fn chunks(mut octets: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    std::iter::from_fn(move || {
        let (name, rest) = octets.split_first_chunk::<4>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let body = rest.get(..u32::from_le_bytes(*length) as usize)?;
        octets = rest.get(body.len().next_multiple_of(2)..).unwrap_or_default();
        Some((*name, body))
    })
}

fn u32_at(octets: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([octets[at], octets[at + 1], octets[at + 2], octets[at + 3]])
}

/// A chunk begins at an even offset; its length does not count the octet that sees to it.
fn append_chunk(octets: &mut Vec<u8>, name: [u8; 4], body: impl FnOnce(&mut Vec<u8>)) {
    octets.extend_from_slice(&name);
    octets.extend_from_slice(&[0; 4]);
    let begin = octets.len();
    body(octets);
    let length = (octets.len() - begin) as u32;
    octets[begin - 4..begin].copy_from_slice(&length.to_le_bytes());
    if !length.is_multiple_of(2) {
        octets.push(0);
    }
}
