//! Postgres behind the ports: [`Postgres`] carries out `Store`, `Customers`, `Planning`, `Overview`, `Proofs`,
//! `Accounts` and `Traces`; [`cluster`] runs a private server where none is given.
//!
//! - **One file an aggregate**, SQL inline and checked at compile time. Without `DATABASE_URL` the checks read
//!   `.sqlx/` at the workspace root; after a change of SQL or migrations run `tests/sqlx-check.sh --write`.
//! - **Writes are tasks of their own** ([`transact`]): a caller that is dropped half-way cannot leave a connection
//!   inside a transaction. They are repeated when Postgres says that repeating helps, and when their connection died
//!   at rest.
//! - **A way to the server is what a call costs here**: connections are lent without asking the server ([`lending`]),
//!   facts and recordings are one statement, a transaction takes its locks as it begins ([`transact::Locks`]). Opening
//!   and closing an attempt are one statement as well where all is as usual: functions that lock, look, and write or leave
//!   it to a transaction, in which Rust decides (`opening`, `closing`). Calls have connections of their own, whose
//!   statements are planned once ([`connect`]).
//! - **Rows are locked in one order**: switch, plan, customer, attempt, task, callback. So two writers wait for each
//!   other but do not deadlock.
//! - **The claim** is one statement with `SKIP LOCKED`; the fence it hands out is needed to move the task. Facts and
//!   reasons of an attempt are taken by its id, whatever became of the claim.
//! - **Lists choose ids, one query per aggregate reads the rows**, so that a row is understood in one place only.

mod accounts;
mod alike;
mod attempts;
mod callbacks;
mod changing;
mod claims;
mod closing;
pub mod cluster;
mod connect;
mod customer_port;
mod customers;
mod due;
mod erasing;
mod error;
mod facts;
mod imports;
mod joining;
mod lending;
mod lines;
mod listing;
mod moves;
mod numbers;
mod opening;
mod opt_outs;
mod overview;
mod planning;
mod plans;
mod privacy;
mod proofs;
mod questionnaires;
mod recordings;
mod steps;
mod store;
mod tasks;
mod traces;
mod trail;
mod transact;
mod waivers;
mod words;

pub use connect::{Options, Postgres};
pub use error::MigrateError;
pub use privacy::NumberKey;
