//! Lines lent to processes. One process at a time divides; those that open attempts only hold their own lending's row.

use std::time::Duration;

use async_trait::async_trait;
use ports::lines::{LAST_CALL, TURN};
use ports::{LendingId, Lent, LineAsk, Lines, StoreError};
use sqlx::PgConnection;
use trunk::Share;
use trunk::share::{Holder, Part, part};
use uuid::Uuid;

use crate::Postgres;
use crate::error::Trouble;
use crate::transact::Frame;
use crate::words::seconds;

#[async_trait]
impl Lines for Postgres {
    async fn lend(&self, node: &str, asks: &[LineAsk], lease: Duration) -> Result<Vec<Lent>, StoreError> {
        let arguments = std::sync::Arc::new((node.to_owned(), asks.to_vec()));
        self.transact(move |connection| {
            let arguments = std::sync::Arc::clone(&arguments);
            Box::pin(async move {
                let (node, asks) = &*arguments;
                lend(connection, node, asks, lease).await
            })
        })
        .await
    }

    async fn give_back(&self, node: &str) -> Result<(), StoreError> {
        let node = std::sync::Arc::new(node.to_owned());
        self.write(Frame::Statement, move |connection| {
            let node = std::sync::Arc::clone(&node);
            Box::pin(async move {
                // Should a call be up all the same, its open attempt keeps its line.
                sqlx::query!("update lendings set until = least(until, now()) where node = $1", *node)
                    .execute(connection)
                    .await?;
                Ok(())
            })
        })
        .await
    }
}

async fn lend(
    connection: &mut PgConnection,
    node: &str,
    asks: &[LineAsk],
    lease: Duration,
) -> Result<Vec<Lent>, Trouble> {
    let mut trunks: Vec<String> = asks.iter().map(|ask| ask.trunk.clone()).collect();
    trunks.sort_unstable();
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended('huifang lendings', 0))")
        .fetch_one(&mut *connection)
        .await?;
    // Who opens an attempt on one of these has it locked until the attempt can be seen.
    let ended = sqlx::query_scalar!(
        "select id from lendings where trunk = any($1) and until <= now() order by id for update",
        &trunks
    )
    .fetch_all(&mut *connection)
    .await?;
    for ask in asks {
        renew(connection, node, ask, lease).await?;
    }
    let lendings = standing(connection, &trunks, &ended).await?;
    let turn = sqlx::query_scalar!(r#"select extract(epoch from now())::bigint as "now!""#)
        .fetch_one(&mut *connection)
        .await?;
    let turn = turn.unsigned_abs() / TURN.as_secs();
    let mut told = Vec::with_capacity(asks.len());
    for ask in asks {
        let of_trunk: Vec<&Lending> = lendings.iter().filter(|lending| lending.trunk == ask.trunk).collect();
        let lent = divide(&of_trunk, node, turn);
        sqlx::query!(
            "update lendings set held_lines = $2, held_cps = $3 where id = $1",
            lent.id.0,
            figure(lent.held.lines),
            figure(lent.held.cps)
        )
        .execute(&mut *connection)
        .await?;
        told.push(lent);
    }
    Ok(told)
}

async fn renew(
    connection: &mut PgConnection,
    node: &str,
    ask: &LineAsk,
    lease: Duration,
) -> Result<(), Trouble> {
    let LineAsk { trunk, whole, held, wanted } = ask;
    sqlx::query!(
        "insert into lendings (id, node, trunk, whole_lines, whole_cps, held_lines, held_cps, wanted_lines, wanted_cps,
                               until)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, now() + make_interval(secs => $10))
         on conflict (trunk, node) do update
         set whole_lines = excluded.whole_lines, whole_cps = excluded.whole_cps, held_lines = excluded.held_lines,
             held_cps = excluded.held_cps, wanted_lines = excluded.wanted_lines, wanted_cps = excluded.wanted_cps,
             until = excluded.until",
        Uuid::now_v7(),
        node,
        trunk,
        figure(whole.lines),
        figure(whole.cps),
        figure(held.lines),
        figure(held.cps),
        figure(wanted.lines),
        figure(wanted.cps),
        seconds(lease),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// All lendings of these trunks in the order of their nodes, and how many calls may be up of those that had ended.
