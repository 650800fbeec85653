//! Trunks as pure machines: which one takes the next call, how many lines and calls per second it has left, when it
//! is left alone, how a number is dialled on it, and when the figures of a shown number give cause for alarm.
//! `now` is a time since any fixed moment; seeds are arguments; decisions are data.

pub mod breaker;
pub mod dialled;
mod pace;
pub mod policy;
mod pool;
pub mod rates;
pub mod share;
mod weights;

pub use breaker::Breaker;
pub use dialled::{Form, Rewrite, Undialable};
pub use pace::{Pace, Turn, WINDOW};
pub use policy::Policy;
pub use pool::{Chosen, NoRoom, Pool, Room, Route, Spec, Standing, Want};
pub use share::Share;
