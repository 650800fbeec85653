//! The console for people: pages rendered here, in Chinese or English, with hardly any script.

pub(crate) mod accounts;
pub(crate) mod assets;
pub(crate) mod attempts;
pub(crate) mod board;
pub(crate) mod callbacks;
pub(crate) mod certificate;
pub(crate) mod customer;
pub(crate) mod customers;
mod facts;
pub(crate) mod imports;
mod ladder;
pub(crate) mod login;
pub(crate) mod overview;
pub(crate) mod plan;
mod plan_form;
pub(crate) mod plans;
mod signed;
mod ui;

pub(crate) use ui::{Ui, problem_page};
