//! Why the private server does not run, and what to do.

use std::path::PathBuf;

/// The private Postgres could not be started or stopped.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// No Postgres on this machine.
    #[error(
        "Postgres is not installed (looked for {looked}): run `apt-get install postgresql`, name its folder in \
         [database] bin_dir, or give [database] url of a server you have"
    )]
    NoBinaries { looked: String },
    /// The cluster was made by another major version.
    #[error(
        "the cluster in {data} was made by Postgres {made}, and only {found} is here: run `apt-get install \
         postgresql-{made}`, or move the data with pg_upgrade"
    )]
    OtherMajor { data: PathBuf, made: String, found: String },
    /// As root, and there is nobody to run the server as.
    #[error(
        "Postgres must not run as root, and this machine has no user `postgres`: run `apt-get install postgresql`, \
         or start huifang as an ordinary user"
    )]
    NoUser,
    /// The user of the server cannot get into the data folder.
    #[error(
        "the user {user}, as whom Postgres runs, cannot enter {blocked}: choose a data folder outside of it, such as \
         /var/lib/huifang, or run `chmod o+x {blocked}`"
    )]
    NotEnterable { user: String, blocked: PathBuf },
    /// A folder cannot be made or written.
    #[error("{path} cannot be written: {why}. Choose another data folder, or give this user the right to it")]
    NotWritable { path: PathBuf, why: String },
    /// A folder of the cluster belongs to another user.
    #[error(
        "{path} belongs to another user than {user}, as whom Postgres would run: start huifang as the user who made \
         it, or run `chown -R {user} {path}`"
    )]
    OtherOwner { path: PathBuf, user: String },
    /// A short folder for the socket exists, but is not safe to use.
    #[error("{0} is not a folder of ours alone: somebody else made it; remove it and start again")]
    SocketFolder(PathBuf),
    /// A program of Postgres failed.
    #[error("{program} failed: {said}. More may be in {log}")]
    Failed { program: &'static str, said: String, log: PathBuf },
    /// The server runs but does not answer.
    #[error(
        "the private Postgres runs but does not answer: see {log}; stop it with `pg_ctl stop` and start again"
    )]
    Silent { log: PathBuf },
}

impl ClusterError {
    pub(super) fn not_writable(path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::NotWritable { path: path.to_owned(), why: error.to_string() }
    }
}
