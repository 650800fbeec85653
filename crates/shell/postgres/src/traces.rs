//! Messages of attempts, written in batches and deleted in batches.

use std::net::SocketAddr;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ports::{StoreError, Traced, Traces};
use records::AttemptId;
use sqlx::PgConnection;
use trace::{Direction, Envelope, Message};
use uac::Transport;
use uuid::Uuid;

use crate::Postgres;
use crate::error::Trouble;
use crate::words::seconds;

const PLACE: &str = "table trace_messages";

#[async_trait]
impl Traces for Postgres {
    async fn keep_messages(&self, messages: &[Traced]) -> Result<u64, StoreError> {
        // One statement is a transaction of its own.
        let mut connection = self.reader().await?;
        Ok(keep(&mut connection, messages).await?)
    }

    async fn messages_of(&self, attempt: AttemptId) -> Result<Vec<Traced>, StoreError> {
        let mut connection = self.reader().await?;
        Ok(of(&mut connection, attempt).await?)
    }

    async fn forget_messages(&self, age: Duration, most: u32) -> Result<u64, StoreError> {
        let mut connection = self.reader().await?;
        Ok(forget(&mut connection, age, most).await?)
    }
}

async fn keep(connection: &mut PgConnection, messages: &[Traced]) -> Result<u64, Trouble> {
    let envelopes = || messages.iter().map(|one| one.message.envelope);
    let attempts: Vec<Uuid> = messages.iter().map(|one| one.attempt.0).collect();
    let seqs: Vec<i32> = messages.iter().map(|one| one.seq as i32).collect();
    let times: Vec<DateTime<Utc>> = envelopes().map(|envelope| envelope.at).collect();
    let directions: Vec<String> = envelopes().map(|envelope| envelope.direction.slug().to_owned()).collect();
    let transports: Vec<String> = envelopes().map(|envelope| envelope.transport.param().to_owned()).collect();
    let locals: Vec<String> = envelopes().map(|envelope| envelope.local.to_string()).collect();
    let peers: Vec<String> = envelopes().map(|envelope| envelope.peer.to_string()).collect();
    let lines: Vec<String> = messages.iter().map(|one| plain(&one.message.start_line())).collect();
    let bytes: Vec<Vec<u8>> = messages.iter().map(|one| one.message.bytes().to_vec()).collect();
    let cuts: Vec<bool> = messages.iter().map(|one| one.cut).collect();
    let written = sqlx::query!(
        "insert into trace_messages (attempt_id, seq, at, direction, transport, local, peer, start_line, bytes, cut)
         select m.* from unnest($1::uuid[], $2::int[], $3::timestamptz[], $4::text[], $5::text[], $6::text[],
                                $7::text[], $8::text[], $9::bytea[], $10::bool[])
                         as m (attempt_id, seq, at, direction, transport, local, peer, start_line, bytes, cut)
         join attempts a on a.id = m.attempt_id
         on conflict do nothing",
        &attempts,
        &seqs,
        &times,
        &directions,
        &transports,
        &locals,
        &peers,
        &lines,
        &bytes,
        &cuts,
    )
    .execute(connection)
    .await?;
    Ok(written.rows_affected())
}

/// Postgres takes no NUL in a text.
fn plain(line: &str) -> String {
    line.replace(char::is_control, "\u{fffd}")
}

async fn of(connection: &mut PgConnection, attempt: AttemptId) -> Result<Vec<Traced>, Trouble> {
    let rows = sqlx::query_as!(
        Kept,
        "select seq, at, direction, transport, local, peer, bytes, cut from trace_messages
         where attempt_id = $1 order by seq",
        attempt.0
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| row.read(attempt)).collect::<Result<_, _>>()?)
}

async fn forget(connection: &mut PgConnection, age: Duration, most: u32) -> Result<u64, Trouble> {
    let deleted = sqlx::query!(
        "delete from trace_messages where (attempt_id, seq) in
           (select attempt_id, seq from trace_messages where at < now() - make_interval(secs => $1)
            order by at limit $2)",
        seconds(age),
        i64::from(most),
    )
    .execute(connection)
    .await?;
    Ok(deleted.rows_affected())
}

/// A message as the query gives it.
struct Kept {
    seq: i32,
    at: DateTime<Utc>,
    direction: String,
    transport: String,
    local: String,
    peer: String,
    bytes: Vec<u8>,
    cut: bool,
}

impl Kept {
    fn read(self, attempt: AttemptId) -> Result<Traced, StoreError> {
        let corrupt = |what: &str| StoreError::Corrupt { place: PLACE, why: format!("{what} of {attempt}") };
        let address = |text: &str| text.parse::<SocketAddr>().map_err(|_| corrupt(text));
        let envelope = Envelope {
            at: self.at,
            direction: Direction::parse(&self.direction).ok_or_else(|| corrupt(&self.direction))?,
            transport: Transport::parse(&self.transport).ok_or_else(|| corrupt(&self.transport))?,
            local: address(&self.local)?,
            peer: address(&self.peer)?,
        };
        let message = Message::new(envelope, self.bytes);
        Ok(Traced { attempt, seq: self.seq.cast_unsigned(), message, cut: self.cut })
    }
}
