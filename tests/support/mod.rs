//! The built command against real called parties (SIPp, baresip), and what it leaves behind under psql, sox and
//! ffprobe.
#![allow(dead_code, unused_imports, reason = "each test file uses its part of this")]

mod baresip;
mod books;
mod command;
mod customer;
mod outcome;
mod pcap;
mod ports;
mod sound;
mod talk;
mod tap;

pub(crate) use baresip::{Baresip, VOICE};
pub(crate) use books::Books;
pub(crate) use command::Huifang;
pub(crate) use customer::{Customer, Step};
pub(crate) use outcome::{Outcome, Recording};
pub(crate) use sound::{SILENCE, Side, Sound};
pub(crate) use talk::Talk;
pub(crate) use tap::{Datagrams, Tap};

use std::time::Duration;

/// Nothing in a test takes longer than this unless it hangs. The longest rings for 30 s; making a database takes 2 s,
/// and many times that on a machine that is busy otherwise.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);
