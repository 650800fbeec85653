//! Transactions, each a task of its own and repeated where that helps.

use std::pin::Pin;
use std::time::Duration;

use ports::StoreError;
use sqlx::{PgConnection, PgPool};

use crate::Postgres;
use crate::error::{Trouble, passes};

/// The statements of a transaction.
pub(crate) type Work<'t, T> = Pin<Box<dyn Future<Output = Result<T, Trouble>> + Send + 't>>;

/// How often a transaction is tried before its serialisation failure is passed on.
const ROUNDS: u32 = 5;

/// Imports and starts of plans may take this long.
pub(crate) const LONG: &str = "set local statement_timeout = '15min'";

impl Postgres {
    /// Runs `work` in a transaction and commits when it succeeds. It runs to its end even when the caller is dropped:
    /// a `begin` that is cancelled in flight would leave its connection inside a transaction nobody ends.
    pub(crate) async fn transact<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: for<'t> Fn(&'t mut PgConnection) -> Work<'t, T> + Send + Sync + 'static,
    {
        self.spawn(work, Frame::Transaction).await
    }

    /// The same of a single statement, which is a transaction by itself: a third of the round trips.
    pub(crate) async fn state<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: for<'t> Fn(&'t mut PgConnection) -> Work<'t, T> + Send + Sync + 'static,
    {
        self.spawn(work, Frame::Statement).await
    }

    async fn spawn<T, W>(&self, work: W, frame: Frame) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: for<'t> Fn(&'t mut PgConnection) -> Work<'t, T> + Send + Sync + 'static,
    {
        let pool = self.pool.clone();
        let task = tokio::spawn(async move { repeated(&pool, &work, frame).await });
        match task.await {
            Ok(outcome) => outcome,
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(_) => Err(StoreError::Unavailable("the service is shutting down".to_owned())),
        }
    }
}

/// What makes the work one whole.
#[derive(Clone, Copy)]
enum Frame {
    Transaction,
    Statement,
}

async fn repeated<T, W>(pool: &PgPool, work: &W, frame: Frame) -> Result<T, StoreError>
where
    W: for<'t> Fn(&'t mut PgConnection) -> Work<'t, T> + Sync,
{
    let mut round = 1;
    loop {
        let outcome = match frame {
            Frame::Transaction => once(pool, work).await,
            Frame::Statement => alone(pool, work).await,
        };
        match outcome {
            Err(Trouble::Sql(error)) if round < ROUNDS && passes(&error) => {
                // Those who collided must not collide again in step.
                tokio::time::sleep(Duration::from_millis(u64::from(round) * 5 + jitter())).await;
                round += 1;
            }
            outcome => return outcome.map_err(StoreError::from),
        }
    }
}

async fn once<T, W>(pool: &PgPool, work: &W) -> Result<T, Trouble>
where
    W: for<'t> Fn(&'t mut PgConnection) -> Work<'t, T> + Sync,
{
    let mut transaction = pool.begin().await?;
    match work(&mut transaction).await {
        Ok(outcome) => {
            transaction.commit().await?;
            Ok(outcome)
        }
        Err(trouble) => {
            // The first trouble is the one to tell; a rollback that fails costs the connection only.
            let _ = transaction.rollback().await;
            Err(trouble)
        }
    }
}

async fn alone<T, W>(pool: &PgPool, work: &W) -> Result<T, Trouble>
where
    W: for<'t> Fn(&'t mut PgConnection) -> Work<'t, T> + Sync,
{
    let mut connection = pool.acquire().await?;
    work(&mut connection).await
}

/// Up to 10 ms, different for those who ask at the same time.
fn jitter() -> u64 {
    uuid::Uuid::now_v7().as_u128() as u64 % 10
}
