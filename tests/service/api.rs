//! The REST API as a machine uses it.

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::wait::until;

/// A client with a token.
pub(crate) struct Api {
    client: reqwest::Client,
    base: String,
    token: String,
}

/// A line of Server-Sent Events.
pub(crate) struct EventLine {
    answer: reqwest::Response,
    /// All that came so far.
    pub(crate) heard: String,
    read: usize,
}

impl EventLine {
    /// The data of the next event of this name; others before it are passed over.
    pub(crate) async fn until(&mut self, name: &str) -> Value {
        loop {
            while let Some(length) = self.heard[self.read..].find("\n\n") {
                let event = self.heard[self.read..self.read + length].to_owned();
                self.read += length + 2;
                let field = |key: &str| event.lines().find_map(|line| line.strip_prefix(key));
                if field("event: ") == Some(name) {
                    return serde_json::from_str(field("data: ").unwrap()).unwrap();
                }
            }
            let chunk = tokio::time::timeout(Duration::from_secs(60), self.answer.chunk()).await;
            let chunk = chunk.unwrap_or_else(|_| panic!("no {name} in time: {}", self.heard));
            self.heard.push_str(&String::from_utf8_lossy(&chunk.unwrap().expect("the line goes on")));
        }
    }
}

/// An answer, whatever it says.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Reply {
    /// The body of an answer that must be a good one.
    pub(crate) fn good(self) -> Value {
        assert!((200..300).contains(&self.status), "{self:?}");
        self.body
    }
}

impl Api {
    pub(crate) fn new(http: SocketAddr, token: &str) -> Self {
        let client = reqwest::Client::builder().timeout(Duration::from_secs(30)).build().unwrap();
        Self { client, base: format!("http://{http}"), token: token.to_owned() }
    }

    /// Of a path such as `/readyz` or `/api/v1/plans`.
    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Reply {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    pub(crate) async fn import(&self, csv: &str) -> Reply {
        let request = self.request(Method::POST, "/api/v1/customers/import");
        self.send(request.header("content-type", "text/csv").body(csv.to_owned())).await
    }

    /// The bytes behind a path.
    pub(crate) async fn bytes(&self, path: &str) -> Vec<u8> {
        let answer = self.request(Method::GET, path).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.bytes().await.unwrap().to_vec()
    }

    /// Listens to the events from now on.
    pub(crate) async fn events(&self) -> EventLine {
        let client = reqwest::Client::new();
        let request = client.get(format!("{}/api/v1/events", self.base)).bearer_auth(&self.token);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        EventLine { answer, heard: String::new(), read: 0 }
    }

    /// The items of a list.
    pub(crate) async fn items(&self, list: &str) -> Vec<Value> {
        self.get(&format!("/api/v1/{list}")).await.good()["items"].as_array().unwrap().clone()
    }

    /// Imports customers as (external id, name, number), and has them called by a plan.
    pub(crate) async fn start_calling(&self, customers: &[(&str, &str, &str)], plan: &Value) -> String {
        let rows: Vec<String> =
            customers.iter().map(|(id, name, number)| format!("{id},{name},{number}")).collect();
        self.import(&format!("external_id,name,number\n{}\n", rows.join("\n"))).await.good();
        let (id, tasks) = self.start_plan(plan).await;
        assert_eq!(tasks, customers.len() as u64);
        id
    }

    /// Has whom a plan names called by it. Answers its id, and how many tasks it began with.
    pub(crate) async fn start_plan(&self, plan: &Value) -> (String, u64) {
        let plan = self.post("/api/v1/plans", plan).await.good();
        let id = plan["id"].as_str().unwrap().to_owned();
        self.post(&format!("/api/v1/plans/{id}/approve"), &json!({})).await.good();
        let started = self.post(&format!("/api/v1/plans/{id}/start"), &json!({})).await.good();
        (id, started["tasks_created"].as_u64().unwrap())
    }

    /// Waits until `wanted` attempts exist and every one has ended.
    pub(crate) async fn ended_attempts(&self, within: Duration, wanted: usize) -> Vec<Value> {
        until(within, "all attempts have ended", || async {
            let attempts = self.items("attempts").await;
            let over = attempts.iter().all(|attempt| attempt["reason"].is_string());
            (over && attempts.len() >= wanted).then_some(attempts)
        })
        .await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token)
    }

    async fn send(&self, request: RequestBuilder) -> Reply {
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Reply { status, body }
    }
}

/// A plan that asks `quick` of everyone at any hour, with this call policy.
pub(crate) fn quick_plan(call: &Value) -> Value {
    json!({
        "name": "快速回访",
        "questionnaire": "quick",
        "audience": "everyone",
        "policy": {
            "windows": {"spans": ["00:00-24:00"], "working_days_only": false, "outer": "00:00-24:00"},
            "retry": {"attempts": 3, "slot": 3600, "half_days": 1, "line_retry": 1, "gap": 0},
            "call": call
        }
    })
}
