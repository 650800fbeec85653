//! Lists of customers as departments send them, read into rows: encodings, delimiters, headers in Chinese and English,
//! cells; and what is wrong with a row, with its remedy. Pure: bytes and cells in, rows and faults out.

mod cell;
mod errors_file;
mod fault;
mod field;
mod layout;
mod plain;
mod raw;
mod row;
mod seen;
mod sniff;
mod text;

pub use errors_file::{BOM, heading, line_of};
pub use fault::{Fault, FaultCode, Tongue};
pub use field::{EVENTS, Field, ROLES};
pub use layout::{Column, Layout};
pub use raw::{RawContact, RawRow};
pub use row::{IntakeRow, read_row};
pub use seen::Seen;
pub use sniff::{Form, delimiter, form};
pub use text::{RowRead, TextRows};
