//! The words of the business as types: what the other rooms speak about with each other.
//! Pure data; every value that exists is a valid one.

mod account;
mod alarm;
mod attempt;
mod callback;
mod caps;
mod customer;
mod fact;
mod heard;
mod hours;
mod ids;
mod ladder;
mod marker;
mod moved;
mod number;
mod plan;
mod policy;
mod reason;
mod recording;
mod schedule;
#[cfg(feature = "schema")]
mod schema;
mod table;
mod task;
mod waiver;
mod watch;

pub use account::{Account, Role, UnknownRole};
pub use alarm::{Alarm, AlarmChange, AlarmName, Alarms, Finding};
pub use attempt::{Attempt, Confidence, Direction, Evidence, MediaQuality, UnknownDirection};
pub use callback::{Callback, CallbackCause, CallbackOutcome, CallbackState, NewCallback};
pub use caps::{Cap, CapPolicy, Capped, Recent};
pub use customer::{
    Channel, Contact, ContactRole, Customer, CustomerRow, Extension, OptOut, Product, USUAL_ZONE,
};
pub use fact::{Answer, Fact, Noted, SpokenSpan};
pub use heard::{Clue, Heard};
pub use hours::{DayOfWeek, HourSpan, HourSpanError};
pub use ids::{
    AccountId, AttemptId, CallbackId, ContactId, CustomerId, ImportId, MoveId, PlanId, RecordingId, StepId,
    TaskId, WaiverId,
};
pub use ladder::{
    Attached, Ladder, MessageWay, Rung, Step, StepForm, StepKind, StepOutcome, StepState, UnknownStep,
};
pub use marker::{KeyWay, Marker, UnknownMarker};
pub use moved::{Because, Move, MoveRule, UnknownRule};
pub use number::{Number, NumberError};
pub use plan::{Audience, NewPlan, Plan, PlanState, Segment};
pub use policy::{
    CallPolicy, CallbackPolicy, HearingPolicy, KeyTones, OnMachine, Policy, RetryPolicy, Windows,
};
pub use reason::{NextTry, Reason, UnknownReason};
pub use recording::{Cue, Recording};
pub use schedule::{Firing, Mode, Offset, OffsetError, On, Performer, Period, Schedule, Until, Within};
pub use table::{ReasonRule, ReasonTable};
pub use task::{Claim, Climb, NextStep, Occasion, Onward, Task, TaskState};
pub use waiver::{Declared, NewWaiver, Signature, Waiver, WaiverError};
pub use watch::WatchPolicy;
