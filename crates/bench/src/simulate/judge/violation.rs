//! A broken rule, with everything that was seen of the customer.

use std::fmt;

use records::{CustomerId, TaskId};

use super::Seen;

/// A rule was broken.
#[derive(Clone, Debug)]
pub struct Violation {
    pub rule: &'static str,
    pub what: String,
    pub customer: CustomerId,
    /// None: it is no single task's.
    pub task: Option<TaskId>,
    /// The customer's calls, the oldest first.
    pub history: Vec<String>,
}

impl fmt::Display for Violation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, what, customer, task, history } = self;
        writeln!(out, "a rule is broken: {rule}: {what}")?;
        let task = task.map_or_else(String::new, |task| format!(", task {task}"));
        writeln!(out, "customer {customer}{task}; everything seen of the customer:")?;
        history.iter().try_for_each(|line| writeln!(out, "  {line}"))
    }
}

pub(super) fn told(seen: &Seen) -> String {
    let local = seen.at.with_timezone(&seen.zone);
    let way = if seen.inbound { "rang back on" } else { "called on" };
    let reason = seen.reason.map_or("still up", records::Reason::slug);
    format!("{} {way} {} for task {}: {reason}", local.format("%F %T %Z, %a"), seen.number, seen.task)
}
