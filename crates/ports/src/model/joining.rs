//! Customers who are the same one: found, and made one.

use std::sync::Arc;

use records::{CallbackState, Channel, Customer, CustomerId, CustomerRow, Number, PlanId, TaskState};

use super::state::{State, conflict, missing};
use crate::{Alike, Page, PageOf, StoreError, Twin};

impl State {
    pub(super) fn twins(&self, id: CustomerId) -> Result<Vec<Twin>, StoreError> {
        let numbers = |customer: &Customer| -> Vec<Number> {
            let row = &customer.row;
            row.numbers.iter().chain(row.contacts.iter().flat_map(|other| &other.numbers)).cloned().collect()
        };
        let this = self.customer(id)?;
        let mine = numbers(this);
        let twin = |other: &Arc<Customer>| {
            let number = numbers(other).into_iter().filter(|number| mine.contains(number)).min();
            let same_name = other.row.name == this.row.name;
            (other.id != id && (number.is_some() || same_name)).then(|| Twin {
                id: other.id,
                external_id: other.row.external_id.clone(),
                name: other.row.name.clone(),
                number,
                same_name,
            })
        };
        let mut twins: Vec<Twin> = self.customers.values().filter_map(twin).collect();
        twins.sort_by_key(|twin| (twin.number.is_none(), twin.number.clone(), std::cmp::Reverse(twin.id)));
        Ok(twins)
    }

    pub(super) fn alike(&self, page: Page) -> PageOf<Alike> {
        let before = |id: CustomerId| page.before.is_none_or(|before| id.0 < before);
        let mut found: Vec<Alike> = self
            .customers
            .values()
            .rev()
            .filter(|customer| before(customer.id))
            .filter_map(|customer| {
                let twins = self.twins(customer.id).ok()?;
                let same_place = |twin: &Twin| {
                    let branch = self.customers.get(&twin.id).and_then(|other| other.row.branch.as_ref());
                    twin.same_name && branch.is_some() && branch == customer.row.branch.as_ref()
                };
                let twins = twins.into_iter().filter(|twin| twin.id < customer.id);
                let twins: Vec<_> =
                    twins.filter(|twin| twin.number.is_some() || same_place(twin)).take(20).collect();
                let Customer { id, row, .. } = &**customer;
                (!twins.is_empty()).then(|| Alike {
                    id: *id,
                    external_id: row.external_id.clone(),
                    name: row.name.clone(),
                    branch: row.branch.clone(),
                    twins,
                })
            })
            .take(page.limit.max(1) as usize + 1)
            .collect();
        let more = found.len() > page.limit.max(1) as usize;
        found.truncate(page.limit.max(1) as usize);
        PageOf { next: found.last().filter(|_| more).map(|last| last.id.0), items: found }
    }

    /// Fails where one is gone or on the line.
    pub(super) fn hold(&self, ids: &[CustomerId]) -> Result<(), StoreError> {
        for id in ids {
            self.customer(*id)?;
            if self.gone.contains_key(id) {
                return Err(conflict("the customer was merged or erased already"));
            }
        }
        let open = self.attempts.index().open.iter().filter_map(|id| self.attempts.get(id));
        let talking = |attempt: &records::Attempt| {
            let entry = attempt.task.and_then(|task| self.tasks.get(&task));
            entry.is_some_and(|entry| ids.contains(&entry.task.customer))
        };
        if open.into_iter().any(|attempt| talking(attempt)) {
            return Err(conflict("the customer is being called at this moment: do it again after the call"));
        }
        Ok(())
    }

    pub(super) fn merge(&mut self, survivor: CustomerId, other: CustomerId) -> Result<(), StoreError> {
        if survivor == other {
            return Err(conflict("a customer cannot be merged with himself"));
        }
        self.hold(&[survivor, other])?;
        let kept = Customer::clone(self.customer(survivor)?);
        let gone = self.drop_customer(other).ok_or_else(|| missing("customer", other))?;
        let joined = joined(&kept.row, &gone.row);
        for number in joined.numbers.iter().filter(|number| !kept.row.numbers.contains(number)) {
            self.added.mark(survivor, number.clone());
        }
        for number in self.dead.remove(&other).iter().flat_map(|dead| dead.iter()) {
            self.dead.mark(survivor, number.clone());
        }
        let opt_out = kept.opt_out.clone().or_else(|| gone.opt_out.clone());
        let refused = opt_out.is_some();
        self.keep_customer(Customer { row: joined, updated_at: self.now, opt_out, ..kept });
        self.aliases.change_each(|target| *target == other, |target| *target = survivor);
        self.aliases.insert(gone.row.external_id.clone(), survivor);
        self.gone.insert(other, gone);
        self.waivers
            .change_each(|waiver| waiver.customer_id == other, |waiver| waiver.customer_id = survivor);
        self.move_tasks(survivor, other);
        if refused {
            self.end_waiting_tasks(survivor);
        }
        Ok(())
    }

