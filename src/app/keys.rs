//! The key under which numbers of erased customers stay barred: read, or made at the first start.

use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use postgres::NumberKey;

use crate::config::Config;

/// The key cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file is there and holds something else.
    #[error(
        "privacy.key_file {0} does not hold 64 hexadecimal digits: put the file of the first start back, or a key of \
         your own (openssl rand -hex 32)"
    )]
    NoKey(PathBuf),
    /// The file cannot be read or made.
    #[error("privacy.key_file {path} cannot be used: {error}. Check its owner and its folder's")]
    Io { path: PathBuf, error: io::Error },
}

/// Where the key is.
fn path(config: &Config) -> PathBuf {
    config.privacy.key_file.clone().unwrap_or_else(|| config.data.dir.join("keys").join("numbers.key"))
}

/// Reads the key; makes one where there is none and no place was named for it.
pub(super) fn number_key(config: &Config) -> Result<NumberKey, KeyError> {
    let path = path(config);
    let io = |error| KeyError::Io { path: path.clone(), error };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound && config.privacy.key_file.is_none() => {
            make(&path).map_err(io)?
        }
        Err(error) => return Err(io(error)),
    };
    let octets = hex::decode(text.trim()).ok().and_then(|octets| <[u8; 32]>::try_from(octets).ok());
    octets.map(NumberKey::new).ok_or(KeyError::NoKey(path))
}

/// Of several processes that start at once, one makes it and the others read it.
fn make(path: &Path) -> io::Result<String> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let text = hex::encode(rand::random::<[u8; 32]>());
    // Whole before it has its name: nobody reads half a key.
    let fresh = path.with_extension(format!("{}.fresh", std::process::id()));
    let mut file =
        std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
    writeln!(file, "{text}")?;
    file.sync_all()?;
    let named = std::fs::hard_link(&fresh, path);
    std::fs::remove_file(&fresh)?;
    match named {
        Ok(()) => Ok(text),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let mut text = String::new();
            std::fs::File::open(path)?.read_to_string(&mut text)?;
            Ok(text)
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_key_is_made_once_for_its_owner_alone_and_a_broken_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        folder.path().clone_into(&mut config.data.dir);
        number_key(&config).unwrap();
        let made = path(&config);
        assert_eq!(std::fs::metadata(&made).unwrap().permissions().mode() & 0o777, 0o600);
        let text = std::fs::read_to_string(&made).unwrap();
        number_key(&config).unwrap();
        assert_eq!(std::fs::read_to_string(&made).unwrap(), text);
        std::fs::write(&made, "12\n").unwrap();
        assert!(matches!(number_key(&config), Err(KeyError::NoKey(_))));
        config.privacy.key_file = Some(folder.path().join("elsewhere"));
        assert!(
            matches!(number_key(&config), Err(KeyError::Io { .. })),
            "a key that was named is not made up"
        );
    }
}
