//! Postgres goes away in the middle of a call: the interview goes on, and what was answered is there afterwards.

mod service;

use std::time::Duration;

use carrier::{EndedBy, Event};
use serde_json::{Value, json};
use service::{Carrier, Server, Site, quick_plan, until};

/// Answers the first question a while after hearing it, then the second with a complaint about the service.
const TAKES_TIME: &str = "{answer: {after: 200ms, steps: [wait_for_prompt_end, {press: \"1\"}, \
     wait_for_prompt_end, {silence: 4s}, {press: \"1\"}, wait_for_prompt_end, {press: \"2\"}, \
     wait_for_prompt_end, hang_up]}}";

struct Outage {
    server: Server,
    site: Site,
    carrier: Carrier,
}

/// A service in a call whose database has just crashed while the customer thinks about the first question.
async fn outage_in_a_call() -> (service::Process, service::Api, Outage) {
    let mut site = Site::new();
    let server = Server::start(&site);
    site.database_url = Some(server.url());
    let carrier = Carrier::start(&site, "", &[("13800138000", TAKES_TIME)]).await;
    let serve = site.serve().await;
    let api = site.admin().await;
    site.ready(&api).await;
    let plan = quick_plan(&json!({"ring_time": 5, "longest_call": 60, "hang_up_grace": 3}));
    api.start_calling(&[("C1", "王小明", "13800138000")], &plan).await;
    // The notice and the gate are heard as one prompt, the question is the second.
    carrier
        .sees(Duration::from_secs(20), "the question was heard", 2, |event| *event == Event::HeardPrompt)
        .await;
    server.crash();
    (serve, api, Outage { server, site, carrier })
}

impl Outage {
    /// The customer gives both answers, hears the closing and hangs up, all without a database.
    async fn call_ends_in_it(&self) {
        let over = |event: &Event| matches!(event, Event::Ended { .. });
        self.carrier.sees(Duration::from_secs(40), "the call has ended", 1, over).await;
        let last = self.carrier.journal().pop().unwrap();
        let Event::Ended { by, keys, .. } = last.event else { panic!("{last:?}") };
        assert_eq!((by, keys.as_str()), (EndedBy::Customer, "112"), "the interview went on");
        assert!(self.site.journal_waiting() >= 2, "both answers lie on disk");
    }

    /// What Postgres holds is what the customer said, once.
    async fn holds_everything(&self, api: &service::Api) {
        let attempts = api.ended_attempts(Duration::from_secs(60), 1).await;
        assert_eq!(attempts.len(), 1, "{attempts:#?}");
        let attempt = until(Duration::from_secs(20), "both answers and the recording are there", || async {
            let attempt = api.items("attempts").await.pop()?;
            let whole = attempt["answers"].as_array().is_some_and(|answers| answers.len() == 2)
                && attempt["recording"].is_object();
            whole.then_some(attempt)
        })
        .await;
        let mut answers: Vec<(&str, &str)> =
            attempt["answers"].as_array().unwrap().iter().map(said).collect();
        answers.sort_unstable();
        assert_eq!(answers, [("product", "satisfied"), ("service", "poor")]);
        until(Duration::from_secs(20), "nothing waits any more", || {
            std::future::ready((self.site.journal_waiting() == 0).then_some(()))
        })
        .await;
        let rejected = std::fs::read_dir(self.site.data.join("journal/rejected")).unwrap().count();
        assert_eq!(rejected, 0, "an entry was refused");
        assert_eq!(self.carrier.calls(), 1, "the customer was called again");
    }
}

fn said(answer: &Value) -> (&str, &str) {
    (answer["question"].as_str().unwrap(), answer["value"].as_str().unwrap())
}

#[tokio::test]
async fn answers_given_meanwhile_are_kept_and_the_call_is_known_to_be_completed() {
    let (serve, api, outage) = outage_in_a_call().await;
    assert_eq!(api.get("/readyz").await.status, 503, "a service without its database is not ready");
    outage.call_ends_in_it().await;
    outage.server.resume();
    outage.holds_everything(&api).await;

    let attempt = api.items("attempts").await.pop().unwrap();
    assert_eq!(attempt["reason"], "completed", "{attempt:#}");
    let callbacks = api.items("callbacks").await;
    assert_eq!(callbacks.len(), 1, "a dissatisfied customer is somebody's work: {callbacks:#?}");
    assert_eq!(callbacks[0]["cause"], "flagged");
    let log = serve.stderr();
    assert!(log.contains("kept in the journal") && log.contains("journal entries were taken"), "{log}");
    assert!(!log.contains("postgres-secret"), "the password is in the log:\n{log}");
}

#[tokio::test]
async fn answers_survive_even_the_end_of_the_service_before_the_database_is_back() {
    let (serve, api, outage) = outage_in_a_call().await;
    outage.call_ends_in_it().await;
    until(Duration::from_secs(60), "reason and recording lie on disk as well", || {
        let journal = std::fs::read_dir(outage.site.data.join("journal")).unwrap().flatten();
        let kept: String = journal.filter_map(|file| std::fs::read_to_string(file.path()).ok()).collect();
        let all = kept.contains("\"entry\":\"closing\"") && kept.contains("\"entry\":\"recording\"");
        std::future::ready(all.then_some(()))
    })
    .await;
    serve.kill_dead().await;
    outage.server.resume();
    let _serve = outage.site.serve().await;
    outage.holds_everything(&api).await;
    assert_eq!(api.items("attempts").await[0]["reason"], "completed");
}
