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
use serde::Serialize;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep_until};

use crate::auth::Caller;
use crate::events::{Event, Happening, Heard, Listener};
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

/// Events were missed: what is told is the board as it stands after that.
#[derive(Serialize)]
struct Missed {
    /// How many; none where nobody can tell, because the process is another one.
    missed: Option<u64>,
}

/// Answers the board's snapshot ([`crate::events::Snapshot`]).
pub(crate) async fn board(State(front): State<Front>, caller: Caller) -> Reply {
    shown(&caller, &*front.snapshots.now(&front.desk).await?)
}

/// A stream of events: `attempt_opened`, `attempt_ended`, `callback_queued`, `callback_taken`, `callback_closed`,
/// `alarm_raised`, `alarm_cleared` of this process, and `board` every two seconds over all of them. `missed` tells a
/// listener who was too slow, or comes back too late, that events are lost; a `board` follows it.
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

type Told = Result<sse::Event, Infallible>;

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

fn told(front: Front, listener: Listener) -> Pin<Box<dyn Stream<Item = Told> + Send>> {
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
                let event = sse::Event::default().event("missed").retry(RETRY);
                return Some(event.json_data(Missed { missed }).unwrap_or_default());
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
                        let event = sse::Event::default().event("missed");
                        return Some(event.json_data(Missed { missed: Some(missed) }).unwrap_or_default());
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
        sse::Event::default().event("board").json_data(&*snapshot).ok()
    }
}

/// Ids are those of the line, so that `Last-Event-ID` finds its place; a board has none.
fn written(event: &Event) -> sse::Event {
    let named = sse::Event::default().id(&event.id).event(event.happening.name());
    named.json_data::<&Happening>(&event.happening).unwrap_or_default()
}
