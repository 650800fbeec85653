//! Prompts in a stream: what is not silence, told apart by a hash of its octets.

use super::packet::SILENCE;

/// So many silent frames end a prompt; every prompt of the bench's questionnaire ends with ten.
const END: u32 = 3;
/// FNV-1a.
const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0100_0000_01b3;

/// A prompt heard to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// Of all its octets: the same prompt has the same in every call, and none that lacks a frame has it.
    pub hash: u64,
    /// In frames of 20 ms.
    pub frames: u32,
}

/// Cuts the frames of one stream into prompts.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PromptEar {
    spoken: Option<Prompt>,
    silent: u32,
}

impl PromptEar {
    /// Takes the next frame; answers the prompt that has ended.
    pub(super) fn hear(&mut self, payload: &[u8]) -> Option<Prompt> {
        if payload.iter().all(|octet| *octet == SILENCE) {
            self.silent += 1;
            return if self.silent >= END { self.spoken.take() } else { None };
        }
        self.silent = 0;
        let heard = self.spoken.get_or_insert(Prompt { hash: OFFSET, frames: 0 });
        heard.frames += 1;
        heard.hash =
            payload.iter().fold(heard.hash, |hash, octet| (hash ^ u64::from(*octet)).wrapping_mul(PRIME));
        None
    }
}
