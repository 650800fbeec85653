//! The scenario: the carrier's script and the customers' file, checked to belong together.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use carrier::{Customer, Script, ScriptError};
use records::Number;

/// What the virtual customers do, and who they are.
pub(super) struct Scenario {
    pub(super) script_file: PathBuf,
    pub(super) csv: String,
    script: Script,
}

/// The scenario cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    #[error(transparent)]
    Script(#[from] ScriptError),
    /// The customers' file cannot be read.
    #[error("the demo's customers {0} cannot be read: {1}. Run it from the repository, or give --scenario")]
    Customers(PathBuf, std::io::Error),
}

impl Scenario {
    pub(super) fn load(folder: &Path) -> Result<Self, ScenarioError> {
        let csv_file = folder.join("customers.csv");
        let csv =
            std::fs::read_to_string(&csv_file).map_err(|error| ScenarioError::Customers(csv_file, error))?;
        let script_file = folder.join("script.yaml");
        let script = Script::load(&script_file)?;
        Ok(Self { script_file, csv, script })
    }

    /// How many customers there are.
    pub(super) fn customers(&self) -> usize {
        self.script.customers.len()
    }

    /// The script of every number.
    pub(super) fn by_number(&self) -> BTreeMap<&Number, &Customer> {
        self.script.customers.iter().map(|customer| (&customer.number, customer)).collect()
    }

    /// What the carrier asks of whoever calls.
    pub(super) fn trunk(&self) -> Option<&carrier::Trunk> {
        self.script.trunk.as_ref()
    }
}
