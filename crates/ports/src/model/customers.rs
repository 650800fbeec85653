//! Customers, their numbers and opt-outs.

use std::sync::Arc;

use ::intake::IntakeRow;
use records::{Because, Customer, CustomerId, CustomerRow, MoveRule, Number, OptOut, TaskState};

use super::moves::With;
use super::records::Scope;
use super::state::State;
use crate::{ImportReport, StoreError, rules};

impl State {
    pub(super) fn import(&mut self, rows: &[CustomerRow]) -> Result<ImportReport, StoreError> {
        let rows: Vec<IntakeRow> = (1..)
            .zip(rules::importable(rows)?)
            .map(|(line, row)| IntakeRow { line, row, opt_out: false })
            .collect();
        let counts = self.take_over(&rows, &Scope::whole())?;
        let unchanged = counts.unchanged + counts.merged;
        Ok(ImportReport { created: counts.created, updated: counts.updated, unchanged })
    }

    /// The customer opts out, on `number` or else on the first on file.
    pub(super) fn opt_out(
        &mut self,
        id: CustomerId,
        number: Option<&Number>,
        source: &str,
    ) -> Result<(), StoreError> {
        let customer = self.customer(id)?;
        if customer.opt_out.is_none() {
            let number = number.or(customer.row.numbers.first()).cloned();
            let number = number.ok_or_else(|| super::state::missing("number of customer", id))?;
            self.barred.push(number.clone());
            let opt_out = Some(OptOut { number, at: self.now, source: source.to_owned() });
            let changed = Customer { opt_out, ..Customer::clone(self.customer(id)?) };
            self.customers.insert(id, Arc::new(changed));
        }
        self.end_waiting_tasks(id);
        Ok(())
    }

    pub(super) fn end_waiting_tasks(&mut self, customer: CustomerId) {
        let waiting: Vec<_> = self
            .tasks
            .values()
            .filter(|entry| entry.task.customer == customer)
            .filter(|entry| {
                matches!(entry.task.state, TaskState::Due | TaskState::Waiting | TaskState::Calling)
            })
            .map(|entry| entry.task.id)
            .filter(|task| self.open_of(*task).is_none())
            .collect();
        let now = self.now;
        for task in waiting {
            let Some(entry) = self.tasks.get_mut(&task) else { continue };
            let from = entry.task.state;
            entry.step(TaskState::Refused, now);
            self.moved(task, Some(from), Because::of(MoveRule::OptedOut), With::default());
        }
    }

    /// Whether this customer, or anybody with this number, opted out.
    pub(super) fn bars(&self, customer: Option<CustomerId>, number: &Number) -> bool {
        self.barred.contains(number)
            || customer.is_some_and(|id| self.opted_out(id))
            || self.customers.values().any(|kept| kept.opt_out.is_some() && kept.row.numbers.contains(number))
    }

    pub(super) fn live_numbers(&self, id: CustomerId) -> Result<Vec<Number>, StoreError> {
        let customer = self.customer(id)?;
        let live = |number: &&Number| {
            !self.dead.contains(&(id, (*number).clone()))
                && !self.barred.contains(number)
                && customer.opt_out.is_none()
        };
        Ok(customer.row.numbers.iter().filter(live).cloned().collect())
    }
}
