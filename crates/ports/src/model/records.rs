//! Imports in two steps, merges, erasure and waivers.

use std::collections::BTreeMap;
use std::sync::Arc;

use ::intake::IntakeRow;
use chrono::NaiveDate;
use records::{
    CallbackState, Channel, Customer, CustomerId, CustomerRow, ImportId, NewWaiver, Number, PlanId,
    TaskState, Waiver, WaiverId,
};

use super::state::{State, conflict, missing};
use crate::{
    FaultyRow, FileLayout, FileRead, Import, ImportCounts, ImportFault, ImportState, NewImport, StoreError,
    Twin, rules,
};

/// An import and its rows, until it ends.
#[derive(Clone, Debug)]
pub(super) struct StagedImport {
    pub(super) import: Import,
    rows: Vec<IntakeRow>,
    faulty: Vec<FaultyRow>,
}

/// What a row means.
enum Change {
    Create,
    Update(CustomerId, Box<CustomerRow>),
    Same,
    Merged,
}

impl State {
    pub(super) fn begin_import(&mut self, new: &NewImport) {
        let import = Import {
            id: new.id,
            file: new.file.clone(),
            sha256: None,
            bytes: None,
            source: new.source,
            by: new.by.clone(),
            state: ImportState::Reading,
            layout: FileLayout::default(),
            sample: Vec::new(),
            rows: 0,
            faulty: 0,
            counts: ImportCounts::default(),
            why: None,
            begun_at: self.now,
            ended_at: None,
        };
        self.imports.insert(new.id, StagedImport { import, rows: Vec::new(), faulty: Vec::new() });
    }

    pub(super) fn import_in(
        &mut self,
        id: ImportId,
        state: ImportState,
    ) -> Result<&mut StagedImport, StoreError> {
        let staged = self.imports.get_mut(&id).ok_or_else(|| missing("import", id))?;
        if staged.import.state == state {
            Ok(staged)
        } else {
            let is = staged.import.state.slug();
            Err(conflict(format!("the import is {is}, not {}: bring the file once more", state.slug())))
        }
    }

    pub(super) fn stage(
        &mut self,
        id: ImportId,
        rows: Vec<IntakeRow>,
        faulty: Vec<FaultyRow>,
    ) -> Result<(), StoreError> {
        let staged = self.import_in(id, ImportState::Reading)?;
        staged.rows.extend(rows);
        staged.faulty.extend(faulty);
        Ok(())
    }

    pub(super) fn end_reading(&mut self, id: ImportId, read: &FileRead) -> Result<Import, StoreError> {
        let rows = self.import_in(id, ImportState::Reading)?.rows.clone();
        let counts = counted(&self.changes(&rows, &Scope::of(&read.layout)));
        let staged = self.import_in(id, ImportState::Reading)?;
        staged.import = Import {
            state: ImportState::Read,
            sha256: Some(read.sha256.clone()),
            bytes: Some(read.bytes),
            layout: read.layout.clone(),
            sample: read.sample.clone(),
            rows: read.rows,
            faulty: read.faulty,
            counts,
            ..staged.import.clone()
        };
        Ok(staged.import.clone())
    }

    pub(super) fn carry_out(&mut self, id: ImportId) -> Result<Import, StoreError> {
        let staged = self.import_in(id, ImportState::Read)?;
        let (rows, layout) = (std::mem::take(&mut staged.rows), staged.import.layout.clone());
        let counts = self.take_over(&rows, &Scope::of(&layout))?;
        let now = self.now;
        let staged = self.import_in(id, ImportState::Read)?;
        staged.import.state = ImportState::Done;
        staged.import.counts = counts;
        staged.import.sample.clear();
        staged.import.ended_at = Some(now);
        Ok(staged.import.clone())
    }

