//! One line: a call carried from INVITE to its sealed recording.
//!
//! [`work`] takes a claimed task through it; [`place`] places one call outside any plan; [`take_calls`] takes those of
//! customers who ring back. All open the recorder first, commit the attempt, and only then let the INVITE leave or
//! answer it.

mod by_hand;
mod driver;
mod finish;
mod hearing;
mod inbound;
mod passing;
mod sdp;
mod strangers;
mod task;

pub use by_hand::{ByHand, ByHandError, Wish, place};
pub use driver::{Carried, Order, carry};
pub use finish::{Filed, enter_sealed, file};
pub use inbound::take_calls;
pub(super) use task::script;
pub use task::work;
