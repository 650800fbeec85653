//! The connections and the schema.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use ports::StoreError;
use sqlx::migrate::Migrator;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection};

use crate::error::{MigrateError, unavailable};
use crate::lending::{Lending, Lent};
use crate::privacy::NumberKey;

static MIGRATIONS: Migrator = sqlx::migrate!("../../../migrations");

/// How connections are made.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Connections at most; half of them are kept for what calls write and ask.
    pub connections: u32,
    /// How long a request waits for a free connection.
    pub acquire: Duration,
    /// How long one statement may take; imports and starts of plans have their own limit.
    pub statement: Duration,
    /// How long a statement waits for a lock.
    pub lock: Duration,
    /// Keeps the numbers of erased customers barred; without one nobody can be erased.
    pub number_key: Option<NumberKey>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            connections: 16,
            acquire: Duration::from_secs(10),
            statement: Duration::from_secs(30),
            lock: Duration::from_secs(10),
            number_key: None,
        }
    }
}

/// The store on Postgres. Clones share their connections.
#[derive(Clone, Debug)]
pub struct Postgres {
    pub(crate) lending: Arc<Lending>,
    calls: Arc<Lending>,
    pub(crate) number_key: Option<NumberKey>,
    url: Arc<PgConnectOptions>,
}

/// What the connections are used for.
#[derive(Clone, Copy)]
enum Use {
    /// The statements of calls: few and always the same, each finds its rows by key.
    Calls,
    /// All others, whose best plan depends on what is asked.
    Rest,
}

impl Postgres {
    /// Connects to `postgres://user:password@host/database`, or over a socket by `?host=/directory`. Fails at once
    /// when the server does not answer.
    pub async fn connect(url: &str, options: Options) -> Result<Self, StoreError> {
        let url = PgConnectOptions::from_str(url)
            .map_err(|error| StoreError::Unavailable(format!("the url cannot be read: {error}")))?
            .application_name("huifang");
        let kept = (options.connections / 2).max(1);
        let others = options.connections.saturating_sub(kept).max(1);
        let lending = |used: Use, connections: u32| {
            let url = url.clone().options(session(options, used));
            Arc::new(Lending::of(url, Options { connections, ..options }))
        };
        let (calls, lending) = (lending(Use::Calls, kept), lending(Use::Rest, others));
        lending.lend().await.map_err(|error| at(&url, unavailable(&error)))?.done();
        Ok(Self { lending, calls, number_key: options.number_key, url: Arc::new(url) })
    }

    /// The same store over the connections that are kept for calls: nothing that others ask for makes a call wait.
    pub(crate) fn in_call(&self) -> Self {
        Self { lending: Arc::clone(&self.calls), ..self.clone() }
    }

    /// The same store, keeping the numbers of erased customers barred under that key.
    #[must_use]
    pub fn with_number_key(mut self, key: NumberKey) -> Self {
        self.number_key = Some(key);
        self
    }

    /// Brings the schema to the newest version. Several processes may do so at once; one works, the others wait.
    pub async fn migrate(&self) -> Result<(), MigrateError> {
        // A connection of its own, because a migration may take longer than a statement of the service may.
        let mut connection = self.url.connect().await.map_err(|error| unavailable(&error))?;
        let outcome = MIGRATIONS.run(&mut connection).await;
        let _ = connection.close().await;
        outcome.map_err(MigrateError::from)
    }

    /// Ends all connections after their current work.
    pub async fn close(&self) {
        tokio::join!(self.lending.close(), self.calls.close());
    }

    pub(crate) async fn reader(&self) -> Result<Lent, StoreError> {
        self.lending.lend().await.map_err(|error| unavailable(&error))
    }
}

/// Says which server it is; never the password.
fn at(url: &PgConnectOptions, error: StoreError) -> StoreError {
    match error {
        StoreError::Unavailable(why) => {
            StoreError::Unavailable(format!("{}:{}: {why}", url.get_host(), url.get_port()))
        }
        other => other,
    }
}

/// Settings of each session.
fn session(options: Options, used: Use) -> Vec<(&'static str, String)> {
    let millis = |time: Duration| time.as_millis().to_string();
    let mut settings = vec![
        ("statement_timeout", millis(options.statement)),
        ("lock_timeout", millis(options.lock)),
        // A process that stops in the middle must not keep rows locked.
        ("idle_in_transaction_session_timeout", millis(options.statement)),
        // An answer that was noted survives a power cut.
        ("synchronous_commit", "on".to_owned()),
        // Nothing here runs long enough to be worth compiling.
        ("jit", "off".to_owned()),
        ("timezone", "UTC".to_owned()),
    ];
    match used {
        // Planning anew was nearly half of what a call costs the server. A plan made while a table was small must
        // serve when it has grown, until the server has counted it again.
        Use::Calls => {
            settings.push(("plan_cache_mode", "force_generic_plan".to_owned()));
            settings.push(("enable_seqscan", "off".to_owned()));
        }
        // Filters that are absent must be planned as absent.
        Use::Rest => settings.push(("plan_cache_mode", "force_custom_plan".to_owned())),
    }
    settings
}
