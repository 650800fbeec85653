//! Cue points as RIFF has them: a `cue ` chunk of positions and a `LIST adtl` chunk of labels (Multimedia
//! Programming Interface and Data Specifications 1.0, pages 3-58 to 3-62).

use crate::Cue;
use audio::samples_in;

/// Both chunks, to be put behind the data.
pub(super) fn cue_chunks(cues: &[Cue]) -> Vec<u8> {
    let mut points = (cues.len() as u32).to_le_bytes().to_vec();
    let mut labels = b"adtl".to_vec();
    for (number, cue) in (1_u32..).zip(cues) {
        let position = (samples_in(cue.at) as u32).to_le_bytes();
        points.extend_from_slice(&number.to_le_bytes());
        points.extend_from_slice(&position);
        points.extend_from_slice(b"data");
        // One data chunk: neither chunk nor block has an offset in the file's list of chunks.
        points.extend_from_slice(&[0; 8]);
        points.extend_from_slice(&position);
        labels.extend(chunk(*b"labl", &label(number, &cue.label)));
    }
    let mut chunks = chunk(*b"cue ", &points);
    chunks.extend(chunk(*b"LIST", &labels));
    chunks
}

fn label(number: u32, text: &str) -> Vec<u8> {
    let mut label = number.to_le_bytes().to_vec();
    label.extend(text.bytes().filter(|&octet| octet != 0));
    label.push(0);
    label
}

/// A chunk begins at an even offset; its length does not count the octet that sees to it.
fn chunk(name: [u8; 4], body: &[u8]) -> Vec<u8> {
    let mut chunk = name.to_vec();
    chunk.extend_from_slice(&(body.len() as u32).to_le_bytes());
    chunk.extend_from_slice(body);
    chunk.resize(chunk.len().next_multiple_of(2), 0);
    chunk
}
