//! The beginning of a file, from which its form is told.

use std::fs::File;
use std::io::{self, Read};

/// Octets looked at: enough for a header and some hundred names.
const HEAD: u64 = 64 * 1024;

/// The beginning of a file, and whether that is all of it.
pub(crate) fn head_of(file: &mut File) -> io::Result<(Vec<u8>, bool)> {
    let mut head = Vec::new();
    file.take(HEAD).read_to_end(&mut head)?;
    let whole = (head.len() as u64) < HEAD;
    Ok((head, whole))
}

/// A delimiter for people.
pub(crate) fn name_of(delimiter: u8) -> String {
    if delimiter == b'\t' { "Tab".to_owned() } else { char::from(delimiter).to_string() }
}
