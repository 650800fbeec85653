//! The ports of the house: what the app and the web ask of the store, the archive and the calling floor.
//! Postgres and the in-memory model both carry out [`Store`] and pass one conformance suite.

mod accounts;
mod archive;
mod asking;
#[cfg(feature = "conformance")]
pub mod conformance;
mod customers;
mod due;
mod error;
mod floor;
mod intake;
pub mod lines;
pub mod model;
mod overview;
mod planning;
mod proofs;
mod refusal;
pub mod rules;
mod steps;
mod store;
mod traces;

pub use crate::intake::{Intake, IntakeError};
pub use accounts::{Accounts, NewAccount, Session, Token};
pub use archive::{Archive, ArchiveError, Excerpt};
pub use asking::{Asked, BATCH, Means, Sharer, worth_counting};
pub use customers::{
    Alike, Customers, FaultyRow, FileLayout, FileRead, Import, ImportCounts, ImportFault, ImportSource,
    ImportState, NewImport, Twin,
};
pub use due::{Ask, Due, Outlook};
pub use error::StoreError;
pub use floor::{CallerFigures, Floor, LinePhase, LiveCall, PaceStatus, Rehearsal, TrunkStatus, TrunkWord};
pub use lines::{LendingId, Lent, LineAsk, Lines};
pub use overview::{
    AttemptFilter, AttemptRow, CallbackRow, CallerCounts, Count, OutcomeCounts, Overview, Page, PageOf,
    TaskFilter, TaskRow,
};
pub use planning::{Evaluation, KeptTasks, LISTED_AT_ONCE, Listed, Planning};
pub use proofs::{Activity, Days, Proofs, TrunkUse};
pub use records::USUAL_ZONE;
pub use refusal::Instead;
pub use steps::{Shares, StepEnd, StepFilter, StepRow, Steps};
pub use store::{
    Closing, ImportReport, InboundCall, ManualCall, NewAttempt, NewQuestionnaire, NewRecording, OpenRefusal,
    RangBack, Seen, Standing, Store, Summary, Switch,
};
pub use traces::{Traced, Traces};
