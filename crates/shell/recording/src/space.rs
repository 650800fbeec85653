//! Whether the disk can take another call.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use nix::sys::statvfs::statvfs;

use crate::RecordingError;

/// Free bytes of the file system that holds `path`, at least `minimum`.
pub(crate) fn enough(path: &Path, minimum: u64) -> Result<u64, RecordingError> {
    let system = statvfs(path).map_err(|e| RecordingError::io("looking at", path)(e.into()))?;
    let free = system.blocks_available() as u64 * system.fragment_size() as u64;
    if free < minimum {
        return Err(RecordingError::DiskFull { path: path.to_owned(), free, minimum });
    }
    Ok(free)
}

/// Writes a block and removes it: free space alone says nothing of rights, quotas, inodes or a
/// file system that went read-only.
pub(crate) fn probe(directory: &Path) -> Result<(), RecordingError> {
    let path = directory.join(format!(".probe-{}-{:?}", std::process::id(), std::thread::current().id()));
    let written = fs::File::create(&path).and_then(|mut file| file.write_all(&[0; 4096]));
    let removed = fs::remove_file(&path);
    written.and(removed).map_err(RecordingError::io("writing to", directory))
}
