//! Plans, what they may begin with, and what is foretold of them.

use plan::Preset;
use records::Plan;

use super::book::Book;
use crate::act::{DryRunAsked, PlanAsked, RehearsalAsked};
use crate::api::plans::{DryRunTold, Rehearsing, Started, Told};
use crate::api::steps::SharesTold;
use crate::desk::ShelfItem;

const TAG: &str = "plans";

pub(super) fn tell(book: &mut Book) {
    records(book);
    acts(book);
}

fn records(book: &mut Book) {
    book.get(TAG, "/api/v1/questionnaires", "Questionnaires at hand, each in its current version.")
        .lists::<ShelfItem>();
    book.get(
        TAG,
        "/api/v1/presets",
        "Presets a plan may begin with, each figure with the rule it comes from.",
    )
    .lists::<Preset>();
    book.get(TAG, "/api/v1/plans", "All plans with their state and content.").lists::<Told>();
    book.get(TAG, "/api/v1/plans/{id}", "One plan.")
        .gives::<Told>("The plan, with what its readers must know.");
    book.post(
        TAG,
        "/api/v1/plans",
        "Writes a plan; it calls nobody before another person approved it and it is started.",
    )
    .takes::<PlanAsked>()
    .makes::<Told>("The plan as a draft.");
    book.get(TAG, "/api/v1/plans/{id}/dry-run", "Who would be called when, as a table and a calendar.")
        .asks::<DryRunAsked>()
        .gives::<DryRunTold>("The first 500 rows, and the figures of each day over all of them.");
    book.get(
        TAG,
        "/api/v1/plans/{id}/shares",
        "How many call-backs were made by phone, visit, letter and message (L5).",
    )
    .gives::<SharesTold>("The counts and the share of visits and letters.");
}

fn acts(book: &mut Book) {
    book.post(
        TAG,
        "/api/v1/plans/{id}/rehearse",
        "Rings a number of the author's own and asks the plan's questions (W9.1).",
    )
    .takes::<RehearsalAsked>()
    .makes::<Rehearsing>("The call is being dialled.")
    .refuses("The windows are shut, or the call cannot be placed; the detail says why.");
    book.post(TAG, "/api/v1/plans/{id}/approve", "Approves a plan that another person wrote (W8.3).")
        .gives::<Plan>("The plan.")
        .refuses("It is no draft, or the caller wrote it.");
    book.post(
        TAG,
        "/api/v1/plans/{id}/start",
        "Starts an approved plan: its tasks are made and calls begin.",
    )
    .gives::<Started>("The plan and how many tasks were made.")
    .refuses("It is not approved, or runs already.");
    book.post(TAG, "/api/v1/plans/{id}/pause", "Begins no new calls of the plan for the moment.")
        .gives::<Plan>("The plan.")
        .refuses("It does not run.");
    book.post(TAG, "/api/v1/plans/{id}/resume", "Calls again after a pause.")
        .gives::<Plan>("The plan.")
        .refuses("It is not paused.");
    book.post(TAG, "/api/v1/plans/{id}/stop", "Stops a plan; its tasks stay as they are.")
        .gives::<Plan>("The plan.")
        .refuses("It neither runs nor is paused.");
}
