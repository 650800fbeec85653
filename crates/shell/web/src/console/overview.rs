//! The first page: live calls, trunks, outcomes, and the switch that stops all calling.

use askama::Template;
use axum::extract::State;
use ports::{Count, LiveCall, OutcomeCounts, PaceStatus, Switch, TrunkStatus};
use records::Alarm;
use serde::Deserialize;

use super::signed::Signed;
use super::ui::{Ui, go, page as show};
use crate::act::{resume as act_resume, stop_all};
use crate::auth::Caller;
use crate::front::Front;
use crate::problem::{Problem, Reply};

#[derive(Template)]
#[template(path = "overview.html")]
struct OverviewPage {
    ui: Ui,
    switch: Switch,
    live: Live,
}

#[derive(Template)]
#[template(path = "switch.html")]
struct SwitchPart {
    ui: Ui,
    switch: Switch,
}

#[derive(Template)]
#[template(path = "live.html")]
struct LivePart {
    ui: Ui,
    live: Live,
}

/// What changes while one looks.
struct Live {
    calls: Vec<LiveCall>,
    trunks: Vec<TrunkStatus>,
    alarms: Vec<Alarm>,
    /// What sets the dialer's pace.
    pace: Option<PaceStatus>,
    /// What is missing before calls can be placed.
    trouble: Option<String>,
    counts: OutcomeCounts,
}

impl Live {
    async fn of(front: &Front) -> Result<Self, Problem> {
        let floor = &front.desk.floor;
        Ok(Self {
            calls: floor.live(),
            trunks: floor.trunks(),
            alarms: floor.alarms(),
            pace: floor.pace(),
            trouble: floor.ready().err(),
            counts: front.desk.overview.outcome_counts(None).await?,
        })
    }

    fn phase(call: &LiveCall) -> &'static str {
        match call.phase {
            ports::LinePhase::Dialling => "dialling",
            ports::LinePhase::Ringing => "ringing",
            ports::LinePhase::Talking => "talking",
            ports::LinePhase::Closing => "closing",
        }
    }

    /// In per cent.
    #[expect(clippy::ref_option, reason = "templates pass references")]
    fn share(share: &Option<f64>) -> String {
        share.map_or_else(|| "—".to_owned(), |share| format!("{:.1} %", share * 100.0))
    }

    /// The largest count, for the bars.
    fn most(counts: &[Count]) -> u64 {
        counts.iter().map(|count| count.count).max().unwrap_or(0).max(1)
    }
}

#[derive(Deserialize)]
pub(crate) struct Empty {}

pub(crate) async fn page(State(front): State<Front>, ui: Ui) -> Reply {
    let switch = front.desk.store.switch().await?;
    show(&OverviewPage { ui, switch, live: Live::of(&front).await? })
}

pub(crate) async fn switch(State(front): State<Front>, ui: Ui) -> Reply {
    show(&SwitchPart { ui, switch: front.desk.store.switch().await? })
}

pub(crate) async fn live(State(front): State<Front>, ui: Ui) -> Reply {
    show(&LivePart { ui, live: Live::of(&front).await? })
}

pub(crate) async fn stop(
    State(front): State<Front>,
    caller: Caller,
    Signed(Empty {}): Signed<Empty>,
) -> Reply {
    stop_all(&front, &caller).await?;
    go("/overview")
}

pub(crate) async fn resume(
    State(front): State<Front>,
    caller: Caller,
    Signed(Empty {}): Signed<Empty>,
) -> Reply {
    act_resume(&front, &caller).await?;
    go("/overview")
}
