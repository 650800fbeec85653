//! The folders of a private server and whose they are.

use std::fs::{self, File, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use super::ClusterError;
use super::user::Runner;

/// A socket's whole path may have 107 bytes; the rest is slack for its lock file.
const LONGEST_SOCKET: usize = 100;

/// Where a private server lives.
#[derive(Debug)]
pub(super) struct Folder {
    home: PathBuf,
    /// Folder of the socket.
    pub(super) run: PathBuf,
}

impl Folder {
    /// Makes the folders, or checks those that are there.
    pub(super) fn prepare(root: &Path, runner: &Runner) -> Result<Self, ClusterError> {
        let root = std::path::absolute(root).map_err(|error| ClusterError::not_writable(root, &error))?;
        if !root.exists() {
            fs::create_dir_all(&root).map_err(|error| ClusterError::not_writable(&root, &error))?;
            // Whatever the umask: the server's user passes through, and sees nothing.
            permit(&root, 0o711)?;
        }
        if let Some(blocked) = runner.blocked(&root) {
            return Err(ClusterError::NotEnterable { user: runner.name.clone(), blocked });
        }
        let home = root.join("postgres");
        make_private(&home, runner)?;
        let run = socket_folder(&home, &root, runner)?;
        make_private(&run, runner)?;
        Ok(Self { home, run })
    }

    pub(super) fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    /// Where a cluster is made before it gets its name, so that a half-made one is never used.
    pub(super) fn unfinished(&self) -> PathBuf {
        self.home.join("data.unfinished")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.home.join("postgres.log")
    }

    pub(super) fn password(&self) -> PathBuf {
        self.home.join("password")
    }

    /// The major version that made the cluster; `None` when there is none.
    pub(super) fn major(&self) -> Result<Option<String>, ClusterError> {
        let path = self.data().join("PG_VERSION");
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text.trim().to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(ClusterError::not_writable(&path, &error)),
        }
    }

    /// The ownership of the server; `None` while another process has it. Ends with the process, however it ends.
    pub(super) fn lock(&self) -> Result<Option<File>, ClusterError> {
        let path = self.home.join("lock");
        let refused = |error: &io::Error| ClusterError::not_writable(&path, error);
        let file = File::options().create(true).append(true).open(&path).map_err(|error| refused(&error))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(refused(&error)),
        }
    }
}

/// The socket's folder: with the cluster, or a short one when that path is too long for a socket.
fn socket_folder(home: &Path, root: &Path, runner: &Runner) -> Result<PathBuf, ClusterError> {
    let wanted = home.join("run");
    if wanted.as_os_str().len() + "/.s.PGSQL.5432".len() <= LONGEST_SOCKET {
        return Ok(wanted);
    }
    // The data folder's own number makes the name, so that the next process finds the same.
    let of = fs::metadata(root).map_err(|error| ClusterError::not_writable(root, &error))?;
    let parent = if runner.steps_down { "/run" } else { "/tmp" };
    Ok(Path::new(parent).join(format!("huifang-{}-{}", of.dev(), of.ino())))
}

/// A folder of the server's user that nobody else may enter.
fn make_private(path: &Path, runner: &Runner) -> Result<(), ClusterError> {
    let refused = |error: &io::Error| ClusterError::not_writable(path, error);
    match fs::create_dir(path) {
        Ok(()) => {
            permit(path, 0o700)?;
            if runner.steps_down {
                chown(path, Some(runner.uid), Some(runner.gid)).map_err(|error| refused(&error))?;
            }
            return Ok(());
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(refused(&error)),
    }
    let kept = fs::symlink_metadata(path).map_err(|error| refused(&error))?;
    if !kept.is_dir() {
        return Err(ClusterError::SocketFolder(path.to_owned()));
    }
    if kept.uid() != runner.uid {
        return Err(ClusterError::OtherOwner { path: path.to_owned(), user: runner.name.clone() });
    }
    if kept.mode() & 0o077 != 0 {
        permit(path, 0o700)?;
    }
    Ok(())
}

fn permit(path: &Path, mode: u32) -> Result<(), ClusterError> {
    fs::set_permissions(path, Permissions::from_mode(mode))
        .map_err(|error| ClusterError::not_writable(path, &error))
}

/// The data folder itself where a private server can live in it, else one below `/var/lib` that always can: as root,
/// the user `postgres` cannot enter a folder below `/root` or in a closed home.
pub fn suggested_root(wanted: &Path) -> PathBuf {
    let open = Runner::of_this_process().ok().is_none_or(|runner| runner.blocked(wanted).is_none());
    if open {
        return wanted.to_owned();
    }
    let name = wanted.file_name().unwrap_or_default().to_string_lossy();
    Path::new("/var/lib").join(format!("huifang-{name}"))
}
