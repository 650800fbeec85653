//! Recordings: from a staged file to a sealed one in the vault, and back to a listener.
//!
//! A recorder writes `ATTEMPT.wav.part` in the staging directory. Sealing makes it whole, hashes
//! it, and links it into the vault as `DATE/PLAN/ATTEMPT.wav`, where nothing ever overwrites it.

mod error;
mod names;
mod read;
mod repair;
mod seal;
mod space;
mod vault;
mod vaults;
mod wav;

pub use error::RecordingError;
pub use names::{Id, RelativePath};
pub use read::{Integrity, Part};
pub use repair::{Quarantined, Repaired, Repairs};
pub use seal::{Sealed, Staged};
pub use vault::{Vault, VaultConfig};
pub use vaults::Vaults;
