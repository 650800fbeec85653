//! The one switch, what stands and what is wrong, accounts, and probes.

use ports::{Switch, TrunkStatus};
use records::{Account, Alarm};

use super::book::Book;
use crate::act::{AccountAsked, Stopped};
use crate::api::accounts::{Change, NewToken, Revoked, TokenAsked};
use crate::probes::{Health, Readiness};

const TAG: &str = "house";

pub(super) fn tell(book: &mut Book) {
    switch(book);
    accounts(book);
    probes(book);
    book.get(
        TAG,
        "/api/v1/trunks",
        "Trunks with their state, lines, rate and the figures of the shown number.",
    )
    .lists::<TrunkStatus>();
    book.get(TAG, "/api/v1/alarms", "Alarms that stand, the oldest first.").lists::<Alarm>();
    book.get(TAG, "/api/v1/openapi.json", "This document.").gives_file(
        200,
        "application/json",
        "OpenAPI 3.1.",
    );
}

fn switch(book: &mut Book) {
    book.get(TAG, "/api/v1/calling", "Whether calls may be made at all.").gives::<Switch>("The switch.");
    book.post(TAG, "/api/v1/calling/stop", "Stops all calling and ends the calls that are up.")
        .gives::<Stopped>("The switch and how many calls were ended.");
    book.post(TAG, "/api/v1/calling/resume", "Allows calling again.").gives::<Switch>("The switch.");
}

fn accounts(book: &mut Book) {
    book.get(TAG, "/api/v1/me", "The account that asks.").gives::<Account>("The account.");
    book.get(TAG, "/api/v1/accounts", "All accounts of people and machines.").lists::<Account>();
    book.post(TAG, "/api/v1/accounts", "Makes an account for a person, or for a machine that uses tokens.")
        .takes::<AccountAsked>()
        .makes::<Account>("The account.")
        .refuses("The login is taken.");
    book.tell("PATCH", TAG, "/api/v1/accounts/{id}", "Sets an account's password, or whether it is active.")
        .takes::<Change>()
        .gives_nothing("It is changed.")
        .refuses("Nobody deactivates their own account.");
    book.post(TAG, "/api/v1/accounts/{id}/tokens", "Issues a token for a machine.")
        .takes::<TokenAsked>()
        .makes::<NewToken>("The token's secret, shown this once.")
        .refuses("The account is not active.");
    book.tell("DELETE", TAG, "/api/v1/accounts/{id}/tokens", "Revokes all tokens of an account.")
        .gives::<Revoked>("How many there were.");
}

fn probes(book: &mut Book) {
    book.get(TAG, "/healthz", "The process runs and answers.").gives::<Health>("It does.");
    book.get(TAG, "/readyz", "Whether calls can be placed and the store answers.")
        .gives::<Readiness>("They can.")
        .says::<Readiness>(503, "They cannot; the reasons say what to do.");
    book.get(TAG, "/metrics", "Figures for Prometheus.").gives_file(200, "text/plain", "Prometheus text.");
}
