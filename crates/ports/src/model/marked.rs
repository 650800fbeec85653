//! Numbers of customers that something is to be remembered of.

use records::{CustomerId, Number};

use super::table::Table;

/// Some of the numbers of some customers.
pub(super) type Marked = Table<CustomerId, Vec<Number>>;

impl Marked {
    pub(super) fn has(&self, id: CustomerId, number: &Number) -> bool {
        self.get(&id).is_some_and(|numbers| numbers.contains(number))
    }

    pub(super) fn mark(&mut self, id: CustomerId, number: Number) {
        match self.get(&id) {
            Some(numbers) if numbers.contains(&number) => {}
            Some(_) => _ = self.change(&id, |numbers| numbers.push(number)),
            None => self.insert(id, vec![number]),
        }
    }

    pub(super) fn unmark(&mut self, id: CustomerId, unwanted: impl Fn(&Number) -> bool) {
        if self.get(&id).is_some_and(|numbers| numbers.iter().any(&unwanted)) {
            self.change(&id, |numbers| numbers.retain(|number| !unwanted(number)));
        }
    }
}
