//! The service's REST API, as a machine uses it.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};

use super::BenchError;

/// The import of ten thousand customers takes the longest.
const PATIENCE: Duration = Duration::from_secs(120);

/// A client, with a token once there is one.
pub(super) struct Api {
    client: reqwest::Client,
    /// Asking is all that this thread does meanwhile.
    runtime: tokio::runtime::Runtime,
    base: String,
    pub(super) token: String,
}

impl Api {
    pub(super) fn new(http: SocketAddr) -> Result<Self, BenchError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| BenchError::Start { name: "the HTTP client", error })?;
        let client = reqwest::Client::builder().timeout(PATIENCE).build()?;
        Ok(Self { client, runtime, base: format!("http://{http}"), token: String::new() })
    }

    /// Whether a path answers well; an answer that does not come is none.
    pub(super) fn is_good(&self, path: &str) -> bool {
        let request = self.client.get(format!("{}{path}", self.base));
        // Its timer wants the runtime from the beginning.
        let asked = self.runtime.block_on(async { request.send().await });
        asked.is_ok_and(|answer| answer.status().is_success())
    }

    pub(super) fn post(&self, path: &str, body: &Value) -> Result<Value, BenchError> {
        let text = self.send(self.client.post(format!("{}/api/v1/{path}", self.base)).json(body))?;
        Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// Customers from CSV.
    pub(super) fn import(&self, csv: String) -> Result<(), BenchError> {
        let request = self.client.post(format!("{}/api/v1/customers/import", self.base));
        self.send(request.header("content-type", "text/csv").body(csv)).map(drop)
    }

    /// Writes, approves and starts a plan for a class of customers; answers its id.
    pub(super) fn start_plan(&self, class: &str) -> Result<String, BenchError> {
        let plan = self.post("plans", &plan(class))?;
        let id = plan["id"].as_str().unwrap_or_default().to_owned();
        self.post(&format!("plans/{id}/approve"), &json!({}))?;
        self.post(&format!("plans/{id}/start"), &json!({}))?;
        Ok(id)
    }

    /// No further call of a plan; those that are up go on.
    pub(super) fn stop_plan(&self, id: &str) -> Result<(), BenchError> {
        self.post(&format!("plans/{id}/stop"), &json!({})).map(drop)
    }

    fn send(&self, request: reqwest::RequestBuilder) -> Result<String, BenchError> {
        self.runtime.block_on(async {
            let answer = request.bearer_auth(&self.token).send().await?;
            let (status, path) = (answer.status(), answer.url().path().to_owned());
            let body = answer.text().await?;
            if status.is_success() {
                Ok(body)
            } else {
                Err(BenchError::Refused { path, status: status.as_u16(), body })
            }
        })
    }
}

/// The bench's questionnaire, asked once, at any hour.
fn plan(class: &str) -> Value {
    json!({
        "name": format!("bench: {class}"),
        "questionnaire": super::questionnaire::NAME,
        "audience": {"class": class},
        "policy": {
            "windows": {"spans": ["00:00-24:00"], "working_days_only": false, "outer": "00:00-24:00"},
            "retry": {"attempts": 1, "half_days": 1},
            "call": {"hang_up_grace": 60, "longest_call": 300}
        }
    })
}
