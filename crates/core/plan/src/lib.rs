//! When to call, and what follows an attempt: calendar, windows, slots, retries, callbacks, the ladder.
//! Pure: `now` and seeds are arguments; a decision is data.

mod allot;
mod before_call;
mod by_channel;
mod by_people;
mod cadence;
mod calendar;
mod callback;
mod certify;
mod check;
mod dial;
mod dry_run;
mod figures;
mod ladder;
mod numbers;
mod opening;
mod pace;
mod preset;
mod rank;
mod retry;
mod slot;
mod windows;

pub use allot::{Candidate, Fairness, Turns};
pub use before_call::{BeforeCall, Known, before_call};
pub use by_channel::by_channel;
pub use by_people::by_people;
pub use cadence::{
    Base, Change, Exemption, HolidaysUnknown, Horizon, Occasion, Present, Progress, ScheduleProblem, Subject,
    Terms, check_schedule, holidays_unknown, occasions, reconcile, shift, unwaived,
};
pub use calendar::{Calendar, CalendarError, Coverage};
pub use certify::{
    CalendarNamed, Certificate, Clause, ClauseName, CustomerNamed, Dossier, Ending as CertifiedEnding,
    Figures, PlanNamed, Proof, Said, Tried, Verdict, certify,
};
pub use check::{PolicyProblem, PolicyWarning, check};
pub use dial::{Hold, may_dial};
pub use dry_run::{DayLoad, DryRun, DryRunTerms, Expected, Reckoning, dry_run};
pub use figures::{PlanFault, PlanFigures};
pub use ladder::{after_callback, after_step, climb};
pub use numbers::{Past, pick_number};
pub use opening::open_until;
pub use pace::{Circumstances, Pace, People, Why, pace};
pub use preset::{Preset, presets};
pub use rank::Rank;
pub use retry::{Case, Decision, Ending, after_attempt, after_ring_back, not_to_dial, without_number};
pub use slot::{HalfDay, Slot};
pub use windows::{NextWindow, first_due, may_call_now, next_opening};
