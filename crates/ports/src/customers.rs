//! The customers' port: imports in two steps, merges, erasure, waivers. Every write is one short transaction, but for
//! the end of an import, which takes its time.

use ::intake::{Column, Fault, IntakeRow};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use records::{CustomerId, CustomerRow, ImportId, NewWaiver, Number, Waiver, WaiverId};
use serde::{Deserialize, Serialize};

use crate::{Page, PageOf, StoreError};

/// How an import came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ImportSource {
    Console,
    Api,
    /// A watched folder.
    Folder,
}

impl ImportSource {
    /// As in the database and the API.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Console => "console",
            Self::Api => "api",
            Self::Folder => "folder",
        }
    }
}

/// Where an import stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ImportState {
    /// Its rows are coming in.
    Reading,
    /// Read to its end; waits for a yes.
    Read,
    /// Its rows are customers.
    Done,
    /// A no was said, or nobody said yes in time.
    Dropped,
    /// It could not be read or carried out.
    Failed,
}

impl ImportState {
    pub const ALL: [Self; 5] = [Self::Reading, Self::Read, Self::Done, Self::Dropped, Self::Failed];

    /// As in the database and the API.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Read => "read",
            Self::Done => "done",
            Self::Dropped => "dropped",
            Self::Failed => "failed",
        }
    }
}

/// An import that begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewImport {
    pub id: ImportId,
    /// The file's name as it was given.
    pub file: String,
    pub source: ImportSource,
    /// Login of who brought it, or the part of the service.
    pub by: String,
}

/// How a file is laid out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct FileLayout {
    /// `csv` or `xlsx`.
    pub form: String,
    /// Such as `UTF-8`, `gb18030`; empty for a workbook.
    pub encoding: String,
    /// Empty for a workbook.
    pub delimiter: String,
    pub columns: Vec<Column>,
}

/// A row that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultyRow {
    pub line: u64,
    /// At least one.
    pub faults: Vec<Fault>,
    /// The cells as they came.
    pub original: Vec<String>,
}

/// One fault as it is handed back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportFault {
    /// Counts the faults of a line.
    pub place: u32,
    pub fault: Fault,
    pub original: Vec<String>,
}

/// What is known of a file once it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileRead {
    /// Hex.
    pub sha256: String,
    pub bytes: u64,
    pub layout: FileLayout,
    /// Its first rows.
    pub sample: Vec<Vec<String>>,
    pub rows: u64,
    pub faulty: u64,
}

/// An import as kept.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Import {
    pub id: ImportId,
    pub file: String,
    pub sha256: Option<String>,
    pub bytes: Option<u64>,
    pub source: ImportSource,
    pub by: String,
    pub state: ImportState,
    pub layout: FileLayout,
    /// First rows, until the end.
    #[serde(skip)]
    pub sample: Vec<Vec<String>>,
    /// Rows below the header.
    pub rows: u64,
    /// Of these, how many cannot be taken.
    pub faulty: u64,
    /// While it waits: what would be done.
    #[serde(flatten)]
    pub counts: ImportCounts,
    /// Why it failed.
    pub why: Option<String>,
    pub begun_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
}

/// What an import does with its good rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ImportCounts {
    pub created: u64,
    pub updated: u64,
    pub unchanged: u64,
    /// Rows of customers who have another row in the same file, under another of their ids.
    pub merged: u64,
}

/// Two customers that may be one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Twin {
    pub id: CustomerId,
    pub external_id: String,
    pub name: String,
    /// A number that both have.
    pub number: Option<Number>,
    pub same_name: bool,
}

/// A customer with those before it that may be the same one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Alike {
    pub id: CustomerId,
    pub external_id: String,
    pub name: String,
    pub branch: Option<String>,
    /// At least one, at most 20; each has a number in common, or both name and branch.
    pub twins: Vec<Twin>,
}

/// Customers coming in, being joined, and leaving.
#[async_trait]
pub trait Customers: Send + Sync + 'static {
    async fn begin_import(&self, import: &NewImport) -> Result<(), StoreError>;
    /// Puts rows aside for an import that is being read. The caller sees to it that no external id comes twice.
    async fn stage(
        &self,
        id: ImportId,
        rows: Vec<IntakeRow>,
        faulty: Vec<FaultyRow>,
    ) -> Result<(), StoreError>;
    /// The file was read: counts what its rows would do.
    async fn end_reading(&self, id: ImportId, read: &FileRead) -> Result<Import, StoreError>;
    /// Makes the good rows customers, all or none. Only the columns that the file has are touched; of numbers those that
    /// imports brought. Conflict unless it was read and waits.
    async fn carry_out(&self, id: ImportId) -> Result<Import, StoreError>;
    /// Ends an import without its rows; with a reason as failed. Nothing happens when it has ended.
    async fn drop_import(&self, id: ImportId, failed: Option<&str>) -> Result<(), StoreError>;
    async fn import(&self, id: ImportId) -> Result<Import, StoreError>;
    async fn imports(&self, page: Page) -> Result<PageOf<Import>, StoreError>;
    /// Faults behind this line and place, in order.
    async fn faults(
        &self,
        id: ImportId,
        after: Option<(u64, u32)>,
        limit: u32,
    ) -> Result<Vec<ImportFault>, StoreError>;
    /// Drops imports that nobody said yes to since then, and empties the original rows of older ones.
    async fn forget_imports(
        &self,
        begun_before: DateTime<Utc>,
        faults_before: DateTime<Utc>,
    ) -> Result<u64, StoreError>;

    /// Writes what people changed of one customer; numbers that imports brought may be taken away, too. The external id
    /// stays. Conflict when it would leave no number.
    async fn change_customer(&self, id: CustomerId, row: &CustomerRow) -> Result<(), StoreError>;
    /// The opt-out no longer holds; Conflict when there is none. What ended by it stays ended.
    async fn withdraw_opt_out(&self, id: CustomerId) -> Result<(), StoreError>;

    /// Who has the same number or the same name, at most 50.
    async fn twins(&self, id: CustomerId) -> Result<Vec<Twin>, StoreError>;
    /// Customers who have one before them with the same number, or of the same name at the same branch; newest first.
    async fn alike(&self, page: Page) -> Result<PageOf<Alike>, StoreError>;
    /// Makes `other` part of `survivor`: tasks, attempts, waivers and opt-outs move, empty fields are filled, numbers
    /// added; its external id leads to the survivor from then on. A task that both have stays with the survivor, with
    /// the other's success or refusal if it had one. Conflict while one of them is on the line.
    async fn merge(&self, survivor: CustomerId, other: CustomerId) -> Result<(), StoreError>;
    /// Shreds who the customer is, also in attempts and callbacks; bars the numbers by their keyed hash. Recordings and
    /// answers stay, of nobody. Conflict while the customer is on the line.
    async fn erase(&self, id: CustomerId) -> Result<(), StoreError>;

    /// Registers a waiver that holds by L9.4 and ends the tasks it covers as withdrawn, but for one on the line.
    /// Conflict where it does not hold.
    async fn register_waiver(
        &self,
        customer: CustomerId,
        waiver: &NewWaiver,
        today: NaiveDate,
        by: &str,
    ) -> Result<Waiver, StoreError>;
    /// The waiver no longer holds; Conflict when it was revoked already.
    async fn revoke_waiver(&self, id: WaiverId, by: &str) -> Result<(), StoreError>;
    /// Newest first, the revoked ones too.
    async fn waivers(&self, customer: CustomerId) -> Result<Vec<Waiver>, StoreError>;
}
