//! Writes, each a task of its own and repeated where that helps: transactions, and statements that are one by themselves.

use std::fmt::Write as _;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use ports::StoreError;
use records::AttemptId;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use uuid::Uuid;

use crate::Postgres;
use crate::error::{Trouble, is_lost, passes};
use crate::lending::Lending;

/// How the statements of a write belong together.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Frame {
    /// It is one statement, a transaction by itself, and doing it twice is as doing it once.
    Statement,
    /// A transaction that begins with these locks.
    Transaction(Locks),
    /// A transaction that writes many rows. What triggers and foreign keys ask for each of them is planned once, where
    /// the session otherwise plans everything anew: that would be most of the work.
    ManyRows,
}

/// Rows that a transaction locks as it begins, in the order in which everybody locks them. A statement sees what was
/// there when it began: one that decides by what a lock guards comes after the lock, and costs a way to the server. The
/// functions `open_attempt` and `end_attempt` lock in the same order.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Locks {
    /// The switch and this plan, shared: nobody stops them meanwhile.
    pub(crate) plan: Option<Uuid>,
    /// See [`crate::customers::lock`].
    pub(crate) customer: Option<Uuid>,
    /// This attempt, with its customer and its task.
    pub(crate) ending: Option<AttemptId>,
    /// What a line is of: nobody divides it otherwise meanwhile.
    pub(crate) lending: Option<Uuid>,
    /// The digits of a number that is about to be dialled: whoever counts its calls waits for us.
    pub(crate) number: Option<i64>,
}

impl Locks {
    /// What is said in one go. A UUID is its hexadecimal digits: nothing in it can end a text.
    fn begin(self) -> String {
        let mut text = "begin".to_owned();
        // Writing to a String does not fail.
        if let Some(plan) = self.plan {
            let _ = write!(
                text,
                "; select from switch for share; select from plans where id = '{plan}' for share"
            );
        }
        if let Some(customer) = self.customer {
            let _ = write!(text, "; select from customers where id = '{customer}' for no key update");
        }
        if let Some(attempt) = self.ending {
            let _ = write!(
                text,
                "; select from customers where id = (select customer_id from attempts where id = '{attempt}') \
                 for no key update; select from attempts where id = '{attempt}' for update; \
                 select from tasks where id = (select task_id from attempts where id = '{attempt}') for update"
            );
        }
        if let Some(lending) = self.lending {
            let _ = write!(text, "; select from lendings where id = '{lending}' for key share");
        }
        if let Some(number) = self.number {
            let _ = write!(text, "; select pg_advisory_xact_lock({number})");
        }
        text
    }
}

/// The statements of a write.
pub(crate) type Work<'t, T> = Pin<Box<dyn Future<Output = Result<T, Trouble>> + Send + 't>>;

/// How often a transaction is tried before its serialisation failure is passed on.
const ROUNDS: u32 = 5;

/// Imports and starts of plans may take this long.
pub(crate) const LONG: &str = "set local statement_timeout = '15min'";

impl Postgres {
    /// Runs `work` in a transaction that locks nothing by itself.
    pub(crate) async fn transact<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: for<'t> Fn(&'t mut PgConnection) -> Work<'t, T> + Send + Sync + 'static,
    {
        self.write(Frame::Transaction(Locks::default()), work).await
    }

    /// Runs `work` in its frame; a transaction is committed when it succeeds. It runs to its end even when the caller is dropped:
    /// a `begin` that is cancelled in flight would leave its connection inside a transaction nobody ends.
    pub(crate) async fn write<T, W>(&self, frame: Frame, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: for<'t> Fn(&'t mut PgConnection) -> Work<'t, T> + Send + Sync + 'static,
    {
        let lending = Arc::clone(&self.lending);
        let task = tokio::spawn(async move { repeated(&lending, frame, &work).await });
        match task.await {
            Ok(outcome) => outcome,
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(_) => Err(StoreError::Unavailable("the service is shutting down".to_owned())),
        }
    }
}

async fn repeated<T, W>(lending: &Lending, frame: Frame, work: &W) -> Result<T, StoreError>
where
    W: for<'t> Fn(&'t mut PgConnection) -> Work<'t, T> + Sync,
{
    let mut round = 1;
    loop {
        match once(lending, frame, work).await {
            Err(Failed { trouble: Trouble::Sql(error), .. }) if round < ROUNDS && passes(&error) => {
                // Those who collided must not collide again in step.
                tokio::time::sleep(Duration::from_millis(u64::from(round) * 5 + jitter())).await;
                round += 1;
            }
            // The connection died while it rested.
            Err(Failed { trouble: Trouble::Sql(error), harmless: true }) if round == 1 && is_lost(&error) => {
                lending.doubt();
                round += 1;
            }
            outcome => return outcome.map_err(|failed| failed.trouble.into()),
        }
    }
}

/// What stopped a write.
struct Failed {
    trouble: Trouble,
    /// Whether it may be done again although nobody knows if it was done.
    harmless: bool,
}

impl<T: Into<Trouble>> From<T> for Failed {
    fn from(trouble: T) -> Self {
        Self { trouble: trouble.into(), harmless: false }
    }
}

async fn once<T, W>(lending: &Lending, frame: Frame, work: &W) -> Result<T, Failed>
where
    W: for<'t> Fn(&'t mut PgConnection) -> Work<'t, T> + Sync,
{
    let mut lent = lending.lend().await?;
    let outcome = framed(&mut lent, frame, work).await;
    match &outcome {
        Ok(_) => lent.done(),
        // A lock that was not had leaves a transaction open that nobody knows of. A statement leaves none.
        Err(failed) if failed.harmless && !matches!(frame, Frame::Statement) => lent.end(),
        Err(_) => {}
    }
    outcome
}

async fn framed<T, W>(connection: &mut PgConnection, frame: Frame, work: &W) -> Result<T, Failed>
where
    W: for<'t> Fn(&'t mut PgConnection) -> Work<'t, T> + Sync,
{
    let harmless = |trouble: Trouble| Failed { trouble, harmless: true };
    let opening = match frame {
        Frame::Statement => return work(connection).await.map_err(harmless),
        Frame::Transaction(locks) => locks.begin(),
        Frame::ManyRows => "begin; set local plan_cache_mode = auto".to_owned(),
    };
    let begun = connection.begin_with(AssertSqlSafe(opening)).await;
    let mut transaction = begun.map_err(|error| harmless(error.into()))?;
    match work(&mut transaction).await {
        Ok(outcome) => {
            transaction.commit().await?;
            Ok(outcome)
        }
        Err(trouble) => {
            // The first trouble is the one to tell; a rollback that fails costs the connection only.
            let _ = transaction.rollback().await;
            Err(trouble.into())
        }
    }
}

/// Up to 10 ms, different for those who ask at the same time.
fn jitter() -> u64 {
    uuid::Uuid::now_v7().as_u128() as u64 % 10
}
