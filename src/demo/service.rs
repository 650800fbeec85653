//! The demo's operator: configures, starts and drives the service as a person would, by command line and REST.

use std::path::PathBuf;
use std::time::Duration;

use records::PlanId;
use reqwest::Client;
use serde_json::{Value, json};

use super::DemoError;
use super::processes::{Children, ProcessError, command, free_tcp_port, free_udp_port};
use super::scenario::Scenario;
use crate::app::{Database, DatabaseError};
use crate::config;

/// A start takes this long at most: the cluster is made and some ninety prompts are rendered.
const START_PATIENCE: Duration = Duration::from_secs(90);
/// As many lines as there is work for on two cores without a wait.
const LINES: u32 = 60;

/// The service does not answer as it should.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// No answer.
    #[error("{0} does not answer: {1}")]
    Silent(String, reqwest::Error),
    /// Another answer than expected.
    #[error("{path} answers {status}: {body}")]
    Refused { path: String, status: u16, body: String },
    /// It does not become ready.
    #[error("the service was not ready after {0} s: {1}")]
    NotReady(u64, String),
}

/// Whoever runs the survey, and whoever approves it.
pub(super) struct Operator {
    client: Client,
    base: String,
    planner: String,
    supervisor: String,
    admin_password: String,
    config: config::Config,
}

impl Operator {
    /// Starts carrier and service and waits until calls can be placed.
    pub(super) async fn start(scenario: &Scenario, children: &mut Children) -> Result<Self, DemoError> {
        let carrier = format!("127.0.0.1:{}", free_udp_port()?);
        let script = scenario.script_file.display().to_string();
        let journal = children.carrier_journal().display().to_string();
        children
            .start("carrier", &["carrier", "--listen", &carrier, "--script", &script, "--log", &journal])?;

        let http = format!("127.0.0.1:{}", free_tcp_port()?);
        let file = children.config_file();
        std::fs::write(&file, configuration(children, scenario, &carrier, &http, free_udp_port()?))
            .map_err(|error| ProcessError::Folder(file.clone(), error))?;
        let file = file.display().to_string();
        children.start("service", &["serve", "--config", &file])?;

        let base = format!("http://{http}");
        let client = Client::new();
        ready(&client, &base, children).await?;
        let account = |arguments: &[&str]| {
            let all = [&["account"], arguments, &["--config", &file]].concat();
            command(&all)
        };
        account(&["add", "planner", "--role", "planner", "--name", "计划员"])?;
        account(&["add", "supervisor", "--role", "supervisor", "--name", "主管"])?;
        Ok(Self {
            client,
            base,
            planner: account(&["token", "planner", "--label", "demo"])?,
            supervisor: account(&["token", "supervisor", "--label", "demo"])?,
            admin_password: account(&["password", "admin"])?,
            config: config::load(Some(&PathBuf::from(&file)))
                .map_err(|error| ProcessError::Command("serve".to_owned(), error.to_string()))?,
        })
    }

    /// Imports the customers, writes the plan, has another person approve it, and starts it.
    pub(super) async fn start_plan(&self, scenario: &Scenario) -> Result<PlanId, DemoError> {
        let import = self
            .client
            .post(format!("{}/api/v1/customers/import", self.base))
            .header("content-type", "text/csv")
            .body(scenario.csv.clone());
        let imported = self.send(import, &self.planner).await?;
        println!("customers imported: {imported}");
        let plan = self.post("plans", &self.planner, &plan()).await?;
        let id = plan["id"].as_str().unwrap_or_default().to_owned();
        self.post(&format!("plans/{id}/approve"), &self.supervisor, &json!({})).await?;
        let started = self.post(&format!("plans/{id}/start"), &self.planner, &json!({})).await?;
        println!("plan started: {} tasks\n", started["tasks_created"]);
        id.parse().map_err(|_| {
            ApiError::Refused { path: "plans".to_owned(), status: 201, body: plan.to_string() }.into()
        })
    }

    /// The database behind the service.
    pub(super) async fn database(&self) -> Result<Database, DatabaseError> {
        Database::open(&self.config).await
    }

