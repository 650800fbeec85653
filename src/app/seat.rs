//! The one service of a data folder: who takes its seat knows that the one before it is gone.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::Path;

/// Held as long as the service runs; the operating system lets go of it however the process ends.
pub(super) struct Seat {
    _file: File,
    /// The process that had it before, however it left; none at the first start.
    pub(super) predecessor: Option<String>,
}

impl Seat {
    /// Takes the seat for `node`; nothing where another service of this folder runs.
    pub(super) fn take(folder: &Path, node: &str) -> io::Result<Option<Self>> {
        let path = folder.join("node");
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        if file.try_lock().is_err() {
            return Ok(None);
        }
        let mut before = String::new();
        file.read_to_string(&mut before)?;
        file.set_len(0)?;
        file.rewind()?;
        file.write_all(node.as_bytes())?;
        let before = before.trim().to_owned();
        Ok(Some(Self { _file: file, predecessor: (!before.is_empty()).then_some(before) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_after_learns_who_is_gone_and_who_comes_beside_gets_no_seat() {
        let folder = tempfile::tempdir().unwrap();
        let first = Seat::take(folder.path(), "one").unwrap().unwrap();
        assert_eq!(first.predecessor, None);
        assert!(Seat::take(folder.path(), "beside").unwrap().is_none());
        drop(first);
        let second = Seat::take(folder.path(), "two").unwrap().unwrap();
        assert_eq!(second.predecessor.as_deref(), Some("one"));
    }
}
