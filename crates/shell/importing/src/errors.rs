//! The file of faults, in parts, so that a hundred thousand of them take no room.

use std::io;
use std::sync::Arc;

use intake::Tongue;
use ports::{Customers, StoreError};
use records::ImportId;
use tokio::io::{AsyncWrite, AsyncWriteExt};

/// Faults of a part.
const PART: u32 = 1_000;

/// Writes the file of an import's faults. The inner error is that of what it is written to.
pub async fn errors_file(
    customers: &Arc<dyn Customers>,
    id: ImportId,
    tongue: Tongue,
    to: &mut (dyn AsyncWrite + Send + Unpin),
) -> Result<io::Result<()>, StoreError> {
    let import = customers.import(id).await?;
    let headers: Vec<String> = import.layout.columns.into_iter().map(|column| column.header).collect();
    let mut part = format!("{}{}", intake::BOM, intake::heading(tongue, &headers));
    let mut after = None;
    loop {
        if let Err(error) = to.write_all(part.as_bytes()).await {
            return Ok(Err(error));
        }
        let faults = customers.faults(id, after, PART).await?;
        let Some(last) = faults.last() else { return Ok(to.flush().await) };
        after = Some((last.fault.line, last.place));
        let lines = faults.iter().map(|fault| intake::line_of(&fault.fault, tongue, &fault.original));
        part = lines.collect();
    }
}
