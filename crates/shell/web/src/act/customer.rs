//! Imports customers: all rows or none, unless the sender asks to leave broken rows out.

use ports::ImportReport;
use records::CustomerRow;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::auth::Caller;
use crate::front::Front;
use crate::import::RowError;
use crate::problem::Problem;

/// What happens when some rows are broken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Broken {
    /// Nothing is imported.
    #[default]
    Refuse,
    /// The good rows are imported, and the broken ones listed.
    Skip,
}

/// What an import did, and which rows it left out.
#[derive(Serialize)]
pub(crate) struct Imported {
    #[serde(flatten)]
    pub(crate) report: ImportReport,
    pub(crate) errors: Vec<RowError>,
}

/// Imports what was read.
pub(crate) async fn import(
    front: &Front,
    caller: &Caller,
    (rows, errors): (Vec<CustomerRow>, Vec<RowError>),
    broken: Broken,
) -> Result<Imported, Problem> {
    if !errors.is_empty() && (broken == Broken::Refuse || rows.is_empty()) {
        let detail = "nothing was imported: mend the rows listed and send the whole file again";
        return Err(Problem::invalid(detail).with_errors(errors));
    }
    let report = front.desk.store.import_customers(&rows).await?;
    tracing::info!(
        created = report.created,
        updated = report.updated,
        left_out = errors.len(),
        "customers imported"
    );
    let detail = json!({"report": report, "left_out": errors.len()});
    front.trail(&caller.account.login, "customer.import", "customers", detail).await;
    Ok(Imported { report, errors })
}