    fn move_tasks(&mut self, survivor: CustomerId, other: CustomerId) {
        let now = self.now;
        let of = |customer| self.tasks_of(customer).map(|entry| entry.task.clone());
        let (mine, theirs): (Vec<_>, Vec<_>) = (of(survivor).collect(), of(other).collect());
        for task in mine.iter().chain(&theirs).filter(|task| task.state == TaskState::Calling) {
            let back = if task.attempts == 0 { TaskState::Due } else { TaskState::Waiting };
            self.tasks.change(&task.id, |entry| {
                entry.step(back, now);
                entry.fence += 1;
            });
        }
        let zone = self.zone_of(survivor);
        for task in theirs {
            let twin = mine.iter().find(|mine| {
                mine.plan == task.plan && mine.occasion == task.occasion && mine.role == task.role
            });
            match twin {
                Some(twin) => {
                    let reached = matches!(task.state, TaskState::Succeeded | TaskState::Refused);
                    self.tasks.change(&twin.id, |twin| {
                        if reached && !twin.task.state.ended() {
                            twin.step(task.state, now);
                        }
                    });
                }
                None => {
                    self.tasks.change(&task.id, |entry| {
                        entry.task.customer = survivor;
                        entry.zone = zone;
                    });
                }
            }
        }
        self.end_tasks(other, None, false);
        self.callbacks.change_each(|item| item.customer == other, |item| item.customer = survivor);
        self.steps.change_each(|step| step.customer == other, |step| step.customer = survivor);
        self.settle_items(survivor);
    }

    /// Ends what a customer still has to expect, as withdrawn; not what is on the line. What nobody had touched may
    /// come back where a schedule asks for it.
    pub(super) fn end_tasks(&mut self, customer: CustomerId, plan: Option<PlanId>, may_come_back: bool) {
        let open: Vec<_> = self
            .tasks_of(customer)
            .map(|entry| &entry.task)
            .filter(|task| plan.is_none_or(|plan| task.plan == plan))
            .filter(|task| !task.state.ended() && self.open_of(task.id).is_none())
            .map(|task| task.id)
            .collect();
        let now = self.now;
        for task in open {
            let tried = self.attempts_of(task).next().is_some();
            self.tasks.change(&task, |entry| {
                let untouched = may_come_back
                    && matches!(entry.task.state, TaskState::Due | TaskState::Calling)
                    && !tried;
                entry.step(TaskState::Withdrawn, now);
                entry.fence += 1;
                entry.withdrawn_by_dates = untouched;
            });
        }
        self.settle_items(customer);
    }

    /// What people had to do for a customer's tasks that have ended is done.
    fn settle_items(&mut self, customer: CustomerId) {
        let now = self.now;
        let ended = self.tasks_of(customer).filter(|entry| entry.task.state.ended());
        for task in ended.map(|entry| entry.task.id).collect::<Vec<_>>() {
            self.leave_steps(task);
            if let Some(item) = self.item_of(task).map(|item| item.id) {
                self.callbacks.change(&item, |item| {
                    item.state = CallbackState::Done;
                    item.done_at = Some(now);
                });
            }
        }
    }
}

/// The survivor's record, filled from the other's.
fn joined(mine: &CustomerRow, other: &CustomerRow) -> CustomerRow {
    let or = |mine: &Option<String>, other: &Option<String>| mine.clone().or_else(|| other.clone());
    let mut row = CustomerRow {
        class: or(&mine.class, &other.class),
        branch: or(&mine.branch, &other.branch),
        language: or(&mine.language, &other.language),
        time_zone: mine.time_zone.or(other.time_zone),
        account_manager: or(&mine.account_manager, &other.account_manager),
        rated_person: or(&mine.rated_person, &other.rated_person),
        contract_fen: mine.contract_fen.or(other.contract_fen),
        channel: if mine.channel == Channel::Phone { other.channel } else { mine.channel },
        ..mine.clone()
    };
    row.numbers.extend(other.numbers.iter().filter(|number| !mine.numbers.contains(number)).cloned());
    row.extensions.extend(other.extensions.iter().filter(|e| !mine.numbers.contains(&e.number)).cloned());
    for contact in &other.contacts {
        match row.contacts.iter_mut().find(|kept| kept.role == contact.role) {
            Some(kept) => {
                kept.extensions
                    .extend(contact.extensions.iter().filter(|e| !kept.numbers.contains(&e.number)).cloned());
                let fresh: Vec<_> =
                    contact.numbers.iter().filter(|number| !kept.numbers.contains(number)).cloned().collect();
                kept.numbers.extend(fresh);
            }
            None => row.contacts.push(contact.clone()),
        }
    }
    row.contacts.sort_by(|a, b| a.role.cmp(&b.role));
    row.products.extend(
        other.products.iter().filter(|p| !mine.products.iter().any(|kept| kept.name == p.name)).cloned(),
    );
    for (event, date) in &other.dates {
        row.dates.entry(event.clone()).or_insert(*date);
    }
    row
}
