//! The password of the service's role: random, in a file only we can read.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::ClusterError;

/// The password that is kept, if one is.
pub(super) fn read(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let text = text.trim();
    (text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())).then(|| text.to_owned())
}

/// The password that is kept, or a fresh one.
pub(super) fn read_or_make(path: &Path) -> Result<String, ClusterError> {
    match read(path) {
        Some(password) => Ok(password),
        None => make(path).map_err(|error| ClusterError::not_writable(path, &error)),
    }
}

fn make(path: &Path) -> std::io::Result<String> {
    let mut secret = [0_u8; 32];
    File::open("/dev/urandom")?.read_exact(&mut secret)?;
    let password = hex::encode(secret);
    // Written whole or not at all.
    let fresh = path.with_extension("fresh");
    let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
    file.write_all(password.as_bytes())?;
    file.sync_all()?;
    fs::rename(&fresh, path)?;
    Ok(password)
}
