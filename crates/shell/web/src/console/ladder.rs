//! The ladder as the page draws it: a column between us and each peer, an arrow across those it passes.

use trace::{Direction, Rung};
use uac::Transport;

use super::ui::Ui;
use crate::act::Shown;

/// What the template needs.
pub(super) struct Drawing {
    /// Our addresses.
    pub(super) local: String,
    /// Peers, from left to right.
    pub(super) peers: Vec<String>,
    pub(super) arrows: Vec<Arrow>,
    pub(super) cut: bool,
    pub(super) masked: bool,
    /// Something went through TLS.
    pub(super) tls: bool,
}

/// One message.
pub(super) struct Arrow {
    /// Seconds since the first message.
    pub(super) since: String,
    pub(super) at: String,
    pub(super) sent: bool,
    pub(super) again: bool,
    /// A response that is no success.
    pub(super) refused: bool,
    pub(super) label: String,
    /// Such as `udp 203.0.113.9:5060`.
    pub(super) peer: String,
    /// Columns that the arrow crosses, and those behind its head.
    pub(super) across: usize,
    pub(super) beyond: usize,
    pub(super) text: String,
}

impl Drawing {
    pub(super) fn of(ui: &Ui, shown: &Shown) -> Self {
        let Shown { ladder, masked } = shown;
        let mut locals: Vec<String> =
            ladder.rungs().iter().map(|rung| rung.message.envelope.local.to_string()).collect();
        locals.dedup();
        let columns = ladder.peers().len();
        Self {
            local: locals.first().cloned().unwrap_or_default(),
            peers: ladder.peers().iter().map(ToString::to_string).collect(),
            arrows: ladder.rungs().iter().map(|rung| arrow(ui, rung, columns)).collect(),
            cut: ladder.cut(),
            masked: *masked,
            tls: ladder.rungs().iter().any(|rung| rung.message.envelope.transport == Transport::Tls),
        }
    }
}

fn arrow(ui: &Ui, rung: &Rung, columns: usize) -> Arrow {
    let envelope = rung.message.envelope;
    let label = rung.label();
    Arrow {
        since: format!("{:.3}", rung.seconds()),
        at: ui.time(&envelope.at),
        sent: envelope.direction == Direction::Sent,
        again: rung.again,
        refused: label.starts_with(['3', '4', '5', '6']),
        label,
        peer: format!("{} {}", envelope.transport, envelope.peer),
        across: rung.peer + 1,
        beyond: columns - rung.peer - 1,
        text: rung.message.text(),
    }
}
