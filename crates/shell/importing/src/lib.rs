//! Files of customers: read in portions on a thread of their own, so that a million rows take no more room than a few
//! thousand; brought by web or found in a watched folder.

mod errors;
mod form;
mod importer;
mod portions;
mod watch;
mod workbook;

pub use errors::errors_file;
pub use importer::Importer;
pub use watch::{Watch, WatchSettings};
