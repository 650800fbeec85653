//! `huifang account`: for the operator who has a shell, also when the console's password is lost.

use clap::{Args, Subcommand};
use records::Role;

use super::{ConfigFile, Failure};
use crate::app::{Database, accounts};

#[derive(Args)]
pub(super) struct Account {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    file: ConfigFile,
}

#[derive(Subcommand)]
enum Action {
    /// Create an account; its password is made up and shown once
    Add {
        login: String,
        /// admin, planner, agent, supervisor, auditor or integration
        #[arg(long)]
        role: Role,
        /// Name shown in the console; the login where absent
        #[arg(long)]
        name: Option<String>,
    },
    /// Make up a new password for an account and show it once
    Password { login: String },
    /// Make an API token for an account and show it once
    Token {
        login: String,
        /// What the token is for
        #[arg(long)]
        label: String,
    },
}

impl Account {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let config = self.file.load()?;
        let database = Database::open(&config).await?;
        let shown = match &self.action {
            Action::Add { login, role, name } => {
                accounts::add(&*database.store, login, name.as_deref().unwrap_or(login), *role).await
            }
            Action::Password { login } => accounts::new_password(&*database.store, login).await,
            Action::Token { login, label } => accounts::new_token(&*database.store, login, label).await,
        };
        database.close().await;
        println!("{}", shown?);
        Ok(())
    }
}
