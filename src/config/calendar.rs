//! `[calendar]`: the public holidays beyond those this release carries.

use std::path::PathBuf;

use serde::Deserialize;

/// Where years are read from that were announced after this release.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Calendar {
    /// A file in the form of `crates/core/plan/data/holidays.json`; the years in it replace those of the release. It is
    /// read again when it has changed.
    pub file: Option<PathBuf>,
}
