//! Every route with the roles it serves: one table, walked by the guard, the console's menus and the tests.

use std::collections::HashMap;
use std::sync::LazyLock;

use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodFilter, MethodRouter, on};
use records::Role::{self, Admin, Agent, Auditor, Integration, Planner, Supervisor};

use crate::front::Front;
use crate::{api, console, probes};

/// Who may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// Anybody: the login itself, probes, style sheets.
    Open,
    /// Accounts of these roles.
    Roles(&'static [Role]),
    /// Machines that watch; without a token from loopback when the settings say so.
    Metrics,
}

impl Gate {
    /// The roles let in; none where no account is asked for.
    pub fn roles(self) -> &'static [Role] {
        match self {
            Self::Open => &[],
            Self::Roles(roles) => roles,
            Self::Metrics => &[Admin, Integration],
        }
    }

    /// Whether an account of this role is let in.
    pub fn admits(self, role: Role) -> bool {
        self == Self::Open || self.roles().contains(&role)
    }
}

/// Whom a route serves: its errors are pages or documents accordingly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Machines, and the console's scripts.
    Api,
    /// People.
    Console,
}

/// One route.
pub struct Route {
    pub method: Method,
    /// Axum's pattern, such as `/api/v1/plans/{id}`.
    pub path: &'static str,
    pub gate: Gate,
    pub side: Side,
    pub(crate) handler: MethodRouter<Front>,
}

const EVERYONE: Gate = Gate::Roles(&Role::ALL);
const PEOPLE: Gate = Gate::Roles(&[Admin, Planner, Agent, Supervisor, Auditor]);
const READERS: Gate = Gate::Roles(&[Admin, Planner, Supervisor, Auditor, Integration]);
const READING_PEOPLE: Gate = Gate::Roles(&[Admin, Planner, Supervisor, Auditor]);
const IMPORTERS: Gate = Gate::Roles(&[Admin, Planner, Integration]);
const IMPORTING_PEOPLE: Gate = Gate::Roles(&[Admin, Planner]);
const AUTHORS: Gate = Gate::Roles(&[Admin, Planner]);
const APPROVERS: Gate = Gate::Roles(&[Admin, Planner, Supervisor]);
const RUNNERS: Gate = Gate::Roles(&[Admin, Planner, Supervisor, Integration]);
const RUNNING_PEOPLE: Gate = Gate::Roles(&[Admin, Planner, Supervisor]);
/// Agents too, for the case they work on; the handler sees to that.
const CASES: Gate = EVERYONE;
const CASE_PEOPLE: Gate = PEOPLE;
const LISTENERS: Gate = Gate::Roles(&[Admin, Agent, Supervisor, Auditor, Integration]);
const RECORDINGS: Gate = Gate::Roles(&[Admin, Supervisor, Auditor, Integration]);
/// Those who look into the signalling; agents have no use for it.
const TRACERS: Gate = Gate::Roles(&[Admin, Supervisor, Auditor, Integration]);
const QUEUE: Gate = Gate::Roles(&[Admin, Agent, Supervisor, Auditor, Integration]);
const QUEUE_PEOPLE: Gate = Gate::Roles(&[Admin, Agent, Supervisor, Auditor]);
const QUEUE_WORKERS: Gate = Gate::Roles(&[Admin, Agent, Supervisor]);
/// The ladder's steps; a gateway for messages is an integration.
const STEPS: Gate = QUEUE;
const STEP_WORKERS: Gate = Gate::Roles(&[Admin, Agent, Supervisor, Integration]);
const STOPPERS: Gate = Gate::Roles(&[Admin, Supervisor]);
const ADMINS: Gate = Gate::Roles(&[Admin]);

/// Those who keep customers' records: merges, waivers, opt-outs.
const KEEPERS: Gate = Gate::Roles(&[Admin, Planner, Supervisor, Integration]);
const KEEPING_PEOPLE: Gate = Gate::Roles(&[Admin, Planner, Supervisor]);
/// What cannot be undone, or lets calls through again.
const ERASERS: Gate = Gate::Roles(&[Admin, Supervisor]);

/// Customers as JSON, which is held in memory.
const IMPORT_LIMIT: usize = 64 * 1024 * 1024;
/// A form with a file, which is not.
const FILE_LIMIT: usize = 2 * 1024 * 1024 * 1024;

/// The table.
pub fn routes() -> Vec<Route> {
    let mut table = Table { side: Side::Api, routes: Vec::new() };
    probe_routes(&mut table);
    api_customers(&mut table);
    api_records(&mut table);
    api_work(&mut table);
    table.side = Side::Console;
    console_doors(&mut table);
    console_pages(&mut table);
    console_acts(&mut table);
    console_customers(&mut table);
    table.routes
}

