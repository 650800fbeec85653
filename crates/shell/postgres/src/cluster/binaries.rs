//! Finding Postgres's programs.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::ClusterError;

/// Where Debian puts the versions.
const DEBIAN: &str = "/usr/lib/postgresql";

/// A folder with `initdb`, `pg_ctl`, `postgres` and `psql` of one version.
#[derive(Clone, Debug)]
pub(super) struct Binaries {
    folder: PathBuf,
}

impl Binaries {
    /// The folder that was named, else the first that fits of: Debian's, newest first, and those of `PATH`. Fits: of the
    /// major version that made the cluster, where there is one.
    pub(super) fn find(
        named: Option<&Path>,
        made_by: Option<&str>,
        data: &Path,
    ) -> Result<Self, ClusterError> {
        let candidates = match named {
            Some(folder) => vec![folder.to_owned()],
            None => debian().into_iter().chain(path()).collect(),
        };
        let found: Vec<(PathBuf, String)> = candidates
            .iter()
            .filter(|folder| ["initdb", "pg_ctl", "psql"].iter().all(|name| folder.join(name).is_file()))
            .filter_map(|folder| Some((folder.clone(), major(folder)?)))
            .collect();
        let Some((_, newest)) = found.first() else {
            let looked: Vec<String> = candidates.iter().map(|folder| folder.display().to_string()).collect();
            let looked = if looked.is_empty() { format!("{DEBIAN} and PATH") } else { looked.join(", ") };
            return Err(ClusterError::NoBinaries { looked });
        };
        let fitting = found.iter().find(|(_, version)| made_by.is_none_or(|made| made == version));
        match (fitting, made_by) {
            (Some((folder, _)), _) => Ok(Self { folder: folder.clone() }),
            (None, made) => Err(ClusterError::OtherMajor {
                data: data.to_owned(),
                made: made.unwrap_or_default().to_owned(),
                found: newest.clone(),
            }),
        }
    }

    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

fn debian() -> Vec<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir(DEBIAN)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    versions.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    versions.into_iter().map(|(_, folder)| folder).collect()
}

fn path() -> Vec<PathBuf> {
    std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default()
}

/// `15` of `postgres (PostgreSQL) 15.18`.
fn major(folder: &Path) -> Option<String> {
    let said = Command::new(folder.join("postgres")).arg("--version").output().ok()?;
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let version = said.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    Some(version.split(|c: char| !c.is_ascii_digit()).next()?.to_owned())
}
