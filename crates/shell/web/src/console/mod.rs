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
mod markers;
pub(crate) mod overview;
pub(crate) mod plan;
mod plan_form;
mod plan_rules;
pub(crate) mod plans;
mod signed;
pub(crate) mod steps;
pub(crate) mod tasks;
mod ui;

pub(crate) use ui::{Ui, problem_page};
