//! `[database]`: the embedded Postgres, or one of yours.

use std::path::PathBuf;

use serde::Deserialize;

use super::Secret;

/// Which Postgres.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `postgres://user:password@host/name`; the embedded cluster where absent.
    pub url: Option<Secret>,
    /// Folder of `initdb` and `pg_ctl` for the embedded cluster; searched for where absent.
    pub bin_dir: Option<PathBuf>,
    pub connections: u32,
}

impl Default for Database {
    fn default() -> Self {
        Self { url: None, bin_dir: None, connections: 16 }
    }
}