/// The gate of a route, such as `("POST", "/calling/stop")`.
pub(crate) fn gate(method: &str, path: &str) -> Option<Gate> {
    static GATES: LazyLock<HashMap<(String, &'static str), Gate>> =
        LazyLock::new(|| routes().into_iter().map(|r| ((r.method.to_string(), r.path), r.gate)).collect());
    GATES.iter().find(|((m, p), _)| m == method && *p == path).map(|(_, gate)| *gate)
}

fn probe_routes(to: &mut Table) {
    to.get("/healthz", Gate::Open, probes::healthz);
    to.get("/readyz", Gate::Open, probes::readyz);
    to.get("/metrics", Gate::Metrics, probes::metrics);
    to.get("/assets/{file}", Gate::Open, console::assets::file);
}

fn api_customers(to: &mut Table) {
    use api::{customers, imports};
    to.get("/api/v1/customers", READERS, customers::list);
    to.get("/api/v1/customers/alike", READERS, customers::alike);
    to.get("/api/v1/customers/{id}", READERS, customers::one);
    to.put("/api/v1/customers/{id}", KEEPERS, customers::put);
    to.post("/api/v1/customers", IMPORTERS, customers::post).limit(IMPORT_LIMIT);
    to.post("/api/v1/customers/import", IMPORTERS, customers::post_file);
    to.post("/api/v1/customers/{id}/opt-out", KEEPERS, customers::opt_out);
    to.delete("/api/v1/customers/{id}/opt-out", ERASERS, customers::withdraw_opt_out);
    to.get("/api/v1/customers/{id}/twins", READERS, customers::twins);
    to.post("/api/v1/customers/{id}/merge", KEEPERS, customers::merge);
    to.post("/api/v1/customers/{id}/erase", ERASERS, customers::erase);
    to.get("/api/v1/customers/{id}/waivers", READERS, customers::waivers);
    to.post("/api/v1/customers/{id}/waivers", KEEPERS, customers::post_waiver);
    to.post("/api/v1/waivers/{id}/revoke", KEEPERS, customers::revoke_waiver);
    to.get("/api/v1/imports", READERS, imports::list);
    to.post("/api/v1/imports", IMPORTERS, imports::post);
    to.get("/api/v1/imports/{id}", READERS, imports::one);
    to.get("/api/v1/imports/{id}/errors.csv", IMPORTERS, imports::errors_file);
    to.post("/api/v1/imports/{id}/carry-out", IMPORTERS, imports::carry_out);
    to.post("/api/v1/imports/{id}/drop", IMPORTERS, imports::drop_one);
}

fn api_records(to: &mut Table) {
    use api::{attempts, plans, proofs, recordings, steps, tasks, traces};
    to.get("/api/v1/questionnaires", READERS, plans::questionnaires);
    to.get("/api/v1/plans", READERS, plans::list);
    to.get("/api/v1/presets", READERS, plans::presets);
    to.get("/api/v1/plans/{id}", READERS, plans::one);
    to.get("/api/v1/plans/{id}/dry-run", READERS, plans::dry_run);
    to.post("/api/v1/plans/{id}/rehearse", AUTHORS, plans::rehearse);
    to.post("/api/v1/plans", AUTHORS, plans::post);
    to.post("/api/v1/plans/{id}/approve", APPROVERS, plans::approve);
    to.post("/api/v1/plans/{id}/start", RUNNERS, plans::start);
    to.post("/api/v1/plans/{id}/pause", RUNNERS, plans::pause);
    to.post("/api/v1/plans/{id}/resume", RUNNERS, plans::resume);
    to.post("/api/v1/plans/{id}/stop", RUNNERS, plans::stop);
    to.get("/api/v1/tasks", READERS, tasks::list);
    to.get("/api/v1/tasks/{id}", READERS, tasks::one);
    to.get("/api/v1/tasks/{id}/moves", READERS, steps::moves);
    to.get("/api/v1/plans/{id}/shares", READERS, steps::shares);
    to.get("/api/v1/tasks/{id}/certificate", CASES, proofs::certificate);
    to.get("/api/v1/plans/{id}/coverage", READERS, proofs::coverage);
    to.get("/api/v1/coverage", READERS, proofs::all_coverage);
    to.get("/api/v1/outcomes", READERS, tasks::outcomes);
    to.get("/api/v1/answers", READERS, tasks::answers);
    to.get("/api/v1/attempts", READERS, attempts::list);
    to.get("/api/v1/attempts/{id}", CASES, attempts::one);
    to.get("/api/v1/attempts/{id}/trace", TRACERS, traces::one);
    to.get("/api/v1/attempts/{id}/trace.txt", TRACERS, traces::text);
    to.get("/api/v1/attempts/{id}/trace.pcap", TRACERS, traces::capture);
    to.get("/api/v1/recordings", RECORDINGS, recordings::list);
    to.get("/api/v1/recordings/{id}/audio", LISTENERS, recordings::audio);
}

fn api_work(to: &mut Table) {
    use api::{accounts, attempts, callbacks, calling, description, events, steps, trunks};
    to.get("/api/v1/callbacks", QUEUE, callbacks::list);
    to.post("/api/v1/callbacks/{id}/take", QUEUE_WORKERS, callbacks::take);
    to.post("/api/v1/callbacks/{id}/finish", QUEUE_WORKERS, callbacks::finish);
    to.get("/api/v1/steps", STEPS, steps::list);
    to.get("/api/v1/steps/{id}", STEPS, steps::one);
    to.post("/api/v1/steps/{id}/take", STEP_WORKERS, steps::take);
    to.post("/api/v1/steps/{id}/carry", STEP_WORKERS, steps::carry);
    to.post("/api/v1/steps/{id}/finish", STEP_WORKERS, steps::finish);
    to.get("/api/v1/calling", EVERYONE, calling::state);
    to.post("/api/v1/calling/stop", STOPPERS, calling::stop);
    to.post("/api/v1/calling/resume", STOPPERS, calling::resume);
    to.get("/api/v1/live", READERS, attempts::live);
    to.get("/api/v1/trunks", READERS, trunks::list);
    to.get("/api/v1/alarms", READERS, trunks::alarms);
    to.get("/api/v1/board", READERS, events::board);
    to.get("/api/v1/events", READERS, events::stream);
    to.get("/api/v1/me", EVERYONE, accounts::me);
    to.get("/api/v1/openapi.json", EVERYONE, description::document);
    to.get("/api/v1/accounts", ADMINS, accounts::list);
    to.post("/api/v1/accounts", ADMINS, accounts::post);
    to.patch("/api/v1/accounts/{id}", ADMINS, accounts::patch);
    to.post("/api/v1/accounts/{id}/tokens", ADMINS, accounts::post_token);
    to.delete("/api/v1/accounts/{id}/tokens", ADMINS, accounts::delete_tokens);
}

fn console_doors(to: &mut Table) {
    use console::login;
    to.get("/login", Gate::Open, login::page);
    to.post("/login", Gate::Open, login::log_in);
    to.get("/language/{lang}", Gate::Open, login::language);
    to.post("/logout", EVERYONE, login::log_out);
    to.get("/", PEOPLE, login::home);
    to.get("/password", PEOPLE, login::password);
    to.post("/password", PEOPLE, login::change_password);
}

fn console_pages(to: &mut Table) {
    use console::{accounts, attempts, board, callbacks, certificate, overview, plan, plans, steps, tasks};
    to.get("/tasks/{id}/certificate", CASE_PEOPLE, certificate::page);
    to.get("/board", READING_PEOPLE, board::page);
    to.get("/overview", READING_PEOPLE, overview::page);
    to.get("/overview/switch", READING_PEOPLE, overview::switch);
    to.get("/overview/live", READING_PEOPLE, overview::live);
    to.get("/plans", READING_PEOPLE, plans::page);
    to.get("/plans/{id}", READING_PEOPLE, plan::page);
    to.get("/plans/{id}/dry-run", READING_PEOPLE, plan::dry_run);
    to.get("/attempts", READING_PEOPLE, attempts::page);
    to.get("/attempts/{id}", CASE_PEOPLE, attempts::one);
    to.get("/callbacks", QUEUE_PEOPLE, callbacks::page);
    to.get("/callbacks/{id}", QUEUE_PEOPLE, callbacks::one);
    to.get("/tasks", READING_PEOPLE, tasks::page);
    to.get("/tasks/{id}", READING_PEOPLE, tasks::one);
    to.get("/steps", QUEUE_PEOPLE, steps::page);
    to.get("/steps/{id}", QUEUE_PEOPLE, steps::one);
    to.get("/accounts", ADMINS, accounts::page);
}

fn console_acts(to: &mut Table) {
    use console::{accounts, callbacks, overview, plan, plans, steps};
    to.post("/calling/stop", STOPPERS, overview::stop);
    to.post("/calling/resume", STOPPERS, overview::resume);
    to.post("/plans", AUTHORS, plans::create);
    to.post("/plans/{id}/approve", APPROVERS, plans::approve);
    to.post("/plans/{id}/rehearse", AUTHORS, plan::rehearse);
    to.post("/plans/{id}/start", RUNNING_PEOPLE, plans::start);
    to.post("/plans/{id}/pause", RUNNING_PEOPLE, plans::pause);
    to.post("/plans/{id}/resume", RUNNING_PEOPLE, plans::resume);
    to.post("/plans/{id}/stop", RUNNING_PEOPLE, plans::stop);
    to.post("/callbacks/{id}/take", QUEUE_WORKERS, callbacks::take);
    to.post("/callbacks/{id}/finish", QUEUE_WORKERS, callbacks::finish);
    to.post("/steps/{id}/take", QUEUE_WORKERS, steps::take);
    to.post("/steps/{id}/carry", QUEUE_WORKERS, steps::carry);
    to.post("/steps/{id}/finish", QUEUE_WORKERS, steps::finish);
    to.post("/accounts", ADMINS, accounts::create);
    to.post("/accounts/{id}/active", ADMINS, accounts::active);
    to.post("/accounts/{id}/password", ADMINS, accounts::password);
    to.post("/accounts/{id}/tokens", ADMINS, accounts::token);
    to.post("/accounts/{id}/tokens/revoke", ADMINS, accounts::revoke);
}

fn console_customers(to: &mut Table) {
    use console::{customer, customers, imports};
    to.get("/customers", READING_PEOPLE, customers::page);
    to.get("/customers/alike", READING_PEOPLE, customers::alike);
    to.get("/customers/imports", READING_PEOPLE, imports::list);
    to.post("/customers/imports", IMPORTING_PEOPLE, imports::send).limit(FILE_LIMIT);
    to.get("/customers/imports/{id}", READING_PEOPLE, imports::one);
    to.get("/customers/imports/{id}/errors.csv", IMPORTING_PEOPLE, imports::errors_file);
    to.post("/customers/imports/{id}/carry-out", IMPORTING_PEOPLE, imports::carry_out);
    to.post("/customers/imports/{id}/drop", IMPORTING_PEOPLE, imports::drop_one);
    to.get("/customers/{id}", READING_PEOPLE, customer::page);
    to.post("/customers/{id}", KEEPING_PEOPLE, customer::change);
    to.post("/customers/{id}/opt-out", KEEPING_PEOPLE, customer::opt_out);
    to.post("/customers/{id}/withdraw-opt-out", ERASERS, customer::withdraw_opt_out);
    to.post("/customers/{id}/merge", KEEPING_PEOPLE, customer::merge);
    to.post("/customers/{id}/erase", ERASERS, customer::erase);
    to.post("/customers/{id}/waivers", KEEPING_PEOPLE, customer::register_waiver);
    to.post("/customers/waivers/{id}/revoke", KEEPING_PEOPLE, customer::revoke_waiver);
}

struct Table {
    side: Side,
    routes: Vec<Route>,
}

impl Table {
    fn add<H, T>(&mut self, method: Method, filter: MethodFilter, path: &'static str, gate: Gate, handler: H)
    where
        H: Handler<T, Front>,
        T: 'static,
    {
        self.routes.push(Route { method, path, gate, side: self.side, handler: on(filter, handler) });
    }

    fn get<H: Handler<T, Front>, T: 'static>(&mut self, path: &'static str, gate: Gate, handler: H) {
        self.add(Method::GET, MethodFilter::GET, path, gate, handler);
    }

    fn post<H: Handler<T, Front>, T: 'static>(
        &mut self,
        path: &'static str,
        gate: Gate,
        handler: H,
    ) -> &mut Self {
        self.add(Method::POST, MethodFilter::POST, path, gate, handler);
        self
    }

    fn put<H: Handler<T, Front>, T: 'static>(&mut self, path: &'static str, gate: Gate, handler: H) {
        self.add(Method::PUT, MethodFilter::PUT, path, gate, handler);
    }

    fn patch<H: Handler<T, Front>, T: 'static>(&mut self, path: &'static str, gate: Gate, handler: H) {
        self.add(Method::PATCH, MethodFilter::PATCH, path, gate, handler);
    }

    fn delete<H: Handler<T, Front>, T: 'static>(&mut self, path: &'static str, gate: Gate, handler: H) {
        self.add(Method::DELETE, MethodFilter::DELETE, path, gate, handler);
    }

    /// Of the route added last.
    fn limit(&mut self, bytes: usize) {
        if let Some(mut last) = self.routes.pop() {
            last.handler = last.handler.layer(DefaultBodyLimit::max(bytes));
            self.routes.push(last);
        }
    }
}
