//! The live board: figures of the moment, written anew by the events; without a script a plain page that reloads itself.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use records::{AlarmName, Reason};

use super::ui::{Ui, page as show};
use crate::events::Snapshot;
use crate::front::Front;
use crate::problem::Reply;

/// Words that the script needs: sections of the texts with their keys.
const BOARD: [&str; 10] = [
    "calling_on",
    "calling_off",
    "missed",
    "attempt_opened",
    "attempt_ended",
    "callback_queued",
    "callback_taken",
    "callback_closed",
    "alarm_raised",
    "alarm_cleared",
];
const TRUNK: [&str; 5] = ["unknown", "up", "down", "refused", "resting"];
const CAUSE: [&str; 6] = ["exhausted", "flagged", "person_asked", "unknown", "reconfirm_number", "by_plan"];

#[derive(Template)]
#[template(path = "board.html")]
struct BoardPage {
    ui: Ui,
    now: Arc<Snapshot>,
}

impl BoardPage {
    /// In per cent.
    #[expect(clippy::ref_option, reason = "templates pass references")]
    fn share(share: &Option<f64>) -> String {
        share.map_or_else(|| "—".to_owned(), |share| format!("{:.1} %", share * 100.0))
    }

    /// Minutes that the oldest item of the queue waits.
    fn oldest(&self) -> String {
        self.now.queue.oldest_seconds.map_or_else(|| "—".to_owned(), |seconds| (seconds / 60).to_string())
    }

    /// Every reason with today's count.
    fn outcomes(&self) -> Vec<(&'static str, u64)> {
        let today = &self.now.outcomes_today;
        let count = |slug: &str| today.iter().find(|count| count.name == slug).map_or(0, |count| count.count);
        Reason::ALL.iter().map(|reason| (reason.slug(), count(reason.slug()))).collect()
    }

    /// The largest count, for the bars.
    fn most(&self) -> u64 {
        self.now.outcomes_today.iter().map(|count| count.count).max().unwrap_or(0).max(1)
    }

    fn words(&self) -> Vec<(String, String)> {
        let of = |kind: &str, slug: &str| (format!("{kind}.{slug}"), self.ui.word(kind, slug));
        let board = BOARD.iter().map(|slug| of("board", slug));
        let trunks = TRUNK.iter().map(|slug| of("trunk", slug));
        let causes = CAUSE.iter().map(|slug| of("cause", slug));
        let alarms = AlarmName::ALL.iter().map(|name| of("alarm", name.slug()));
        let reasons = Reason::ALL.iter().map(|reason| of("reason", reason.slug()));
        board.chain(trunks).chain(causes).chain(alarms).chain(reasons).collect()
    }
}

pub(crate) async fn page(State(front): State<Front>, ui: Ui) -> Reply {
    let now = front.snapshots.now(&front.desk).await?;
    show(&BoardPage { ui, now })
}