    /// Says where to look while the service is left running.
    pub(super) fn announce(&self, children: &Children) {
        println!(
            "The service keeps running. Console: {}/  login: admin  password: {}",
            self.base, self.admin_password
        );
        let pids: Vec<String> = children.pids().iter().map(ToString::to_string).collect();
        println!("End it with: kill {}\n", pids.join(" "));
    }

    async fn post(&self, path: &str, token: &str, body: &Value) -> Result<Value, ApiError> {
        self.send(self.client.post(format!("{}/api/v1/{path}", self.base)).json(body), token).await
    }

    async fn send(&self, request: reqwest::RequestBuilder, token: &str) -> Result<Value, ApiError> {
        let silent = |error: reqwest::Error| ApiError::Silent(self.base.clone(), error);
        let answer = request.bearer_auth(token).send().await.map_err(silent)?;
        let (status, path) = (answer.status(), answer.url().path().to_owned());
        let body = answer.text().await.map_err(silent)?;
        if !status.is_success() {
            return Err(ApiError::Refused { path, status: status.as_u16(), body });
        }
        Ok(serde_json::from_str(&body).unwrap_or(Value::Null))
    }
}

/// Waits until the service says it can call.
async fn ready(client: &Client, base: &str, children: &mut Children) -> Result<(), DemoError> {
    let deadline = tokio::time::Instant::now() + START_PATIENCE;
    let mut said = String::new();
    while tokio::time::Instant::now() < deadline {
        children.all_alive()?;
        match client.get(format!("{base}/readyz")).send().await {
            Ok(answer) if answer.status().is_success() => return Ok(()),
            Ok(answer) => said = answer.text().await.unwrap_or_default(),
            Err(error) => said = error.to_string(),
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Err(ApiError::NotReady(START_PATIENCE.as_secs(), said).into())
}

/// A satisfaction survey that may call at any hour, with waiting times for a demonstration.
fn plan() -> Value {
    json!({
        "name": "产品与服务满意度回访（演示）",
        "questionnaire": "satisfaction",
        "audience": "everyone",
        "policy": {
            "windows": { "spans": ["00:00-24:00"], "working_days_only": false, "outer": "00:00-24:00" },
            "retry": {
                "attempts": 3, "slot": 6, "half_days": 1, "soon": 7, "soon_retries": 1, "other_day": 8,
                "days_later": 8, "line_retry": 3, "rejected_attempts": 2, "later_today": 8
            },
            "call": { "ring_time": 4, "setup_limit": 12, "hang_up_grace": 5, "longest_call": 90, "no_media": 5 }
        }
    })
}

fn configuration(
    children: &Children,
    scenario: &Scenario,
    carrier: &str,
    http: &str,
    sip_port: u16,
) -> String {
    let credentials = scenario.trunk().map_or_else(String::new, |trunk| {
        format!(
            "user = \"{}\"\npassword = \"{}\"\nrealm = \"{}\"\n",
            trunk.username, trunk.password, trunk.realm
        )
    });
    let data = children.dir().join("data");
    format!(
        "[data]\ndir = \"{data}\"\nminimum_free_mib = 64\n\n\
         [http]\nlisten = \"{http}\"\n\n\
         [sip]\nlisten = \"127.0.0.1:{sip_port}\"\n\n\
         [trunk.demo]\npeer = \"{carrier}\"\n{credentials}caller = \"4008001234\"\n\
         lines = {LINES}\ncps = 20\noptions_seconds = 5\n\n\
         [media]\nbind = \"127.0.0.1\"\nports = \"40000-40999\"\n\n\
         [speech]\ncommand = [\"espeak-ng\", \"-v\", \"{{voice}}\", \"-s\", \"260\", \"-w\", \"{{out}}\", \"-f\", \"{{text_file}}\"]\n\n\
         [questionnaires.variables]\ncompany = \"晨光电器\"\n\n\
         [dialer]\npoll_ms = 250\n",
        data = data.display(),
    )
}
