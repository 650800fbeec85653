//! The words of the business as types: what the other rooms speak about with each other.
//! Pure data; every value that exists is a valid one.

mod account;
mod alarm;
mod attempt;
mod callback;
mod customer;
mod fact;
mod heard;
mod hours;
mod ids;
mod marker;
mod number;
mod plan;
mod policy;
mod reason;
mod recording;
mod schedule;
mod task;
mod waiver;

pub use account::{Account, Role, UnknownRole};
pub use alarm::{Alarm, AlarmChange, AlarmName, Alarms, Finding};
pub use attempt::{Attempt, Confidence, Direction, Evidence, MediaQuality, UnknownDirection};
pub use callback::{Callback, CallbackCause, CallbackOutcome, CallbackState, NewCallback};
pub use customer::{Channel, Contact, ContactRole, Customer, CustomerRow, Extension, OptOut, Product};
pub use fact::{Answer, Fact, Noted, SpokenSpan};
pub use heard::{Clue, Heard};
pub use hours::{DayOfWeek, HourSpan, HourSpanError};
pub use ids::{
    AccountId, AttemptId, CallbackId, ContactId, CustomerId, ImportId, PlanId, RecordingId, TaskId, WaiverId,
};
pub use marker::{KeyWay, Marker, UnknownMarker};
pub use number::{Number, NumberError};
pub use plan::{Audience, NewPlan, Plan, PlanState, Segment};
pub use policy::{
    CallPolicy, CallbackPolicy, HearingPolicy, KeyTones, OnMachine, Policy, RetryPolicy, Windows,
};
pub use reason::{NextTry, Reason, UnknownReason};
pub use recording::{Cue, Recording};
pub use schedule::{Firing, Mode, Offset, OffsetError, On, Performer, Period, Schedule, Until, Within};
pub use task::{Claim, NextStep, Occasion, Task, TaskState};
pub use waiver::{Declared, NewWaiver, Signature, Waiver, WaiverError};
