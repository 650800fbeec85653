//! The same press told by several ways counts once.

use super::Way;

/// Presses remembered; more than anybody presses while two ways differ.
const REMEMBERED: usize = 16;

/// Joins what the ways tell.
///
/// Each way tells each press at most once, so two presses told by one way are two. A press told by another way
/// is paired with the oldest press of that digit, near enough in time, that this way has not told yet: what
/// matters is how many there are.
#[derive(Debug)]
pub struct Keypad {
    together: i64,
    presses: [Option<Press>; REMEMBERED],
    next: usize,
}

#[derive(Clone, Copy, Debug)]
struct Press {
    digit: char,
    /// Who told it first.
    way: Way,
    began: i64,
    /// The last moment at which a way had the key down.
    until: i64,
    /// A way that tells releases has not told one yet.
    held: bool,
    ways: Ways,
}

/// A set of ways.
#[derive(Clone, Copy, Debug, Default)]
struct Ways(u8);

impl Keypad {
    /// `together`: see [`super::KeyPolicy::together`].
    pub fn new(together: u64) -> Self {
        Self { together: i64::try_from(together).unwrap_or(i64::MAX), presses: [None; REMEMBERED], next: 0 }
    }

    /// A way tells that a key went down at `at` (samples on the call's clock); whether that is news.
    pub fn pressed(&mut self, way: Way, digit: char, at: i64) -> bool {
        let together = self.together;
        let told = |press: &&mut Press| {
            let begun = at >= press.began.saturating_sub(together);
            let near = begun && (press.held || at <= press.until.saturating_add(together));
            press.digit == digit && !press.ways.has(way) && near
        };
        if let Some(press) = self.presses.iter_mut().flatten().filter(told).min_by_key(|press| press.began) {
            press.ways.add(way);
            press.until = press.until.max(at);
            return false;
        }
        let held = way != Way::Info;
        let press = Press { digit, way, began: at, until: at, held, ways: Ways::default().with(way) };
        self.presses[self.next] = Some(press);
        self.next = (self.next + 1) % REMEMBERED;
        true
    }

    /// A way tells that its latest press of `digit` was held until `at`; [`Way::Event`] and [`Way::Tone`] tell it
    /// of each press. A message that is sent when a key goes up is near it, however long it was down. Answers
    /// whether this way was the first to tell the press, so that its release is told once, too.
    pub fn released(&mut self, way: Way, digit: char, at: i64) -> bool {
        let of_way = |press: &&mut Press| press.digit == digit && press.ways.has(way);
        let latest = self.presses.iter_mut().flatten().filter(of_way).max_by_key(|press| press.began);
        latest.is_some_and(|press| {
            press.until = press.until.max(at);
            press.held = false;
            press.way == way
        })
    }
}

impl Ways {
    fn has(self, way: Way) -> bool {
        self.0 & (1 << way as u8) != 0
    }

    fn add(&mut self, way: Way) {
        self.0 |= 1 << way as u8;
    }

    fn with(mut self, way: Way) -> Self {
        self.add(way);
        self
    }
}
