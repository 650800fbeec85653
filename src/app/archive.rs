//! The vault as the web's archive.

use async_trait::async_trait;
use ports::{Archive, ArchiveError, Excerpt};
use recording::{RecordingError, Vaults};
use tokio::io::AsyncReadExt;

/// Reads sealed recordings for the web.
pub(super) struct VaultArchive(pub(super) Vaults);

#[async_trait]
impl Archive for VaultArchive {
    async fn read(
        &self,
        path: &str,
        start: u64,
        end: Option<u64>,
        most: usize,
    ) -> Result<Excerpt, ArchiveError> {
        let part = self.0.open_range(path, start, end.map(|last| last.saturating_add(1))).await;
        let mut part = part.map_err(|error| archive_error(path, error))?;
        let length = usize::try_from(part.end - part.start).unwrap_or(most).min(most);
        let mut bytes = vec![0; length];
        part.reader.read_exact(&mut bytes).await?;
        Ok(Excerpt { start: part.start, bytes, total: part.total })
    }
}

fn archive_error(path: &str, error: RecordingError) -> ArchiveError {
    match error {
        RecordingError::Range { total } => ArchiveError::OutOfRange { total },
        RecordingError::Io { source, .. } => ArchiveError::Io(source),
        _ => ArchiveError::Missing(path.to_owned()),
    }
}
