//! The file of faults, in parts, so that a hundred thousand of them take no room.

use std::sync::Arc;

use intake::Tongue;
use ports::{Customers, StoreError};
use records::ImportId;

/// Faults of a part.
const PART: u32 = 1_000;

/// Hands the file of an import's faults to `write`, part by part.
pub async fn errors_file<E>(
    customers: &Arc<dyn Customers>,
    id: ImportId,
    tongue: Tongue,
    mut write: impl AsyncFnMut(String) -> Result<(), E>,
) -> Result<(), E>
where
    E: From<StoreError>,
{
    let import = customers.import(id).await?;
    let headers: Vec<String> = import.layout.columns.into_iter().map(|column| column.header).collect();
    write(format!("{}{}", intake::BOM, intake::heading(tongue, &headers))).await?;
    let mut after = None;
    loop {
        let faults = customers.faults(id, after, PART).await?;
        let Some(last) = faults.last() else { return Ok(()) };
        after = Some((last.fault.line, last.place));
        let lines = faults.iter().map(|fault| intake::line_of(&fault.fault, tongue, &fault.original));
        write(lines.collect()).await?;
    }
}
