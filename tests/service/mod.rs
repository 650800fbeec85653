//! The built service run as its operator runs it: processes, configuration file, REST API, the virtual carrier as the
//! far end. Each test has a site of its own: a folder, free ports and, where asked for, a Postgres.

#![allow(dead_code, unused_imports, reason = "each test program uses a part of it")]

mod account;
mod api;
mod carrier;
mod database;
mod pair;
mod ports;
mod process;
pub(crate) mod questionnaire;
mod relay;
mod ringing_back;
mod site;
mod wait;

pub(crate) use self::api::{Api, Reply, quick_plan};
pub(crate) use self::carrier::{Carrier, LISTENS, SATISFIED};
pub(crate) use self::database::Server;
pub(crate) use self::pair::Pair;
pub(crate) use self::ports::free as free_port;
pub(crate) use self::process::{Done, Process};
pub(crate) use self::relay::Relay;
pub(crate) use self::ringing_back::{Caller, Deed, Shown};
pub(crate) use self::site::{Site, runs};
pub(crate) use self::wait::{hold, until};

/// The 400 number all tests call with.
pub(crate) const CALLER: &str = "4008001234";
