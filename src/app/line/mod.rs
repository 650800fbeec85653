//! One line: a call carried from INVITE to its sealed recording.
//!
//! [`work`] takes a claimed task through it; [`place`] places one call outside any plan. Both open the recorder
//! first, commit the attempt as dialling, and only then let the INVITE leave.

mod by_hand;
mod driver;
mod finish;
mod hearing;
mod passing;
mod sdp;
mod task;

pub use by_hand::{ByHand, ByHandError, place};
pub use driver::{Carried, Order, carry};
pub use finish::{Filed, enter_sealed, file};
pub use task::work;
