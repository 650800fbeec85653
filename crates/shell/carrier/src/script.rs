//! The script file: which virtual customers there are, what they do, and what should come of it.

mod error;
mod expect;
mod load;
mod model;
mod words;

pub use error::ScriptError;
pub use expect::Expect;
pub(crate) use load::significant;
pub use model::{
    Answer, Behaviour, Customer, EarlyMedia, Failure, Habits, Heard, Machine, Script, Step, Trunk,
};
pub use words::{Keys, Span, Speech, ToneName};
