//! One file a call: left what came, right what was sent, written a second at a time.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

use audio::{Codec, FRAME, RATE};

/// Octets of one second.
const PIECE: usize = RATE as usize * 4;

pub(super) struct Tape {
    file: File,
    piece: Box<[u8]>,
    /// The frame that is being filled.
    at: usize,
}

impl Tape {
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        Ok(Self { file: File::create(path)?, piece: vec![0; PIECE].into(), at: 0 })
    }

    pub(super) fn left(&mut self, payload: &[u8]) {
        self.lay(payload, 0);
    }

    pub(super) fn right(&mut self, payload: &[u8]) {
        self.lay(payload, 2);
    }

    /// On to the next frame; a full piece is written.
    pub(super) fn turn(&mut self) -> io::Result<()> {
        self.at += FRAME * 4;
        if self.at == PIECE {
            self.file.write_all(&self.piece[..])?;
            self.piece.fill(0);
            self.at = 0;
        }
        Ok(())
    }

    fn lay(&mut self, payload: &[u8], side: usize) {
        let mut samples = [0; FRAME];
        Codec::Pcma.decode(payload, &mut samples);
        let frame = &mut self.piece[self.at..self.at + FRAME * 4];
        for (pair, sample) in frame.as_chunks_mut::<4>().0.iter_mut().zip(samples) {
            pair[side..side + 2].copy_from_slice(&sample.to_le_bytes());
        }
    }
}
