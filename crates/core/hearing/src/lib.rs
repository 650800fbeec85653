//! What a line sounds like, and what that means: the network's tones, special information tones, fax, silence,
//! announcements known by their fingerprint, who answered, and what of it all is our own echo.
//!
//! Fed with decoded samples by position (samples on the leg's clock), it gives [`Finding`]s: what was heard, from
//! where to where, and how sure that is. A later finding of the same kind takes the place of the earlier one; one
//! of confidence zero takes it back. Nothing here decides about a call.

mod answerer;
mod beep;
mod bench;
mod block;
mod echo;
mod fax;
mod finding;
mod library;
mod listener;
mod matcher;
mod print;
mod runs;
mod silence;
mod sit;
mod tones;

pub use answerer::GreetingLimits;
pub use bench::Bench;
pub use echo::{Echo, Whose};
pub use finding::{Answered, FaxTone, Finding, Sit, What};
pub use library::{Library, TooShort};
pub use listener::{Limits, Listener};
pub use tones::{EarHears, ToneDetector, ToneHeard};
