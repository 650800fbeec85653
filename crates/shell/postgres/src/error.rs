//! What Postgres says, in the words of the port.

use ports::StoreError;
use sqlx::Error;
use sqlx::error::ErrorKind;
use sqlx::migrate::MigrateError as Migrate;

/// The schema could not be brought to the newest version. What was done stays done; nothing is half-applied.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The database cannot be reached.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The database was migrated by a newer release.
    #[error("the database has migration {0}, which this release does not know: run the newer release again")]
    Newer(i64),
    /// A migration was edited after it ran.
    #[error("migration {0} differs from the one that ran on this database: put its file back as it was")]
    Edited(i64),
    /// A migration failed.
    #[error(
        "a migration failed: {0}. The database user must own the database (ALTER DATABASE … OWNER TO …); the failed \
         migration left nothing behind, so mend the cause and run `huifang migrate` again"
    )]
    Failed(String),
}

impl From<Migrate> for MigrateError {
    fn from(error: Migrate) -> Self {
        match error {
            Migrate::VersionMissing(version) | Migrate::VersionTooNew(version, _) => Self::Newer(version),
            Migrate::VersionMismatch(version) => Self::Edited(version),
            other => Self::Failed(other.to_string()),
        }
    }
}

/// What can stop a transaction: Postgres, or the rules.
#[derive(Debug)]
pub(crate) enum Trouble {
    Sql(Error),
    Rule(StoreError),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Sql(error)
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Rule(error)
    }
}

impl From<Trouble> for StoreError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Sql(error) => unavailable(&error),
            Trouble::Rule(error) => error,
        }
    }
}

/// Whether the same transaction may well succeed when it is run again.
pub(crate) fn passes(error: &Error) -> bool {
    // serialization_failure, deadlock_detected
    matches!(code(error).as_deref(), Some("40001" | "40P01"))
}

/// Whether the connection is dead: its server was ended, or its process was.
pub(crate) fn is_lost(error: &Error) -> bool {
    // admin_shutdown, crash_shutdown, cannot_connect_now
    matches!(error, Error::Io(_)) || matches!(code(error).as_deref(), Some("57P01" | "57P02" | "57P03"))
}

/// An error of Postgres in the words of the port: refused by a constraint, badly kept, or else not available.
pub(crate) fn unavailable(error: &Error) -> StoreError {
    match error {
        Error::Database(database) => match database.kind() {
            ErrorKind::UniqueViolation
            | ErrorKind::ForeignKeyViolation
            | ErrorKind::CheckViolation
            | ErrorKind::NotNullViolation => StoreError::Conflict(format!(
                "the database refuses it: {}",
                database.constraint().map_or_else(|| database.message().to_owned(), constraint)
            )),
            _ if code(error).as_deref() == Some("42P01") => {
                StoreError::Unavailable("its tables are missing: run `huifang migrate`".to_owned())
            }
            _ => StoreError::Unavailable(database.message().to_owned()),
        },
        Error::ColumnDecode { index, source } => {
            StoreError::Corrupt { place: "a column", why: format!("{index}: {source}") }
        }
        Error::PoolTimedOut => StoreError::Unavailable(
            "no connection in time: it is away, or all [database] connections are busy".to_owned(),
        ),
        other => StoreError::Unavailable(other.to_string()),
    }
}

fn constraint(name: &str) -> String {
    format!("its rule {name} would be broken")
}

fn code(error: &Error) -> Option<String> {
    error.as_database_error().and_then(sqlx::error::DatabaseError::code).map(std::borrow::Cow::into_owned)
}
