//! What a run needs of the machine, asked before it begins.

use std::path::Path;
use std::time::Duration;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::statvfs::statvfs;

use super::BenchError;

const MIB: u64 = 1 << 20;
/// A second of a recording: 8000 samples of 16 bits on two channels.
const RECORDED: u64 = 32_000;
/// Postgres, logs and the service's own reserve.
const BESIDES: u64 = 2048 * MIB;
/// Files besides five for each call: its sockets, the recording and its markers.
const FILES_BESIDES: u64 = 600;

/// Refuses levels that this machine has no room for. `lasts` is how long a level's calls are recorded, by the service and
/// by the bare program.
pub(super) fn check(folder: &Path, levels: &[usize], lasts: Duration) -> Result<(), BenchError> {
    let calls = levels.iter().copied().max().unwrap_or_default();
    let recorded: usize = levels.iter().sum();
    let needed = recorded as u64 * RECORDED * lasts.as_secs() + BESIDES;
    let disk =
        statvfs(folder).map_err(|error| BenchError::File { path: folder.to_owned(), error: error.into() })?;
    let free = disk.blocks_available() * disk.fragment_size();
    if free < needed {
        let (free_mib, needed_mib) = (free / MIB, needed / MIB);
        return Err(BenchError::Room { folder: folder.to_owned(), free_mib, needed_mib, calls: recorded });
    }
    files(calls)
}

/// Raises the number of open files that the programs we start inherit, as far as it may be.
fn files(calls: usize) -> Result<(), BenchError> {
    let needed = 5 * calls as u64 + FILES_BESIDES;
    match getrlimit(Resource::RLIMIT_NOFILE) {
        Ok((soft, _)) if soft >= needed => Ok(()),
        Ok((_, hard)) if hard >= needed && setrlimit(Resource::RLIMIT_NOFILE, needed, hard).is_ok() => Ok(()),
        Ok((_, limit)) => Err(BenchError::Files { calls, needed, limit }),
        // Then a program that runs out of files will say so.
        Err(_) => Ok(()),
    }
}
