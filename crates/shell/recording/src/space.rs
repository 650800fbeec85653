//! Whether the disk can take another call.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use nix::sys::statvfs::statvfs;

use crate::RecordingError;

/// Emptied and written anew each time.
const PROBE: &str = ".probe";

/// Free bytes of the file system that holds `path`, at least `minimum`, with room for a file's name.
pub(crate) fn enough(path: &Path, minimum: u64) -> Result<u64, RecordingError> {
    let system = statvfs(path).map_err(|e| RecordingError::io("looking at", path)(e.into()))?;
    let free = system.blocks_available() as u64 * system.fragment_size() as u64;
    if free < minimum {
        return Err(RecordingError::DiskFull { path: path.to_owned(), free, minimum });
    }
    // File systems that make inodes as they need them tell of none.
    if system.files() > 0 && system.files_available() == 0 {
        return Err(RecordingError::NoInodes { path: path.to_owned() });
    }
    Ok(free)
}

/// Writes a block: free space alone says nothing of rights, quotas or a file system that went read-only. The file stays:
/// ext4 passes over inodes given back of late, and each new recording would have to look at them.
pub(crate) fn probe(directory: &Path) -> Result<(), RecordingError> {
    let written = fs::File::create(directory.join(PROBE)).and_then(|mut file| file.write_all(&[0; 4096]));
    written.map_err(RecordingError::io("writing to", directory))
}
