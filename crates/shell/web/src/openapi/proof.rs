//! What was done, proved: certificates, coverage, the board and its events.

use plan::{Certificate, PlanFigures};

use super::book::Book;
use crate::act::CoverageAsked;
use crate::events::{Snapshot, Told};

const TAG: &str = "proof";

pub(super) fn tell(book: &mut Book) {
    book.get(
        TAG,
        "/api/v1/tasks/{id}/certificate",
        "What a task's rules required and what was done, rule by rule; agents see those of tasks they work on. Reading it is \
         logged.",
    )
    .gives::<Certificate>("The certificate; of an open task as of now.");
    book.get(
        TAG,
        "/api/v1/plans/{id}/coverage",
        "How far a plan is: coverage, overdue, shares and their alarms.",
    )
    .asks::<CoverageAsked>()
    .gives::<PlanFigures>("The figures over the days asked for.");
    book.get(
        TAG,
        "/api/v1/coverage",
        "The figures of every plan that runs or pauses, counted about once a minute.",
    )
    .lists::<PlanFigures>();
    book.get(
        TAG,
        "/api/v1/board",
        "The manager's board: lines, answer rate, outcomes and queue at this moment.",
    )
    .gives::<Snapshot>("The board.");
    book.get(
        TAG,
        "/api/v1/events",
        "What happens, as it happens: attempts, call-backs, alarms, and the board every two seconds.",
    )
    .heeds(
        "Last-Event-ID",
        "The id of the event heard last; browsers send it when they come back. What happened since is told first, as far as \
         it is kept (the last 256 events); otherwise `missed` is told. Ids are those of one process.",
    )
    .streams::<Told<'static>>(
        "Server-Sent Events; the schema is that of one event, by the names of its lines. Single events are those of the \
         process that answers, the board is that of all of them. The stream ends after ten minutes or with the service, and \
         is come back to after two seconds.",
    );
}
