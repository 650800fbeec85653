//! The called parties: a small, exact SIP user agent server over UDP with an RTP stream for each call.
//!
//! Everybody answers at once, presses a key after each prompt that asks for one, and hangs up after the call's time;
//! whoever has a number that begins with [`HANGS_UP_AT_ONCE`] hangs up with the ACK. What each call was like goes to a
//! journal, one [`CallReport`] a line.

mod calls;
mod dialog;
mod journal;
mod media;
mod message;
mod script;
mod timers;

use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

pub use journal::CallReport;
pub use script::{PROMPTS, QUESTIONS, key_of};

use media::{Carried, Media};
use script::Script;

use crate::report::Tally;

/// Where all called parties are; the other side is at 127.0.0.1.
pub const HERE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
/// Numbers whose owners hang up as soon as they are connected.
pub const HANGS_UP_AT_ONCE: &str = "139";

/// What all threads count together.
#[derive(Clone, Debug, Default)]
pub struct Counts(Arc<Mutex<Tally>>);

impl Counts {
    /// Changes the figures.
    pub fn change(&self, change: impl FnOnce(&mut Tally)) {
        // A count is never left half-way, so a thread that panicked spoils nothing.
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// The figures.
    pub fn tally(&self) -> Tally {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Called parties that take calls.
#[derive(Clone, Debug)]
pub struct Party {
    /// Where they take calls.
    pub sip: SocketAddr,
    /// After this they hang up.
    pub call_time: Duration,
    /// Where the journal is written; wiped first.
    pub journal: PathBuf,
}

/// Takes calls from now on, on threads of their own that run until the process ends; answers where.
pub fn take_calls(party: &Party, counts: &Counts) -> io::Result<SocketAddr> {
    let socket = UdpSocket::bind(party.sip)?;
    let here = socket.local_addr()?;
    let (finished, reports) = channel();
    let journal = journal::Journal::create(&party.journal)?;
    let media = Media::start(counts.clone(), finished)?;
    let in_journal = counts.clone();
    thread::Builder::new().name("journal".to_owned()).spawn(move || journal.keep(&reports, &in_journal))?;
    let calls = calls::Calls::new(socket, party.call_time, media, counts.clone())?;
    thread::Builder::new().name("sip".to_owned()).spawn(move || calls.run())?;
    Ok(here)
}

/// RTP alone, with `calls` consecutive even ports from `port_base` on; see the crate's documentation.
pub fn stream_only(calls: u16, port_base: u16, counts: &Counts) -> io::Result<()> {
    let (finished, _) = channel();
    let media = Media::start(counts.clone(), finished)?;
    for call in 0..calls {
        let port = port_base + 2 * call;
        let socket = UdpSocket::bind((HERE, port))?;
        socket.connect((Ipv4Addr::LOCALHOST, port))?;
        let seed = u64::from(call).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        media.carry(Carried::new(format!("stream-{call}"), String::new(), socket, Script::silent(), seed)?);
        counts.change(|tally| tally.up += 1);
    }
    Ok(())
}
