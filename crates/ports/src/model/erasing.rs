//! Customers whose identity is taken away.

use std::sync::Arc;

use records::{AttemptId, Customer, CustomerId, CustomerRow, Number};

use super::state::{State, missing};
use crate::StoreError;

impl State {
    pub(super) fn erase(&mut self, id: CustomerId) -> Result<(), StoreError> {
        self.hold(&[id])?;
        self.end_tasks(id, None, false);
        let erased = self.drop_customer(id).ok_or_else(|| missing("customer", id))?;
        let merged: Vec<CustomerId> =
            self.gone.values().filter(|other| self.leads_to(other, id)).map(|other| other.id).collect();
        self.gone.insert(id, Arc::clone(&erased));
        self.aliases.retain(|_, target| *target != id);
        self.waivers.retain(|_, waiver| waiver.customer_id != id);
        for id in merged.into_iter().chain([id]) {
            let Some(kept) = self.gone.get(&id).map(|kept| Customer::clone(kept)) else { continue };
            let row = &kept.row;
            for number in row.numbers.iter().chain(row.contacts.iter().flat_map(|c| &c.numbers)) {
                self.erased.add(number.clone());
            }
            if let Some(opt_out) = &kept.opt_out {
                self.barred.remove(&opt_out.number);
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
            self.gone.insert(id, Customer { row, opt_out: None, updated_at: self.now, ..kept });
        }
        let nobody = Number::from_e164("+999000000").expect("six to fifteen digits");
        let theirs: Vec<AttemptId> = self
            .tasks_of(id)
            .flat_map(|entry| self.attempts_of(entry.task.id))
            .map(|attempt| attempt.id)
            .collect();
        for attempt in theirs {
            self.attempts.change(&attempt, |attempt| attempt.number = nobody.clone());
        }
        self.callbacks.change_each(|item| item.customer == id, |item| item.note = None);
        Ok(())
    }
}
