//! `/api/v1/events`: what happens, as it happens (Server-Sent Events), and `/api/v1/board`: the same figures at once.

use std::convert::Infallible;
use std::pin::Pin;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::sse::{self, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::Stream;
use futures::stream::unfold;
use serde_json::Value;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep_until};

use crate::auth::Caller;
use crate::events::{Heard, Listener, Standing, Told};
use crate::front::Front;
use crate::problem::{Problem, Reply};
use crate::sight::shown;

/// How often the board is told.
const BOARD: Duration = Duration::from_secs(2);
/// A comment that keeps proxies from cutting the line.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Then the line ends: the browser comes back by itself, and who it is and what it may see is asked anew.
const LONGEST: Duration = Duration::from_secs(10 * 60);
/// How soon a browser comes back.
const RETRY: Duration = Duration::from_secs(2);
const LAST_HEARD: HeaderName = HeaderName::from_static("last-event-id");

/// Answers the board's snapshot ([`crate::events::Snapshot`]).
pub(crate) async fn board(State(front): State<Front>, caller: Caller) -> Reply {
    shown(&caller, &*front.snapshots.now(&front.desk).await?)
}

/// A stream of [`Told`]: what happens in this process, and `board` every two seconds over all of them. `missed` tells
/// a listener who was too slow, or comes back too late, that events are lost; a `board` follows it.
pub(crate) async fn stream(State(front): State<Front>, headers: HeaderMap) -> Reply {
    let last = headers.get(LAST_HEARD).and_then(|id| id.to_str().ok());
    let listener = front.desk.events.listen(last);
    let listener = listener.ok_or_else(|| {
        Problem::unavailable(
            "too many listen to the events, or the service is stopping: try again in a minute",
        )
    })?;
    let alive = KeepAlive::new().interval(HEARTBEAT).text("alive");
    let mut response = Sse::new(told(front, listener)).keep_alive(alive).into_response();
    unbuffered(&mut response);
    Ok(response)
}

/// Proxies must not wait for more before they pass it on.
fn unbuffered(response: &mut Response) {
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
}

type Sent = Result<sse::Event, Infallible>;

/// One listener's state.
struct Ear {
    front: Front,
    listener: Listener,
    boards: Interval,
    until: Instant,
    /// What is to be told first.
    first: Option<First>,
}

enum First {
    Missed(Option<u64>),
    Board,
}

fn told(front: Front, listener: Listener) -> Pin<Box<dyn Stream<Item = Sent> + Send>> {
    let mut boards = interval_at(Instant::now() + BOARD, BOARD);
    boards.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let first = if listener.missed_some { First::Missed(None) } else { First::Board };
    let ear = Ear { front, listener, boards, until: Instant::now() + LONGEST, first: Some(first) };
    Box::pin(unfold(ear, |mut ear| async move { Some((Ok(ear.next().await?), ear)) }))
}

impl Ear {
    /// The next event to be written; `None` ends the stream.
    async fn next(&mut self) -> Option<sse::Event> {
        match self.first.take() {
            Some(First::Missed(missed)) => {
                self.first = Some(First::Board);
                return Some(written(Standing::Missed { missed }).retry(RETRY));
            }
            Some(First::Board) => {
                if let Some(board) = self.board().await {
                    return Some(board.retry(RETRY));
                }
            }
            None => {}
        }
        loop {
            tokio::select! {
                () = sleep_until(self.until) => return None,
                heard = self.listener.next() => match heard? {
                    Heard::Event(event) => return Some(written(&event)),
                    Heard::Missed(missed) => {
                        self.first = Some(First::Board);
                        return Some(written(Standing::Missed { missed: Some(missed) }));
                    }
                },
                _ = self.boards.tick() => {
                    if let Some(board) = self.board().await {
                        return Some(board);
                    }
                }
            }
        }
    }

    /// The board as it stands; none while the database is away.
    async fn board(&self) -> Option<sse::Event> {
        let snapshot = self.front.snapshots.now(&self.front.desk).await.ok()?;
        Some(written(Standing::Board(&snapshot)))
    }
}

/// The lines of an event are the fields of what is described.
fn written<'a>(told: impl Into<Told<'a>>) -> sse::Event {
    let fields = serde_json::to_value(told.into()).unwrap_or_default();
    let text = |field: &str| fields.get(field).and_then(Value::as_str);
    let mut event = sse::Event::default();
    if let Some(id) = text("id") {
        event = event.id(id);
    }
    event.event(text("event").unwrap_or_default()).data(fields["data"].to_string())
}
