//! The customers' port, each operation handed to its aggregate.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use intake::IntakeRow;
use ports::{
    Alike, Customers, FaultyRow, FileRead, Import, ImportFault, NewImport, Page, PageOf, StoreError, Twin,
};
use records::{CustomerId, CustomerRow, ImportId, NewWaiver, Waiver, WaiverId};

use crate::error::{Trouble, is_lost};
use crate::store::{read, write};
use crate::transact::{Frame, Locks};
use crate::{Postgres, alike, changing, erasing, imports, joining, opt_outs, waivers};

#[async_trait]
impl Customers for Postgres {
    async fn begin_import(&self, import: &NewImport) -> Result<(), StoreError> {
        write!(self, [fresh = import.clone()] | connection | imports::begin(connection, fresh))
    }

    async fn stage(
        &self,
        id: ImportId,
        rows: Vec<IntakeRow>,
        faulty: Vec<FaultyRow>,
    ) -> Result<(), StoreError> {
        let key = self.number_key;
        write!(
            self,
            [rows = rows, faulty = faulty] | connection | {
                imports::stage(connection, key.as_ref(), id, rows, faulty)
            }
        )
    }

    async fn end_reading(&self, id: ImportId, read: &FileRead) -> Result<Import, StoreError> {
        write!(
            self,
            Frame::ManyRows,
            [read = read.clone()] | connection | imports::read(connection, id, read)
        )
    }

    async fn carry_out(&self, id: ImportId) -> Result<Import, StoreError> {
        write!(self, Frame::ManyRows, [] | connection | imports::carry_out(connection, id))
    }

    async fn drop_import(&self, id: ImportId, failed: Option<&str>) -> Result<(), StoreError> {
        write!(
            self,
            [why = failed.map(str::to_owned)] | connection | {
                imports::drop_import(connection, id, why.as_deref())
            }
        )
    }

    async fn import(&self, id: ImportId) -> Result<Import, StoreError> {
        read!(self, |connection| imports::one(connection, id))
    }

    async fn imports(&self, page: Page) -> Result<PageOf<Import>, StoreError> {
        read!(self, |connection| imports::page(connection, page))
    }

    async fn faults(
        &self,
        id: ImportId,
        after: Option<(u64, u32)>,
        limit: u32,
    ) -> Result<Vec<ImportFault>, StoreError> {
        read!(self, |connection| imports::faults(connection, id, after, limit))
    }

    async fn forget_imports(
        &self,
        begun_before: DateTime<Utc>,
        faults_before: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        write!(self, [] | connection | imports::forget(connection, begun_before, faults_before))
    }

    async fn change_customer(&self, id: CustomerId, row: &CustomerRow) -> Result<(), StoreError> {
        let key = self.number_key;
        write!(self, [row = row.clone()] | connection | changing::change(connection, key.as_ref(), id, row))
    }

    async fn withdraw_opt_out(&self, id: CustomerId) -> Result<(), StoreError> {
        let key = self.number_key;
        write!(self, [] | connection | opt_outs::withdraw(connection, key.as_ref(), id))
    }

    async fn twins(&self, id: CustomerId) -> Result<Vec<Twin>, StoreError> {
        read!(self, |connection| joining::twins(connection, id))
    }

    async fn alike(&self, page: Page) -> Result<PageOf<Alike>, StoreError> {
        read!(self, |connection| alike::list(connection, page))
    }

    async fn merge(&self, survivor: CustomerId, other: CustomerId) -> Result<(), StoreError> {
        write!(self, [] | connection | joining::merge(connection, survivor, other))
    }

    async fn erase(&self, id: CustomerId) -> Result<(), StoreError> {
        let key = self.number_key;
        write!(self, [] | connection | erasing::erase(connection, key.as_ref(), id))
    }

    async fn register_waiver(
        &self,
        customer: CustomerId,
        waiver: &NewWaiver,
        today: NaiveDate,
        by: &str,
    ) -> Result<Waiver, StoreError> {
        write!(
            self,
            [waiver = waiver.clone(), by = by.to_owned()] | connection | {
                waivers::register(connection, customer, waiver, today, by)
            }
        )
    }

    async fn revoke_waiver(&self, id: WaiverId, by: &str) -> Result<(), StoreError> {
        write!(self, [by = by.to_owned()] | connection | waivers::revoke(connection, id, by))
    }

    async fn waivers(&self, customer: CustomerId) -> Result<Vec<Waiver>, StoreError> {
        read!(self, |connection| waivers::of(connection, customer))
    }
}
