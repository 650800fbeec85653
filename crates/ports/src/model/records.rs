//! Imports in two steps, and what a change of a customer's record does.

use std::collections::BTreeMap;
use std::sync::Arc;

use ::intake::IntakeRow;
use records::{Customer, CustomerId, CustomerRow, ImportId, Number};

use super::state::{State, conflict, missing};
use crate::{
    FaultyRow, FileLayout, FileRead, Import, ImportCounts, ImportFault, ImportState, NewImport, StoreError,
    rules,
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

    fn import_in(&self, id: ImportId, state: ImportState) -> Result<&Arc<StagedImport>, StoreError> {
        let staged = self.imports.get(&id).ok_or_else(|| missing("import", id))?;
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
        self.import_in(id, ImportState::Reading)?;
        self.imports.change(&id, |staged| {
            staged.rows.extend(rows);
            staged.faulty.extend(faulty);
        });
        Ok(())
    }

    pub(super) fn end_reading(&mut self, id: ImportId, read: &FileRead) -> Result<Import, StoreError> {
        let staged = Arc::clone(self.import_in(id, ImportState::Reading)?);
        let counts = counted(&self.changes(&staged.rows, &Scope::of(&read.layout)));
        let import = Import {
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
        self.imports.change(&id, |staged| staged.import = import.clone());
        Ok(import)
    }

    pub(super) fn carry_out(&mut self, id: ImportId) -> Result<Import, StoreError> {
        let staged = Arc::clone(self.import_in(id, ImportState::Read)?);
        let counts = self.take_over(&staged.rows, &Scope::of(&staged.import.layout))?;
        let import = Import {
            state: ImportState::Done,
            counts,
            sample: Vec::new(),
            ended_at: Some(self.now),
            ..staged.import.clone()
        };
        self.imports.change(&id, |staged| {
            staged.import = import.clone();
            staged.rows.clear();
        });
        Ok(import)
    }

    pub(super) fn drop_import(&mut self, id: ImportId, failed: Option<&str>) -> Result<(), StoreError> {
        let now = self.now;
        let staged = self.imports.get(&id).ok_or_else(|| missing("import", id))?;
        if !matches!(staged.import.state, ImportState::Reading | ImportState::Read) {
            return Ok(());
        }
        self.imports.change(&id, |staged| {
            staged.import.state = if failed.is_some() { ImportState::Failed } else { ImportState::Dropped };
            staged.import.why = failed.map(str::to_owned);
            staged.import.sample.clear();
            staged.import.ended_at = Some(now);
            staged.rows.clear();
        });
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
        let old = |staged: &StagedImport| staged.import.begun_at < before;
        self.imports.change_each(old, |staged| {
            for row in &mut staged.faulty {
                row.original.clear();
                row.faults.iter_mut().for_each(|fault| fault.given.clear());
            }
        });
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
                    let id = CustomerId(self.fresh());
                    let (row, now) = (intake.row.clone(), self.now);
                    let fresh = Customer { id, row, created_at: now, updated_at: now, opt_out: None };
                    self.keep_customer(fresh);
                    id
                }
                Change::Update(id, row) => {
                    // A number that comes again later was confirmed again.
                    self.dead.unmark(id, |number| !row.numbers.contains(number));
                    self.added.unmark(id, |number| intake.row.numbers.contains(number));
                    let kept = Customer::clone(self.customer(id)?);
                    let fresh = Customer { row: *row, updated_at: self.now, ..kept };
                    self.keep_customer(fresh);
                    id
                }
            };
            let customer = Arc::clone(self.customer(id)?);
            let row = &customer.row;
            let mut numbers = row.numbers.iter().chain(row.contacts.iter().flat_map(|other| &other.numbers));
            if numbers.any(|number| self.erased.contains_key(number)) {
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
            self.customers.index().of_external_id.get(id).map(|id| (*id, true))
        };
        let hits: Vec<Option<(CustomerId, bool)>> = rows
            .iter()
            .map(|row| own(row).or_else(|| Some((**self.aliases.get(&row.row.external_id)?, false))))
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
            let confirms = row.row.numbers.iter().any(|number| self.added.has(id, number));
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
        let stays = |number: &&Number| self.added.has(kept.id, number);
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
        self.dead.unmark(id, |number| !row.numbers.contains(number));
        for number in row.numbers.iter().filter(|number| !kept.row.numbers.contains(number)) {
            self.added.mark(id, number.clone());
        }
        let barred = row.numbers.iter().any(|number| self.erased.contains_key(number));
        self.keep_customer(Customer { row, updated_at: self.now, ..kept });
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
            .filter(|other| self.leads_to(other, id))
            .filter_map(|other| Some(other.opt_out.as_ref()?.number.clone()))
            .collect();
        for number in merged.iter().chain([&opt_out.number]) {
            self.barred.remove(number);
        }
        for number in &kept.row.numbers {
            self.erased.remove(number);
        }
        self.keep_customer(Customer { opt_out: None, ..kept });
        Ok(())
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
