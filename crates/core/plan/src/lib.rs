//! When to call, and what follows an attempt: calendar, windows, slots, retries, callbacks.
//! Pure: `now` and seeds are arguments; a decision is data.

mod calendar;
mod callback;
mod check;
mod numbers;
mod retry;
mod slot;
mod windows;

pub use calendar::{Calendar, CalendarError, Coverage};
pub use check::{PolicyProblem, PolicyWarning, check};
pub use numbers::{Past, pick_number};
pub use retry::{Decision, Ending, after_attempt, after_ring_back, without_number};
pub use slot::{HalfDay, Slot};
pub use windows::{NextWindow, first_due, may_call_now, next_opening};