    pub(super) fn drop_import(&mut self, id: ImportId, failed: Option<&str>) -> Result<(), StoreError> {
        let now = self.now;
        let staged = self.imports.get_mut(&id).ok_or_else(|| missing("import", id))?;
        if !matches!(staged.import.state, ImportState::Reading | ImportState::Read) {
            return Ok(());
        }
        staged.import.state = if failed.is_some() { ImportState::Failed } else { ImportState::Dropped };
        staged.import.why = failed.map(str::to_owned);
        staged.import.sample.clear();
        staged.import.ended_at = Some(now);
        staged.rows.clear();
        Ok(())
    }

    pub(super) fn faults(
        &self,
        id: ImportId,
        after: Option<(u64, u32)>,
        limit: u32,
    ) -> Result<Vec<ImportFault>, StoreError> {
        let staged = self.imports.get(&id).ok_or_else(|| missing("import", id))?;
        let mut faults: Vec<ImportFault> = Vec::new();
        for row in &staged.faulty {
            for (place, fault) in (0..).zip(&row.faults) {
                faults.push(ImportFault { place, fault: fault.clone(), original: row.original.clone() });
            }
        }
        faults.sort_by_key(|fault| (fault.fault.line, fault.place));
        faults.retain(|fault| after.is_none_or(|after| (fault.fault.line, fault.place) > after));
        faults.truncate(limit as usize);
        Ok(faults)
    }

    /// Empties the original rows of faults older than this.
    pub(super) fn empty_faults(&mut self, before: chrono::DateTime<chrono::Utc>) {
        for staged in self.imports.values_mut().filter(|staged| staged.import.begun_at < before) {
            for row in &mut staged.faulty {
                row.original.clear();
                row.faults.iter_mut().for_each(|fault| fault.given.clear());
            }
        }
    }

    /// Makes rows customers.
    pub(super) fn take_over(
        &mut self,
        rows: &[IntakeRow],
        scope: &Scope,
    ) -> Result<ImportCounts, StoreError> {
        let changes = self.changes(rows, scope);
        let counts = counted(&changes);
        for (intake, change) in rows.iter().zip(changes) {
            let id = match change {
                Change::Same | Change::Merged => continue,
                Change::Create => {
                    let id = CustomerId(uuid::Uuid::now_v7());
                    let (row, now) = (intake.row.clone(), self.now);
                    let fresh = Customer { id, row, created_at: now, updated_at: now, opt_out: None };
                    self.customers.insert(id, Arc::new(fresh));
                    id
                }
                Change::Update(id, row) => {
                    // A number that comes again later was confirmed again.
                    self.dead.retain(|(of, number)| *of != id || row.numbers.contains(number));
                    self.added.retain(|(of, number)| *of != id || !intake.row.numbers.contains(number));
                    let kept = Customer::clone(self.customer(id)?);
                    let fresh = Customer { row: *row, updated_at: self.now, ..kept };
                    self.customers.insert(id, Arc::new(fresh));
                    id
                }
            };
            let row = &self.customer(id)?.row;
            let mut numbers = row.numbers.iter().chain(row.contacts.iter().flat_map(|other| &other.numbers));
            if numbers.any(|number| self.erased.contains(number)) {
                self.opt_out(id, None, "erased")?;
            }
            if intake.opt_out {
                self.opt_out(id, None, "import")?;
            }
        }
        Ok(counts)
    }

