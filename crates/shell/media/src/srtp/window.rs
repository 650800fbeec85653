//! Which packets of one sender have come: their index of 48 bits, of SRTCP 31, and the replay list (RFC 3711 section
//! 3.3).

/// Senders remembered under one key; behind a carrier's gateway each transfer can bring another.
const MOST: usize = 16;
/// Packets behind the newest that are still told apart; older ones are refused.
const WIDTH: u64 = 128;

/// The senders proven under one key.
pub(super) struct Senders {
    /// The one heard last stands last.
    windows: Vec<Window>,
}

impl Senders {
    pub(super) fn new() -> Self {
        Self { windows: Vec::with_capacity(MOST) }
    }

    /// Whether nothing authentic has come.
    pub(super) fn is_empty(&self) -> bool {
        self.windows.is_empty()
    }

    pub(super) fn of(&self, ssrc: u32) -> Option<&Window> {
        self.windows.iter().find(|sender| sender.ssrc == ssrc)
    }

    /// Only for what is fresh and authentic.
    pub(super) fn note(&mut self, ssrc: u32, index: u64) {
        if let Some(at) = self.windows.iter().position(|sender| sender.ssrc == ssrc) {
            self.windows[at].note(index);
            self.windows[at..].rotate_left(1);
            return;
        }
        if self.windows.len() == MOST {
            self.windows.remove(0);
        }
        self.windows.push(Window::new(ssrc, index));
    }
}

/// One SSRC under one key.
pub(super) struct Window {
    ssrc: u32,
    highest: u64,
    /// Bit n: `highest - n` has come.
    seen: u128,
}

impl Window {
    /// Opened by its first packet that is authentic.
    fn new(ssrc: u32, index: u64) -> Self {
        Self { ssrc, highest: index, seen: 1 }
    }

    /// The index nearest to the newest one that has this sequence number (RFC 3711 section 3.3.1). `None`
    /// where it would lie before the stream's beginning.
    pub(super) fn index_of(&self, sequence: u16) -> Option<u64> {
        let step = sequence.wrapping_sub(self.highest as u16) as i16;
        self.highest.checked_add_signed(i64::from(step))
    }

    /// Whether it neither came nor is too old to know.
    pub(super) fn is_fresh(&self, index: u64) -> bool {
        match self.highest.checked_sub(index) {
            None => true,
            Some(behind) => behind < WIDTH && self.seen >> behind & 1 == 0,
        }
    }

    fn note(&mut self, index: u64) {
        match index.checked_sub(self.highest) {
            Some(ahead) => {
                self.seen = self.seen.checked_shl(ahead as u32).unwrap_or(0) | 1;
                self.highest = index;
            }
            None => self.seen |= 1 << (self.highest - index),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_packet_is_taken_once_through_any_number_of_wraps() {
        let mut window = Window::new(1, 65_530);
        for index in 65_531..400_000_u64 {
            assert_eq!(window.index_of(index as u16), Some(index));
            assert!(window.is_fresh(index));
            window.note(index);
            assert!(!window.is_fresh(index));
        }
    }

    #[test]
    fn late_ones_are_taken_once_and_old_ones_never() {
        let mut window = Window::new(1, 1_000);
        window.note(1_200);
        assert!(window.is_fresh(1_199) && window.is_fresh(1_073));
        assert!(!window.is_fresh(1_072), "older than the list");
        window.note(1_199);
        assert!(!window.is_fresh(1_199));
        assert_eq!(window.index_of(1_199), Some(1_199), "a late one does not move the newest");
    }

    #[test]
    fn nothing_comes_before_the_beginning() {
        let window = Window::new(1, 3);
        assert_eq!(window.index_of(65_535), None);
        assert_eq!(window.index_of(2), Some(2));
    }
}
