//! Tasks, and what people do for them.

use ports::{CallbackRow, OutcomeCounts, StepFilter, StepRow, TaskFilter, TaskRow};
use records::{Callback, Move, Step, StepForm};

use super::book::Book;
use crate::api::callbacks::{self, InState};
use crate::api::steps;
use crate::api::tasks::{AnswerCount, OfPlan};

const TAG: &str = "work";

pub(super) fn tell(book: &mut Book) {
    tasks(book);
    queue(book);
    ladder(book);
}

fn tasks(book: &mut Book) {
    book.get(TAG, "/api/v1/tasks", "Tasks: one customer due under one plan.")
        .asks::<TaskFilter>()
        .in_parts::<TaskRow>();
    book.get(TAG, "/api/v1/tasks/{id}", "One task.").gives::<TaskRow>("The task.");
    book.get(TAG, "/api/v1/tasks/{id}/moves", "Why a task went where it went, the oldest move first.")
        .lists::<Move>();
    book.get(
        TAG,
        "/api/v1/outcomes",
        "How many tasks, attempts and items there are by state, reason and direction.",
    )
    .asks::<OfPlan>()
    .gives::<OutcomeCounts>("The counts.");
    book.get(TAG, "/api/v1/answers", "How often each question was answered how.")
        .asks::<OfPlan>()
        .lists::<AnswerCount>();
}

fn queue(book: &mut Book) {
    book.get(TAG, "/api/v1/callbacks", "The human call-back queue, the most urgent first.")
        .asks::<InState>()
        .in_parts::<CallbackRow>();
    book.post(TAG, "/api/v1/callbacks/{id}/take", "Takes an item: the caller works on it from then on.")
        .gives::<Callback>("The item.")
        .refuses("Somebody else took it, or it is done.");
    book.post(
        TAG,
        "/api/v1/callbacks/{id}/finish",
        "Ends an item that the caller took; its task ends or goes on.",
    )
    .takes::<callbacks::Finishing>()
    .gives::<Callback>("The item.")
    .refuses("The caller has not taken it, or it is done.");
}

fn ladder(book: &mut Book) {
    book.get(
        TAG,
        "/api/v1/steps",
        "Steps of the ladder that wait for people or a gateway, the one due first at the top.",
    )
    .asks::<StepFilter>()
    .in_parts::<StepRow>();
    book.get(TAG, "/api/v1/steps/{id}", "One step.").gives::<Step>("The step.");
    book.post(TAG, "/api/v1/steps/{id}/take", "Takes a step: nobody else carries it out or ends it.")
        .gives::<Step>("The step.")
        .refuses("Somebody else took it, or it is done.");
    book.post(
        TAG,
        "/api/v1/steps/{id}/carry",
        "Says that a step was carried out (sent, posted, driven to) and waits for its answer.",
    )
    .takes::<StepForm>()
    .gives::<Step>("The step.")
    .refuses("It is done, or somebody else took it.");
    book.post(TAG, "/api/v1/steps/{id}/finish", "Ends a step; its task ends or goes up the ladder.")
        .takes::<steps::Finishing>()
        .gives::<Step>("The step.")
        .refuses("It is done already, or somebody else took it.");
}
