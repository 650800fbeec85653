//! The markers of one recording, as they are set, and as the cue points of the finished file.

use audio::{Cue, FRAME, Lost, duration_of};
use records::Marker;

/// Markers in one recording: more than the longest interview sets. A caller who presses keys without end gets no more.
const MOST: usize = 2048;
/// Stretches in which nothing came; a sender that falls silent over and over is not worth more.
const MOST_NOTHING: usize = 128;
/// Prompts whose names are waited with: the one that plays, and one that takes its place.
const NAMES: usize = 4;

#[derive(Default)]
pub(super) struct Marks {
    /// Those that have not been handed over.
    fresh: Vec<Cue>,
    set: usize,
    nothing: usize,
    names: Vec<(u32, String)>,
    saying: Option<u32>,
}

impl Marks {
    pub(super) fn set(&mut self, position: i64, marker: &Marker) {
        if self.set < MOST {
            self.set += 1;
            let at = duration_of(position.max(0) as u64);
            self.fresh.push(Cue { at, label: marker.to_string() });
        }
    }

    pub(super) fn nothing(&mut self, from: i64, length: i64) {
        if self.nothing < MOST_NOTHING {
            self.nothing += 1;
            self.set(from, &Marker::Nothing { length: duration_of(length.max(0) as u64) });
        }
    }

    pub(super) fn name_prompt(&mut self, play: u32, name: String) {
        if self.names.len() == NAMES {
            self.names.remove(0);
        }
        self.names.push((play, name));
    }

    pub(super) fn says(&mut self, play: Option<u32>, done: bool, position: i64) {
        if play != self.saying {
            if let Some(before) = std::mem::replace(&mut self.saying, play) {
                self.set(position, &Marker::PromptCut { name: self.name_of(before) });
            }
            if let Some(play) = play {
                self.set(position, &Marker::PromptBegins { name: self.name_of(play) });
            }
        }
        if done && let Some(play) = self.saying.take() {
            self.set(position + FRAME as i64, &Marker::PromptEnds { name: self.name_of(play) });
        }
    }

    /// The recording ends.
    pub(super) fn end(&mut self, lost: &[Lost], length: u64) {
        if let Some(play) = self.saying.take() {
            self.set(length as i64, &Marker::PromptCut { name: self.name_of(play) });
        }
        // These are few, and are listed whatever else was.
        for lost in lost {
            let span = |samples: i64| duration_of(samples.max(0) as u64);
            let marker = Marker::Lost { sound: span(lost.samples), over: span(lost.to - lost.from) };
            self.fresh.push(Cue { at: span(lost.from), label: marker.to_string() });
        }
    }

    /// Those set since this was asked last.
    pub(super) fn fresh(&mut self) -> Vec<Cue> {
        std::mem::take(&mut self.fresh)
    }

    fn name_of(&self, play: u32) -> String {
        let known = self.names.iter().rev().find(|(number, _)| *number == play);
        known.map_or_else(|| play.to_string(), |(_, name)| name.clone())
    }
}
