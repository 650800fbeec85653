//! Connections, lent to one piece of work after the other. The server is asked whether one still serves only where that
//! is in doubt: it rested for a while, or its last user went away in the middle.

use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use deadpool::Runtime;
use deadpool::managed::{self, Metrics, Object, PoolConfig, PoolError, QueueMode, RecycleError, Timeouts};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, Error, PgConnection};
use tokio::sync::Notify;

use crate::Options;

/// One that rested longer is asked first: the server may have been started anew meanwhile.
const FRESH: Duration = Duration::from_secs(1);
/// One that is older is replaced, and with it what its server process has gathered.
const LONGEST_LIFE: Duration = Duration::from_secs(30 * 60);

/// All connections of the service.
#[derive(Debug)]
pub(crate) struct Lending(managed::Pool<Server, Lent>);

impl Lending {
    /// Of this server, made as they are needed.
    pub(crate) fn of(server: PgConnectOptions, options: Options) -> Self {
        let (max_size, limit) = (options.connections as usize, Some(options.acquire));
        let timeouts = Timeouts { wait: limit, create: limit, recycle: limit };
        // The last one used knows the statements best.
        let config = PoolConfig { max_size, timeouts, queue_mode: QueueMode::Lifo };
        let server = Server { options: server, ended: Notify::new(), doubted: Mutex::new(None) };
        let pool = managed::Pool::builder(server).config(config).runtime(Runtime::Tokio1).build();
        Self(pool.expect("the limits of time have their runtime"))
    }

    /// Waits for one that serves.
    pub(crate) async fn lend(&self) -> Result<Lent, Error> {
        self.0.get().await.map_err(|error| match error {
            PoolError::Backend(error) => error,
            PoolError::Closed => Error::PoolClosed,
            _ => Error::PoolTimedOut,
        })
    }

    /// One was found dead: those that rest may be as dead, and are asked before they are lent.
    pub(crate) fn doubt(&self) {
        self.0.manager().doubt(Instant::now());
    }

    /// Ends all of them, those that are lent after their current work.
    pub(crate) async fn close(&self) {
        self.0.close();
        loop {
            let ended = self.0.manager().ended.notified();
            if self.0.status().size == 0 {
                return;
            }
            ended.await;
        }
    }
}

/// A connection while somebody uses it.
#[derive(Debug)]
pub(crate) struct Lent(Object<Server>);

impl Lent {
    /// The work is done: nothing is on its way, and no transaction open.
    pub(crate) fn done(mut self) {
        self.0.resting_since = Some(Instant::now());
    }

    /// It is in a state that only its end puts right.
    pub(crate) fn end(self) {
        drop(Object::take(self.0));
    }
}

impl From<Object<Server>> for Lent {
    fn from(object: Object<Server>) -> Self {
        Self(object)
    }
}

impl Deref for Lent {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.0.connection
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.0.connection
    }
}

/// A connection and what is known of it.
#[derive(Debug)]
pub(crate) struct Kept {
    connection: PgConnection,
    /// Since its last work was done; nothing where nobody said so.
    resting_since: Option<Instant>,
}

/// Who connections are made with.
#[derive(Debug)]
pub(crate) struct Server {
    options: PgConnectOptions,
    /// One of them has ended.
    ended: Notify,
    /// What has rested since before then may be dead.
    doubted: Mutex<Option<Instant>>,
}

impl Server {
    fn doubt(&self, now: Instant) {
        *self.doubted.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
    }

    fn is_fresh(&self, rested_since: Instant) -> bool {
        let doubted = *self.doubted.lock().unwrap_or_else(PoisonError::into_inner);
        rested_since.elapsed() < FRESH && doubted.is_none_or(|doubted| rested_since > doubted)
    }
}

impl managed::Manager for Server {
    type Type = Kept;
    type Error = Error;

    async fn create(&self) -> Result<Kept, Error> {
        // Boxed, since its 10 KB would stand in every piece of work that may need a connection.
        Ok(Kept { connection: Box::pin(self.options.connect()).await?, resting_since: None })
    }

    async fn recycle(&self, kept: &mut Kept, metrics: &Metrics) -> managed::RecycleResult<Error> {
        if metrics.age() > LONGEST_LIFE {
            return Err(RecycleError::message("it is old"));
        }
        if !kept.resting_since.take().is_some_and(|since| self.is_fresh(since)) {
            // Takes in what a user who went away has left on the way, and rolls back what he left open.
            kept.connection.ping().await?;
        }
        Ok(())
    }

    fn detach(&self, _: &mut Kept) {
        self.ended.notify_waiters();
    }
}
