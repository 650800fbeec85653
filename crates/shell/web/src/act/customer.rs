//! Imports customers: all rows or none, unless the sender asks to leave broken rows out.

use std::path::PathBuf;

use axum::body::Bytes;
use futures::{Stream, StreamExt};
use intake::Tongue;
use ports::{Import, ImportReport, ImportSource, ImportState, IntakeError, NewImport};
use records::{CustomerRow, ImportId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::io::AsyncWriteExt;

use crate::auth::Caller;
use crate::front::Front;
use crate::import::{LISTED, RowError, listed};
use crate::problem::Problem;

/// What happens when some rows are broken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Broken {
    /// Nothing is imported.
    #[default]
    Refuse,
    /// The good rows are imported, and the broken ones listed.
    Skip,
}

/// What an import did, and which rows it left out.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Imported {
    #[serde(flatten)]
    pub(crate) report: ImportReport,
    pub(crate) errors: Vec<RowError>,
}

/// A file that is sent, until it was read.
struct Spooled(PathBuf);

impl Drop for Spooled {
    fn drop(&mut self) {
        // What stays behind is taken away at the next start.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Octets of a file at most.
const MOST: u64 = 2 * 1024 * 1024 * 1024;

/// Imports rows that were read already.
pub(crate) async fn import(
    front: &Front,
    caller: &Caller,
    (rows, errors): (Vec<CustomerRow>, Vec<RowError>),
    broken: Broken,
) -> Result<Imported, Problem> {
    if !errors.is_empty() && (broken == Broken::Refuse || rows.is_empty()) {
        return Err(nothing_imported().with_errors(errors));
    }
    let report = front.desk.store.import_customers(&rows).await?;
    done(front, caller, "customers", &report, errors.len() as u64).await;
    Ok(Imported { report, errors })
}

fn nothing_imported() -> Problem {
    Problem::invalid("nothing was imported: mend the rows listed and send the whole file again")
}

async fn done(front: &Front, caller: &Caller, subject: &str, report: &ImportReport, left_out: u64) {
    let ImportReport { created, updated, .. } = *report;
    tracing::info!(created, updated, left_out, "customers imported");
    let detail = json!({"report": report, "left_out": left_out});
    front.trail(&caller.account.login, "customer.import", subject, detail).await;
}

/// Reads a file that is sent as far as its preview.
pub(crate) async fn read_file<E>(
    front: &Front,
    caller: &Caller,
    source: ImportSource,
    name: &str,
    mut octets: impl Stream<Item = Result<Bytes, E>> + Unpin + Send,
) -> Result<Import, Problem>
where
    E: std::fmt::Display,
{
    let id = ImportId(uuid::Uuid::now_v7());
    let spooled = Spooled(front.desk.intake.spool().join(id.to_string()));
    let io = |error| IntakeError::Io { path: spooled.0.clone(), error };
    let mut file = tokio::fs::File::create(&spooled.0).await.map_err(io)?;
    let mut length = 0;
    while let Some(part) = octets.next().await {
        let part =
            part.map_err(|error| Problem::unreadable(format!("the file did not come whole: {error}")))?;
        length += part.len() as u64;
        if length > MOST {
            return Err(Problem::too_large(
                "the file is larger than 2 GiB. Send less at once: split the file",
            ));
        }
        file.write_all(&part).await.map_err(io)?;
    }
    file.flush().await.map_err(io)?;
    // A name is shown, never used as a path.
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default().chars().take(200).collect();
    let new = NewImport { id, file: name, source, by: caller.account.login.clone() };
    let import = front.desk.intake.read(&spooled.0, &new).await?;
    let detail = json!({"rows": import.rows, "faulty": import.faulty, "sha256": import.sha256});
    front.trail(&caller.account.login, "import.read", &format!("import:{id}"), detail).await;
    Ok(import)
}

/// Says yes to an import that was read. Refused with the faults listed, unless broken rows are to be left out.
pub(crate) async fn carry_out(
    front: &Front,
    caller: &Caller,
    id: ImportId,
    broken: Broken,
) -> Result<Import, Problem> {
    let import = front.desk.customers.import(id).await?;
    let refused = import.faulty > 0 && (broken == Broken::Refuse || import.faulty >= import.rows);
    if import.state == ImportState::Read && refused {
        return Err(nothing_imported().with_errors(errors(front, &import, Tongue::En).await?));
    }
    let import = front.desk.customers.carry_out(id).await?;
    let report = report_of(&import);
    done(front, caller, &format!("import:{id}"), &report, import.faulty).await;
    Ok(import)
}

/// In the words of an import without preview.
pub(crate) fn report_of(import: &Import) -> ImportReport {
    let unchanged = import.counts.unchanged + import.counts.merged;
    ImportReport { created: import.counts.created, updated: import.counts.updated, unchanged }
}

/// The first faults of an import.
pub(crate) async fn errors(front: &Front, import: &Import, tongue: Tongue) -> Result<Vec<RowError>, Problem> {
    // One more, so that the list says that there are more.
    let faults = front.desk.customers.faults(import.id, None, LISTED as u32 + 1).await?;
    let faults: Vec<_> = faults.into_iter().map(|fault| fault.fault).collect();
    Ok(listed(&faults, tongue))
}

/// Says no to an import that was read.
pub(crate) async fn drop_import(front: &Front, caller: &Caller, id: ImportId) -> Result<Import, Problem> {
    front.desk.customers.drop_import(id, None).await?;
    front.trail(&caller.account.login, "import.drop", &format!("import:{id}"), json!({})).await;
    Ok(front.desk.customers.import(id).await?)
}
