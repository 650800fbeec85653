//! The virtual carrier as a process, its customers and its journal.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use carrier::{Entry, Event};

use super::process::Process;
use super::site::Site;
use super::wait::until;

/// A customer who answers whatever is asked: identity, product, service, and hangs up after the closing.
pub(crate) const SATISFIED: &str = "{answer: {after: 200ms, steps: [wait_for_prompt_end, {press: \"1\"}, \
     wait_for_prompt_end, {press: \"1\"}, wait_for_prompt_end, {press: \"1\"}, wait_for_prompt_end, hang_up]}}";
/// A customer who says who they are and then only listens.
pub(crate) const LISTENS: &str =
    "{answer: {after: 200ms, steps: [wait_for_prompt_end, {press: \"1\"}, stay_until_hung_up]}}";

/// A running carrier.
pub(crate) struct Carrier {
    pub(crate) process: Process,
    journal: PathBuf,
}

impl Carrier {
    /// Starts it at the site's trunk address, with customers as (number, behaviour). `trunk` is the script's section
    /// of credentials, or empty.
    pub(crate) async fn start(site: &Site, trunk: &str, customers: &[(&str, &str)]) -> Self {
        Self::start_at(site, "carrier", site.peer, trunk, customers).await
    }

    /// The same at another address, for a site with several trunks.
    pub(crate) async fn start_at(
        site: &Site,
        name: &str,
        peer: SocketAddr,
        trunk: &str,
        customers: &[(&str, &str)],
    ) -> Self {
        let customers: Vec<String> = customers
            .iter()
            .map(|(number, behaviour)| format!("  {{number: \"{number}\", attempts: [{behaviour}]}}"))
            .collect();
        let script = format!(
            "{trunk}habits: {{prompt_end: 300ms, patience: 60s}}\ncustomers: [\n{}\n]\n",
            customers.join(",\n")
        );
        let (file, journal) = (site.path(&format!("{name}.yaml")), site.path(&format!("{name}.jsonl")));
        std::fs::write(&file, script).unwrap();
        let listen = peer.to_string();
        let arguments = [
            "carrier",
            "--listen",
            &listen,
            "--script",
            file.to_str().unwrap(),
            "--log",
            journal.to_str().unwrap(),
        ];
        let process = Process::start(name, site.folder(), Site::bare(&arguments));
        let mut carrier = Self { process, journal };
        until(Duration::from_secs(20), "the carrier listens", || {
            carrier.process.must_run();
            std::future::ready(carrier.process.stdout().contains("listens on").then_some(()))
        })
        .await;
        carrier
    }

    /// Everything that happened so far.
    pub(crate) fn journal(&self) -> Vec<Entry> {
        let text = std::fs::read_to_string(&self.journal).unwrap_or_default();
        // The last line may be half written.
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// How often the journal holds an event.
    pub(crate) fn count(&self, wanted: impl Fn(&Event) -> bool) -> usize {
        self.journal().iter().filter(|entry| wanted(&entry.event)).count()
    }

    /// Calls that came in.
    pub(crate) fn calls(&self) -> usize {
        self.count(|event| matches!(event, Event::Called { .. }))
    }

    /// Calls that are over.
    pub(crate) fn ended(&self) -> usize {
        self.count(|event| matches!(event, Event::Ended { .. }))
    }

    /// Waits until an event has happened `times`.
    pub(crate) async fn sees(
        &self,
        within: Duration,
        what: &str,
        times: usize,
        wanted: impl Fn(&Event) -> bool,
    ) {
        until(within, what, || std::future::ready((self.count(&wanted) >= times).then_some(()))).await;
    }
}
