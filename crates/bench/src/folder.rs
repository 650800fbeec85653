//! Where a bench puts what it makes.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// `TMPDIR`, or else a folder on a disk: recordings and books belong on one, not in memory.
pub(crate) fn parent() -> PathBuf {
    std::env::var_os("TMPDIR").map_or_else(|| PathBuf::from("/var/tmp"), PathBuf::from)
}

/// A folder that the database's own user can enter, which as root is not the one who runs the bench.
pub(crate) fn made_in(parent: &Path) -> io::Result<TempDir> {
    let mut made = tempfile::Builder::new();
    made.prefix("huifang-bench-").permissions(Permissions::from_mode(0o755)).tempdir_in(parent)
}
