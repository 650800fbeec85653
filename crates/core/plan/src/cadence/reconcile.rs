//! What is to be done with the tasks a plan has for one customer, so that they are those the customer's dates ask for.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use records::{ContactRole, Mode, Occasion as Name, Task};

use super::Occasion;

/// How far a task is, as re-evaluation sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Nobody was dialled for it, and no person has it.
    Untouched,
    /// It was dialled, or a person has it, or it ended: what was begun is seen through.
    Begun,
    /// Withdrawn by re-evaluation or by a waiver, untouched: it comes back when it is asked for again.
    Withdrawn,
}

/// What a task was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    pub mode: Mode,
    pub due_on: Option<NaiveDate>,
    pub aim_by: Option<DateTime<Utc>>,
    pub due_by: Option<DateTime<Utc>>,
}

impl From<&Occasion> for Terms {
    fn from(wanted: &Occasion) -> Self {
        Self { mode: wanted.mode, due_on: Some(wanted.due_on), aim_by: wanted.aim_by, due_by: wanted.due_by }
    }
}

impl From<&Task> for Terms {
    fn from(task: &Task) -> Self {
        Self { mode: task.mode, due_on: task.due_on, aim_by: task.aim_by, due_by: task.due_by }
    }
}

/// A task that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Present<Id> {
    pub id: Id,
    pub key: Name,
    pub role: ContactRole,
    pub progress: Progress,
    pub terms: Terms,
}

/// One thing to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change<Id> {
    /// There is no task for this occasion.
    Make(Occasion),
    /// It falls on another day, has other limits or another mode, or was withdrawn: it is due by these terms again.
    Move(Id, Occasion),
    /// Nothing asks for it any more.
    Withdraw(Id),
}

/// What makes the tasks present into those wanted. Nothing that was begun is touched; done twice, there is nothing
/// left to do.
pub fn reconcile<Id: Copy>(present: &[Present<Id>], wanted: &[Occasion]) -> Vec<Change<Id>> {
    let by_name: BTreeMap<(&str, &str), &Present<Id>> =
        present.iter().map(|task| ((task.key.0.as_str(), task.role.0.as_str()), task)).collect();
    let asked: BTreeSet<(&str, &str)> =
        wanted.iter().map(|one| (one.key.0.as_str(), one.role.0.as_str())).collect();
    let for_wanted = wanted.iter().filter_map(|one| {
        let Some(task) = by_name.get(&(one.key.0.as_str(), one.role.0.as_str())) else {
            return Some(Change::Make(one.clone()));
        };
        let stale = task.progress == Progress::Withdrawn || task.terms != Terms::from(one);
        (task.progress != Progress::Begun && stale).then(|| Change::Move(task.id, one.clone()))
    });
    let of_nobody = present
        .iter()
        .filter(|task| task.progress == Progress::Untouched)
        .filter(|task| !asked.contains(&(task.key.0.as_str(), task.role.0.as_str())))
        .map(|task| Change::Withdraw(task.id));
    for_wanted.chain(of_nobody).collect()
}