/// Those without any are forgotten.
async fn standing(
    connection: &mut PgConnection,
    trunks: &[String],
    ended: &[Uuid],
) -> Result<Vec<Lending>, Trouble> {
    if !ended.is_empty() {
        sqlx::query!(
            "delete from lendings l where l.id = any($1) and l.until <= now()
             and not exists (select from attempts a where a.lending_id = l.id and a.ended_at is null
                             and a.alive_until > now())",
            ended
        )
        .execute(&mut *connection)
        .await?;
    }
    let found = sqlx::query_as!(
        Lending,
        r#"select l.id, l.node, l.trunk, l.whole_lines, l.whole_cps, l.held_lines, l.held_cps, l.wanted_lines,
                  l.wanted_cps, l.until > now() as "lives!",
                  case when l.until > now() then 0 else
                      (select count(*) from attempts a
                       where a.lending_id = l.id and a.ended_at is null and a.alive_until > now()) end as "up!"
           from lendings l where l.trunk = any($1) order by l.node collate "C""#,
        trunks
    )
    .fetch_all(connection)
    .await?;
    Ok(found)
}

/// A lending as the query gives it.
struct Lending {
    id: Uuid,
    node: String,
    trunk: String,
    whole_lines: i32,
    whole_cps: i32,
    held_lines: i32,
    held_cps: i32,
    wanted_lines: i32,
    wanted_cps: i32,
    lives: bool,
    up: i64,
}

impl Lending {
    fn whole(&self) -> Share {
        Share { lines: self.whole_lines.unsigned_abs(), cps: self.whole_cps.unsigned_abs() }
    }

    fn held(&self) -> Share {
        Share { lines: self.held_lines.unsigned_abs(), cps: self.held_cps.unsigned_abs() }
    }

    fn wanted(&self) -> Share {
        Share { lines: self.wanted_lines.unsigned_abs(), cps: self.wanted_cps.unsigned_abs() }
    }
}

/// The part of `node`, whose lending is among those of the trunk.
fn divide(of_trunk: &[&Lending], node: &str, turn: u64) -> Lent {
    let living: Vec<&&Lending> = of_trunk.iter().filter(|lending| lending.lives).collect();
    let stuck: i64 = of_trunk.iter().map(|lending| lending.up).sum();
    let stuck = u32::try_from(stuck).unwrap_or(u32::MAX);
    let me = living.iter().position(|lending| lending.node == node).expect("it was renewed just now");
    let whole = living.iter().map(|lending| lending.whole()).reduce(Share::least).unwrap_or_default();
    let divided = |total: u32, stuck: u32, of: fn(&Share) -> u32| -> Part {
        let holder =
            |lending: &&&Lending| Holder { held: of(&lending.held()), wanted: of(&lending.wanted()) };
        part(total, stuck, &living.iter().map(holder).collect::<Vec<_>>(), me, turn)
    };
    let lines = divided(whole.lines, stuck, |share| share.lines);
    // Who is gone begins no call.
    let cps = divided(whole.cps, 0, |share| share.cps);
    Lent {
        id: LendingId(living[me].id),
        trunk: living[me].trunk.clone(),
        held: Share { lines: lines.held, cps: cps.held },
        keep: Share { lines: lines.keep, cps: cps.keep },
        whole,
    }
}

fn figure(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// Whether the lending holds long enough for a call; its row is locked against whoever would divide it otherwise.
pub(crate) async fn holds(
    connection: &mut PgConnection,
    lending: Option<LendingId>,
) -> Result<bool, Trouble> {
    let Some(lending) = lending else { return Ok(true) };
    let held = sqlx::query_scalar!(
        "select id from lendings where id = $1 and until > clock_timestamp() + make_interval(secs => $2)
         for key share",
        lending.0,
        seconds(LAST_CALL)
    )
    .fetch_optional(connection)
    .await?;
    Ok(held.is_some())
}