    fn changes(&self, rows: &[IntakeRow], scope: &Scope) -> Vec<Change> {
        let own = |row: &IntakeRow| {
            let id = &row.row.external_id;
            self.customers.values().find(|kept| kept.row.external_id == *id).map(|kept| (kept.id, true))
        };
        let hits: Vec<Option<(CustomerId, bool)>> = rows
            .iter()
            .map(|row| own(row).or_else(|| Some((*self.aliases.get(&row.row.external_id)?, false))))
            .collect();
        // Of several rows for one customer the one under his own id speaks, else the last.
        let mut speakers: BTreeMap<CustomerId, (bool, u64)> = BTreeMap::new();
        for (row, hit) in rows.iter().zip(&hits) {
            if let Some((id, own)) = hit {
                let speaker = speakers.entry(*id).or_insert((*own, row.line));
                *speaker = (*speaker).max((*own, row.line));
            }
        }
        let change = |(row, hit): (&IntakeRow, &Option<(CustomerId, bool)>)| {
            let Some((id, own)) = *hit else { return Change::Create };
            let Some(kept) = self.customers.get(&id).filter(|_| speakers[&id] == (own, row.line)) else {
                return Change::Merged;
            };
            let written = self.written(kept, &row.row, scope);
            let says = row.opt_out && kept.opt_out.is_none();
            let confirms = row.row.numbers.iter().any(|number| self.added.contains(&(id, number.clone())));
            if written == kept.row && !says && !confirms {
                Change::Same
            } else {
                Change::Update(id, Box::new(written))
            }
        };
        rows.iter().zip(&hits).map(change).collect()
    }

    /// The record as the row makes it.
    fn written(&self, kept: &Customer, row: &CustomerRow, scope: &Scope) -> CustomerRow {
        let old = &kept.row;
        let pick = |field: &str, fresh: &Option<String>, old: &Option<String>| {
            if scope.has(field) { fresh.clone() } else { old.clone() }
        };
        let mut numbers = row.numbers.clone();
        let stays = |number: &&Number| self.added.contains(&(kept.id, (*number).clone()));
        numbers
            .extend(old.numbers.iter().filter(stays).filter(|number| !row.numbers.contains(number)).cloned());
        let mut extensions = row.extensions.clone();
        extensions.extend(old.extensions.iter().filter(|old| !row.numbers.contains(&old.number)).cloned());
        extensions.retain(|extension| numbers.contains(&extension.number));
        let mut dates = old.dates.clone();
        dates.retain(|event, _| !scope.has_event(event));
        dates.extend(row.dates.clone());
        let mut contacts: Vec<_> =
            old.contacts.iter().filter(|contact| !scope.has_role(&contact.role.0)).cloned().collect();
        contacts.extend(row.contacts.clone());
        contacts.sort_by(|a, b| a.role.cmp(&b.role));
        CustomerRow {
            external_id: old.external_id.clone(),
            name: row.name.clone(),
            numbers,
            extensions,
            contacts,
            class: pick("class", &row.class, &old.class),
            branch: pick("branch", &row.branch, &old.branch),
            language: pick("language", &row.language, &old.language),
            time_zone: if scope.has("time_zone") { row.time_zone } else { old.time_zone },
            account_manager: pick("account_manager", &row.account_manager, &old.account_manager),
            rated_person: pick("rated_person", &row.rated_person, &old.rated_person),
            products: if scope.has("product") { row.products.clone() } else { old.products.clone() },
            contract_fen: if scope.has("contract_value") { row.contract_fen } else { old.contract_fen },
            channel: if scope.has("channel") { row.channel } else { old.channel },
            dates,
        }
    }

    pub(super) fn change(&mut self, id: CustomerId, row: &CustomerRow) -> Result<(), StoreError> {
        let mut row = rules::importable(std::slice::from_ref(row))?.remove(0);
        self.hold(&[id])?;
        let kept = Customer::clone(self.customer(id)?);
        row.external_id.clone_from(&kept.row.external_id);
        row.contacts.sort_by(|a, b| a.role.cmp(&b.role));
        self.dead.retain(|(of, number)| *of != id || row.numbers.contains(number));
        for number in row.numbers.iter().filter(|number| !kept.row.numbers.contains(number)) {
            self.added.push((id, number.clone()));
        }
        let barred = row.numbers.iter().any(|number| self.erased.contains(number));
        self.customers.insert(id, Arc::new(Customer { row, updated_at: self.now, ..kept }));
        if barred { self.opt_out(id, None, "erased") } else { Ok(()) }
    }

