//! As whom the server runs: as we do, or as `postgres` when we are root.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use nix::unistd::{Uid, User};

use super::ClusterError;

/// The user the server runs as.
#[derive(Clone, Debug)]
pub(super) struct Runner {
    pub(super) name: String,
    pub(super) uid: u32,
    pub(super) gid: u32,
    /// We are root and step down to it.
    pub(super) steps_down: bool,
}

impl Runner {
    /// Ourselves, or the system user `postgres` when we are root.
    pub(super) fn of_this_process() -> Result<Self, ClusterError> {
        let us = Uid::effective();
        let found = if us.is_root() { User::from_name("postgres") } else { User::from_uid(us) };
        let user = found.ok().flatten().ok_or(ClusterError::NoUser)?;
        Ok(Self { name: user.name, uid: user.uid.as_raw(), gid: user.gid.as_raw(), steps_down: us.is_root() })
    }

    /// A command of this user, with an environment of its own: `PGDATA` and its kin must not lead it astray.
    pub(super) fn command(&self, program: &Path) -> std::process::Command {
        use std::os::unix::process::CommandExt;
        let mut command = std::process::Command::new(program);
        command
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("LC_ALL", "C")
            .current_dir("/")
            .stdin(Stdio::null());
        if self.steps_down {
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// The first folder on the way to `path` that this user cannot enter.
    pub(super) fn blocked(&self, path: &Path) -> Option<PathBuf> {
        if !self.steps_down {
            return None;
        }
        let mut way: Vec<&Path> = path.ancestors().filter(|folder| folder.exists()).collect();
        way.reverse();
        way.into_iter().find(|folder| !self.enters(folder)).map(Path::to_owned)
    }

    fn enters(&self, folder: &Path) -> bool {
        let outcome = self.command(Path::new("/usr/bin/test")).arg("-x").arg(folder).status();
        // Where `test` itself is missing, initdb will tell.
        outcome.map_or(true, |status| status.success())
    }
}
