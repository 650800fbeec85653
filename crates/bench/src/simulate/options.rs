//! What a run is told by its command line and environment.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Parser;

/// Lives through a year of several plans in virtual time, and asserts their rules at every step
#[derive(Clone, Debug, Parser)]
pub struct Options {
    /// Customers; every plan carries each of them
    #[arg(long, env = "HUIFANG_SIMULATE_CUSTOMERS", value_name = "N", default_value_t = 100_000)]
    pub customers: u32,
    /// Shipped presets, parted by commas
    #[arg(long, value_delimiter = ',', default_value = "w-signed,w-yearly,l-delivered,s-installed,h-repair")]
    pub plans: Vec<String>,
    /// The first day of the year
    #[arg(long, default_value = "2026-01-01")]
    pub from: NaiveDate,
    /// Lines of the trunk; none given: one for each 800 customers, ten at least
    #[arg(long, value_name = "N")]
    pub lines: Option<u32>,
    /// People behind the calls; none given: one for each 2,000 customers, two at least
    #[arg(long, value_name = "N")]
    pub agents: Option<u32>,
    /// Seconds between two looks for due tasks while there is something to call
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    pub poll: u32,
    /// The same seed gives the same year
    #[arg(long, env = "HUIFANG_SIMULATE_SEED", default_value_t = 2026)]
    pub seed: u64,
    /// Where figures and picture are left
    #[arg(long, value_name = "DIR", default_value = "target/simulate")]
    pub out: PathBuf,
}

impl Options {
    /// Lines of the trunk.
    pub fn lines(&self) -> u32 {
        self.lines.unwrap_or((self.customers / 800).max(10))
    }

    /// People behind the calls.
    pub fn agents(&self) -> u32 {
        self.agents.unwrap_or((self.customers / 2_000).max(2))
    }

    /// The last day of the year.
    pub fn to(&self) -> NaiveDate {
        self.from + chrono::Months::new(12) - chrono::Days::new(1)
    }
}