    pub(super) fn withdraw_opt_out(&mut self, id: CustomerId) -> Result<(), StoreError> {
        let kept = Customer::clone(self.customer(id)?);
        let Some(opt_out) = &kept.opt_out else {
            return Err(conflict("the customer did not opt out: there is nothing to withdraw"));
        };
        let merged: Vec<Number> = self
            .gone
            .values()
            .filter(|other| self.aliases.get(&other.row.external_id) == Some(&id))
            .filter_map(|other| Some(other.opt_out.as_ref()?.number.clone()))
            .collect();
        self.barred.retain(|number| *number != opt_out.number && !merged.contains(number));
        self.erased.retain(|number| !kept.row.numbers.contains(number));
        self.customers.insert(id, Arc::new(Customer { opt_out: None, ..kept }));
        Ok(())
    }

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

    /// Fails where one is gone or on the line.
    fn hold(&self, ids: &[CustomerId]) -> Result<(), StoreError> {
        for id in ids {
            self.customer(*id)?;
            if self.gone.contains_key(id) {
                return Err(conflict("the customer was merged or erased already"));
            }
        }
        let talking = |attempt: &records::Attempt| {
            let entry = attempt.task.and_then(|task| self.tasks.get(&task));
            attempt.ended_at.is_none() && entry.is_some_and(|entry| ids.contains(&entry.task.customer))
        };
        if self.attempts.values().any(talking) {
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
        let gone = self.customers.remove(&other).ok_or_else(|| missing("customer", other))?;
        let joined = joined(&kept.row, &gone.row);
        for number in joined.numbers.iter().filter(|number| !kept.row.numbers.contains(number)) {
            self.added.push((survivor, number.clone()));
        }
        for (of, _) in self.dead.iter_mut().filter(|(of, _)| *of == other) {
            *of = survivor;
        }
        let opt_out = kept.opt_out.clone().or_else(|| gone.opt_out.clone());
        let refused = opt_out.is_some();
        let changed = Customer { row: joined, updated_at: self.now, opt_out, ..kept };
        self.customers.insert(survivor, Arc::new(changed));
        for alias in self.aliases.values_mut().filter(|target| **target == other) {
            *alias = survivor;
        }
        self.aliases.insert(gone.row.external_id.clone(), survivor);
        self.gone.insert(other, gone);
        for waiver in self.waivers.iter_mut().filter(|waiver| waiver.customer_id == other) {
            waiver.customer_id = survivor;
        }
        self.move_tasks(survivor, other);
        if refused {
            self.end_waiting_tasks(survivor);
        }
        Ok(())
    }

    fn move_tasks(&mut self, survivor: CustomerId, other: CustomerId) {
        let now = self.now;
        for entry in self.tasks.values_mut().filter(|entry| [survivor, other].contains(&entry.task.customer))
        {
            if entry.task.state == TaskState::Calling {
                let back = if entry.task.attempts == 0 { TaskState::Due } else { TaskState::Waiting };
                entry.step(back, now);
                entry.fence += 1;
            }
        }
        let of = |customer| move |entry: &&super::state::TaskEntry| entry.task.customer == customer;
        let theirs: Vec<_> = self.tasks.values().filter(of(other)).map(|entry| entry.task.clone()).collect();
        for task in theirs {
            let twin = self.tasks.values_mut().find(|entry| {
                let mine = &entry.task;
                mine.customer == survivor
                    && mine.plan == task.plan
                    && mine.occasion == task.occasion
                    && mine.role == task.role
            });
            match twin {
                Some(twin) => {
                    let reached = matches!(task.state, TaskState::Succeeded | TaskState::Refused);
                    if reached && !twin.task.state.ended() {
                        twin.step(task.state, now);
                    }
                }
                None => {
                    if let Some(entry) = self.tasks.get_mut(&task.id) {
                        entry.task.customer = survivor;
                    }
                }
            }
        }
        self.end_tasks(other, None);
        for item in self.callbacks.iter_mut().filter(|item| item.customer == other) {
            item.customer = survivor;
        }
        for step in self.steps.values_mut().filter(|step| step.customer == other) {
            step.customer = survivor;
        }
        self.settle_items();
    }

    /// Ends what a customer still has to expect, as withdrawn; not what is on the line.
    fn end_tasks(&mut self, customer: CustomerId, plan: Option<PlanId>) {
        let open: Vec<_> = self
            .tasks
            .values()
            .map(|entry| &entry.task)
            .filter(|task| task.customer == customer && plan.is_none_or(|plan| task.plan == plan))
            .filter(|task| !task.state.ended() && self.open_of(task.id).is_none())
            .map(|task| task.id)
            .collect();
        let now = self.now;
        for task in open {
            if let Some(entry) = self.tasks.get_mut(&task) {
                entry.step(TaskState::Withdrawn, now);
                entry.fence += 1;
            }
        }
        self.settle_items();
    }

    /// Items of the queue whose task has ended are done.
    fn settle_items(&mut self) {
        let now = self.now;
        let over: Vec<_> =
            self.tasks.values().filter(|entry| entry.task.state.ended()).map(|entry| entry.task.id).collect();
        for task in over {
            self.leave_steps(task);
        }
        for item in self.callbacks.iter_mut().filter(|item| item.state != CallbackState::Done) {
            if self.tasks.get(&item.task).is_some_and(|entry| entry.task.state.ended()) {
                item.state = CallbackState::Done;
                item.done_at = Some(now);
            }
        }
    }

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

    pub(super) fn register_waiver(
        &mut self,
        customer: CustomerId,
        waiver: &NewWaiver,
        today: NaiveDate,
        by: &str,
    ) -> Result<Waiver, StoreError> {
        waiver.check(today).map_err(|error| conflict(error.to_string()))?;
        self.customer(customer)?;
        let kept = Waiver {
            id: WaiverId(uuid::Uuid::now_v7()),
            customer_id: customer,
            content: waiver.clone(),
            registered_by: by.to_owned(),
            registered_at: self.now,
            revoked_by: None,
            revoked_at: None,
        };
        self.waivers.push(kept.clone());
        self.end_tasks(customer, waiver.plan);
        Ok(kept)
    }

    pub(super) fn revoke_waiver(&mut self, id: WaiverId, by: &str) -> Result<(), StoreError> {
        let now = self.now;
        let waiver = self.waivers.iter_mut().find(|waiver| waiver.id == id);
        let waiver = waiver.ok_or_else(|| missing("waiver", id))?;
        if waiver.revoked_at.is_some() {
            return Err(conflict("the waiver was revoked already"));
        }
        waiver.revoked_at = Some(now);
        waiver.revoked_by = Some(by.to_owned());
        Ok(())
    }

    /// Whether a waiver covers this plan for this customer.
    pub(super) fn waived(&self, customer: CustomerId, plan: PlanId) -> bool {
        self.waivers.iter().any(|waiver| waiver.customer_id == customer && waiver.holds_for(plan))
    }
}

fn counted(changes: &[Change]) -> ImportCounts {
    let mut counts = ImportCounts::default();
    for change in changes {
        match change {
            Change::Create => counts.created += 1,
            Change::Update(..) => counts.updated += 1,
            Change::Same => counts.unchanged += 1,
            Change::Merged => counts.merged += 1,
        }
    }
    counts
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

/// What an import may touch of a customer that is there; `None`: everything.
pub(super) struct Scope(Option<Vec<String>>);

impl Scope {
    pub(super) fn whole() -> Self {
        Self(None)
    }

    fn of(layout: &FileLayout) -> Self {
        Self(Some(layout.columns.iter().filter_map(|column| column.field.clone()).collect()))
    }

    fn has(&self, field: &str) -> bool {
        self.0
            .as_ref()
            .is_none_or(|fields| fields.iter().any(|name| name.trim_end_matches(char::is_numeric) == field))
    }

    fn has_event(&self, event: &str) -> bool {
        self.has(&format!("{event}_on"))
    }

    fn has_role(&self, role: &str) -> bool {
        self.has(&format!("{role}_number"))
    }
}
