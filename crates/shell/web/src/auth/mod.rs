//! Who is asking: passwords, sessions of people, tokens of machines.

mod caller;
mod first;
mod login;
mod offline;
mod origin;
mod password;
mod secret;
mod throttle;

pub(crate) use caller::{Caller, Key, identify};
pub use first::{FirstPassword, first_admin};
pub(crate) use login::{Attempted, close, log_in};
pub use offline::{MadeUp, made_up_password, made_up_token};
pub(crate) use origin::same_origin;
pub(crate) use password::Passwords;
pub(crate) use secret::{SESSION_COOKIE, Secret};
pub(crate) use throttle::Throttle;
