//! Open files: the limit that processes begin with is meant for people at a shell.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::config::Config;

/// Files of one call at most: a socket that hears everybody, one that is connected, one for RTCP, the recording and its
/// markers.
const A_CALL: u64 = 5;
/// Connections of Postgres, console and machines, logs.
const BESIDES: u64 = 500;

/// All lines in use would need more files than this process may open.
#[derive(Debug, thiserror::Error)]
#[error(
    "{lines} lines need {needed} open files and the system allows {limit}: raise LimitNOFILE (systemd), --ulimit nofile \
     (containers) or ulimit -Hn, or give the trunks fewer lines"
)]
pub struct TooFewFiles {
    lines: u64,
    needed: u64,
    limit: u64,
}

/// Raises the limit as far as the system lets us; an error where all lines in use at once could not be carried.
pub(super) fn allow(config: &Config) -> Result<(), TooFewFiles> {
    let lines: u64 = config.trunk.values().map(|trunk| u64::from(trunk.lines)).sum();
    let needed = lines * A_CALL + BESIDES;
    // Where the limit cannot even be asked for, whatever runs out of files will say so.
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return Ok(()) };
    if soft < hard && setrlimit(Resource::RLIMIT_NOFILE, hard, hard).is_err() && soft < needed {
        return Err(TooFewFiles { lines, needed, limit: soft });
    }
    if hard < needed { Err(TooFewFiles { lines, needed, limit: hard }) } else { Ok(()) }
}
