//! Customers, their numbers and opt-outs.

use std::sync::Arc;

use records::{Customer, CustomerId, CustomerRow, Number, OptOut, TaskState};

use super::state::State;
use crate::{ImportReport, StoreError, rules};

impl State {
    pub(super) fn import(&mut self, rows: &[CustomerRow]) -> Result<ImportReport, StoreError> {
        let mut report = ImportReport::default();
        for row in rules::importable(rows)? {
            let kept = self.customers.values().find(|kept| kept.row.external_id == row.external_id).cloned();
            match kept {
                Some(kept) if kept.row == row => report.unchanged += 1,
                Some(kept) => {
                    report.updated += 1;
                    // A number that comes again later was confirmed again.
                    self.dead.retain(|(id, number)| *id != kept.id || row.numbers.contains(number));
                    let changed = Customer { row, updated_at: self.now, ..Arc::unwrap_or_clone(kept) };
                    self.customers.insert(changed.id, Arc::new(changed));
                }
                None => {
                    report.created += 1;
                    let id = CustomerId(uuid::Uuid::now_v7());
                    let fresh =
                        Customer { id, row, created_at: self.now, updated_at: self.now, opt_out: None };
                    self.customers.insert(id, Arc::new(fresh));
                }
            }
        }
        Ok(report)
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

    fn end_waiting_tasks(&mut self, customer: CustomerId) {
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
            if let Some(entry) = self.tasks.get_mut(&task) {
                entry.step(TaskState::Refused, now);
            }
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
