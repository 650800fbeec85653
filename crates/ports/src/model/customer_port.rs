//! The customers' port on the model.

use ::intake::IntakeRow;
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use records::{CustomerId, CustomerRow, ImportId, NewWaiver, Waiver, WaiverId};

use super::Model;
use super::state::missing;
use crate::{
    Alike, Customers, FaultyRow, FileRead, Import, ImportFault, ImportState, NewImport, Page, PageOf,
    StoreError, Twin,
};

#[async_trait]
impl Customers for Model {
    async fn begin_import(&self, import: &NewImport) -> Result<(), StoreError> {
        self.write(|state| {
            state.begin_import(import);
            Ok(())
        })
    }

    async fn stage(
        &self,
        id: ImportId,
        rows: Vec<IntakeRow>,
        faulty: Vec<FaultyRow>,
    ) -> Result<(), StoreError> {
        self.write(|state| state.stage(id, rows, faulty))
    }

    async fn end_reading(&self, id: ImportId, read: &FileRead) -> Result<Import, StoreError> {
        self.write(|state| state.end_reading(id, read))
    }

    async fn carry_out(&self, id: ImportId) -> Result<Import, StoreError> {
        self.write(|state| state.carry_out(id))
    }

    async fn drop_import(&self, id: ImportId, failed: Option<&str>) -> Result<(), StoreError> {
        self.write(|state| state.drop_import(id, failed))
    }

    async fn import(&self, id: ImportId) -> Result<Import, StoreError> {
        self.read(|state| {
            let staged = state.imports.get(&id).ok_or_else(|| missing("import", id))?;
            Ok(staged.import.clone())
        })
    }

    async fn imports(&self, page: Page) -> Result<PageOf<Import>, StoreError> {
        self.read(|state| {
            let mut items: Vec<Import> = state.imports.values().rev().map(|s| s.import.clone()).collect();
            items.retain(|import| page.before.is_none_or(|before| import.id.0 < before));
            let more = items.len() > page.limit as usize;
            items.truncate(page.limit as usize);
            let next = items.last().map(|import| import.id.0).filter(|_| more);
            Ok(PageOf { items, next })
        })
    }

    async fn faults(
        &self,
        id: ImportId,
        after: Option<(u64, u32)>,
        limit: u32,
    ) -> Result<Vec<ImportFault>, StoreError> {
        self.read(|state| state.faults(id, after, limit))
    }

    async fn forget_imports(
        &self,
        begun_before: DateTime<Utc>,
        faults_before: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        self.write(|state| {
            let waits = |state: ImportState| matches!(state, ImportState::Reading | ImportState::Read);
            let old: Vec<ImportId> = state
                .imports
                .values()
                .map(|staged| &staged.import)
                .filter(|import| waits(import.state) && import.begun_at < begun_before)
                .map(|import| import.id)
                .collect();
            for id in &old {
                state.drop_import(*id, None)?;
            }
            state.empty_faults(faults_before);
            Ok(old.len() as u64)
        })
    }

    async fn change_customer(&self, id: CustomerId, row: &CustomerRow) -> Result<(), StoreError> {
        self.write(|state| state.change(id, row))
    }

    async fn withdraw_opt_out(&self, id: CustomerId) -> Result<(), StoreError> {
        self.write(|state| state.withdraw_opt_out(id))
    }

    async fn twins(&self, id: CustomerId) -> Result<Vec<Twin>, StoreError> {
        self.read(|state| state.twins(id))
    }

    async fn alike(&self, page: Page) -> Result<PageOf<Alike>, StoreError> {
        self.read(|state| Ok(state.alike(page)))
    }

    async fn merge(&self, survivor: CustomerId, other: CustomerId) -> Result<(), StoreError> {
        self.write(|state| state.merge(survivor, other))
    }

    async fn erase(&self, id: CustomerId) -> Result<(), StoreError> {
        self.write(|state| state.erase(id))
    }

    async fn register_waiver(
        &self,
        customer: CustomerId,
        waiver: &NewWaiver,
        today: NaiveDate,
        by: &str,
    ) -> Result<Waiver, StoreError> {
        self.write(|state| state.register_waiver(customer, waiver, today, by))
    }

    async fn revoke_waiver(&self, id: WaiverId, by: &str) -> Result<(), StoreError> {
        self.write(|state| state.revoke_waiver(id, by))
    }

    async fn waivers(&self, customer: CustomerId) -> Result<Vec<Waiver>, StoreError> {
        self.read(|state| {
            let theirs = state.waivers.values().rev().filter(|waiver| waiver.customer_id == customer);
            Ok(theirs.map(|waiver| Waiver::clone(waiver)).collect())
        })
    }
}
