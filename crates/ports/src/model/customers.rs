//! Customers, their numbers and opt-outs.

use std::sync::Arc;

use ::intake::IntakeRow;
use records::{
    Because, Claim, Customer, CustomerId, CustomerRow, MoveRule, Number, OptOut, PlanId, TaskId, TaskState,
};

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
        let customer = Arc::clone(self.customer(id)?);
        if customer.opt_out.is_none() {
            let number = number.or(customer.row.numbers.first()).cloned();
            let number = number.ok_or_else(|| super::state::missing("number of customer", id))?;
            self.barred.add(number.clone());
            let opt_out = Some(OptOut { number, at: self.now, source: source.to_owned() });
            self.keep_customer(Customer { opt_out, ..Customer::clone(&customer) });
        }
        self.end_waiting_tasks(id);
        Ok(())
    }

    /// Enters a customer's record. Evaluations look at it again where it says something else, and tasks follow their
    /// customer to another zone.
    pub(super) fn keep_customer(&mut self, customer: Customer) {
        let id = customer.id;
        let kept = self.customers.get(&id);
        let same = kept.is_some_and(|kept| kept.row == customer.row);
        self.customers.insert(id, customer);
        if same {
            return;
        }
        self.look_again(id);
        let zone = self.zone_of(id);
        let elsewhere: Vec<TaskId> =
            self.tasks_of(id).filter(|entry| entry.zone != zone).map(|entry| entry.task.id).collect();
        for task in elsewhere {
            self.tasks.change(&task, |entry| entry.zone = zone);
        }
    }

    /// Every evaluation looks at the customer again.
    pub(super) fn look_again(&mut self, id: CustomerId) {
        let evaluated: Vec<PlanId> = self.evaluations.keys().copied().collect();
        for plan in evaluated {
            self.unseen.add((plan, id));
        }
    }

    /// Takes a customer's record out of those on file.
    pub(super) fn drop_customer(&mut self, id: CustomerId) -> Option<Arc<Customer>> {
        let evaluated: Vec<PlanId> = self.evaluations.keys().copied().collect();
        for plan in evaluated {
            self.unseen.remove(&(plan, id));
        }
        self.customers.remove(&id)
    }

    /// Whether somebody who has gone was merged into this customer.
    pub(super) fn leads_to(&self, gone: &Customer, id: CustomerId) -> bool {
        self.aliases.get(&gone.row.external_id).is_some_and(|target| **target == id)
    }

    pub(super) fn end_waiting_tasks(&mut self, customer: CustomerId) {
        let waiting: Vec<_> = self
            .tasks_of(customer)
            .map(|entry| (entry.task.id, entry.task.state))
            .filter(|(_, state)| matches!(state, TaskState::Due | TaskState::Waiting | TaskState::Calling))
            .filter(|(task, _)| self.open_of(*task).is_none())
            .collect();
        let now = self.now;
        for (task, from) in waiting {
            self.tasks.change(&task, |entry| entry.step(TaskState::Refused, now));
            self.moved(task, Some(from), Because::of(MoveRule::OptedOut), With::default());
        }
    }

    /// Whether this customer, or anybody with this number, opted out.
    pub(super) fn bars(&self, customer: Option<CustomerId>, number: &Number) -> bool {
        customer.is_some_and(|id| self.opted_out(id)) || self.is_barred(number)
    }

    /// Whether anybody with this number opted out.
    fn is_barred(&self, number: &Number) -> bool {
        let index = self.customers.index();
        self.barred.contains_key(number)
            || index.of_number.of(number).iter().any(|id| index.opted_out.contains(id))
    }

    pub(super) fn live_numbers(&self, id: CustomerId) -> Result<Vec<Number>, StoreError> {
        let customer = self.customer(id)?;
        Ok(self.living(customer, &customer.row.numbers))
    }

    pub(super) fn numbers_to_call(&self, claim: &Claim) -> Result<Vec<Number>, StoreError> {
        let customer = self.customer(claim.task.customer)?;
        Ok(self.living(customer, customer.row.numbers_of(&claim.task.role)))
    }

    /// Of these numbers of a customer, those that are neither dead nor barred.
    fn living(&self, customer: &Customer, numbers: &[Number]) -> Vec<Number> {
        let id = customer.id;
        if customer.opt_out.is_some() {
            return Vec::new();
        }
        let live = |number: &&Number| !self.dead.has(id, number) && !self.is_barred(number);
        numbers.iter().filter(live).cloned().collect()
    }
}
