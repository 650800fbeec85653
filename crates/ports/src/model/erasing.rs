//! Customers whose identity is taken away.

use std::sync::Arc;

use records::{Customer, CustomerId, CustomerRow, Number};

use super::state::{State, missing};
use crate::StoreError;

impl State {
    pub(super) fn erase(&mut self, id: CustomerId) -> Result<(), StoreError> {
        self.hold(&[id])?;
        self.end_tasks(id, None);
        let erased = self.customers.remove(&id).ok_or_else(|| missing("customer", id))?;
        let merged: Vec<CustomerId> = self
            .gone
            .values()
            .filter(|other| self.aliases.get(&other.row.external_id) == Some(&id))
            .map(|other| other.id)
            .collect();
        self.gone.insert(id, Arc::clone(&erased));
        self.aliases.retain(|_, target| *target != id);
        self.waivers.retain(|waiver| waiver.customer_id != id);
        for id in merged.into_iter().chain([id]) {
            let Some(kept) = self.gone.get(&id).map(|kept| Customer::clone(kept)) else { continue };
            let row = &kept.row;
            self.erased
                .extend(row.numbers.iter().chain(row.contacts.iter().flat_map(|c| &c.numbers)).cloned());
            if let Some(opt_out) = &kept.opt_out {
                self.barred.retain(|number| *number != opt_out.number);
            }
            let row = CustomerRow {
                external_id: format!("erased:{id}"),
                name: "—".to_owned(),
                class: row.class.clone(),
                branch: row.branch.clone(),
                time_zone: row.time_zone,
                rated_person: row.rated_person.clone(),
                ..CustomerRow::default()
            };
            self.gone.insert(id, Arc::new(Customer { row, opt_out: None, updated_at: self.now, ..kept }));
        }
        let nobody = Number::from_e164("+999000000").expect("six to fifteen digits");
        let theirs: Vec<_> = self
            .tasks
            .values()
            .filter(|entry| entry.task.customer == id)
            .map(|entry| Some(entry.task.id))
            .collect();
        for attempt in self.attempts.values_mut().filter(|a| a.task.is_some() && theirs.contains(&a.task)) {
            attempt.number = nobody.clone();
        }
        for item in self.callbacks.iter_mut().filter(|item| item.customer == id) {
            item.note = None;
        }
        Ok(())
    }
}
