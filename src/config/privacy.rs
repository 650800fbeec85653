//! `[privacy]`: the key that keeps the numbers of erased customers barred without keeping the numbers.

use std::path::PathBuf;

use serde::Deserialize;

/// Where the key is.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Privacy {
    /// 32 octets in hex. Absent: `keys/numbers.key` in the data folder, made at the first start.
    pub key_file: Option<PathBuf>,
}
