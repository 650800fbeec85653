//! What people and machines do through the web; the API and the console share it. Each leaves its trail.

mod account;
mod callback;
mod calling;
mod case;
mod customer;
mod foretell;
mod plan;
mod proof;
mod record;
mod steps;
mod trace;

pub(crate) use self::trace::{Shown, ladder};
pub(crate) use account::{
    AccountAsked, change_own_password, create_account, issue_token, revoke_tokens, set_active, set_password,
};
pub(crate) use callback::{finish, take};
pub(crate) use calling::{Stopped, resume, stop_all};
pub(crate) use case::works_on;
pub(crate) use customer::{Broken, Imported, carry_out, drop_import, errors, import, read_file, report_of};
pub(crate) use foretell::{DryRunAsked, Foretold, RehearsalAsked, dry_run, rehearse};
pub(crate) use plan::{PlanAsked, approve, create, pause_plan, preset, resume_plan, start, stop, warnings};
pub(crate) use proof::{CoverageAsked, all_coverage, certificate, coverage};
pub(crate) use record::{change, erase, merge, opt_out, register_waiver, revoke_waiver, withdraw_opt_out};
pub(crate) use steps::{StepEnding, carry, finish_step, take_step};
