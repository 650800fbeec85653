//! The claiming processes, told by the bench what to do and when.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::options::Measure;
use super::worker::{Done, Order, URL};
use super::{DialerBenchError, server::Server};

/// All of them; ended with this value.
pub(super) struct Workers(Vec<Worker>);

struct Worker {
    child: Child,
    orders: Option<ChildStdin>,
    said: BufReader<ChildStdout>,
}

impl Workers {
    /// Starts them and waits until each is connected.
    pub(super) fn start(options: &Measure, server: &Server) -> Result<Self, DialerBenchError> {
        let mut workers = Self(Vec::new());
        for nth in 0..options.processes {
            let mut child = Command::new(std::env::current_exe()?)
                .args(["work", "--node", &format!("node-{nth}"), "--batch", &options.batch.to_string()])
                .env(URL, &server.url)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()?;
            let (orders, said) = (child.stdin.take(), child.stdout.take());
            let said = BufReader::new(said.expect("it is piped"));
            workers.0.push(Worker { child, orders, said });
        }
        for worker in &mut workers.0 {
            let line = worker.line()?;
            if line.trim() != "ready" {
                return Err(DialerBenchError::Worker(line));
            }
        }
        Ok(workers)
    }

    /// Has all do the same at once.
    pub(super) fn all(&mut self, order: Order) -> Result<Vec<Done>, DialerBenchError> {
        let line = serde_json::to_string(&order).expect("an order is JSON") + "\n";
        for worker in &mut self.0 {
            if let Some(orders) = &mut worker.orders {
                orders.write_all(line.as_bytes())?;
            }
        }
        let done = self.0.iter_mut().map(|worker| {
            let line = worker.line()?;
            serde_json::from_str(&line).map_err(|_| DialerBenchError::Worker(line))
        });
        done.collect()
    }

    pub(super) fn pids(&self) -> Vec<u32> {
        self.0.iter().map(|worker| worker.child.id()).collect()
    }
}

impl Worker {
    fn line(&mut self) -> Result<String, DialerBenchError> {
        let mut line = String::new();
        self.said.read_line(&mut line)?;
        Ok(line)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.orders.take());
        let _ = self.child.wait();
    }
}
