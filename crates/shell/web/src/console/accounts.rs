//! Accounts, for admins.

use askama::Template;
use axum::extract::State;
use records::{Account, AccountId, Role};
use serde::Deserialize;

use super::signed::Signed;
use super::ui::{Ui, go, page as show};
use crate::act::{self, AccountAsked};
use crate::auth::Caller;
use crate::extract::At;
use crate::front::Front;
use crate::problem::Reply;

#[derive(Template)]
#[template(path = "accounts.html")]
struct AccountsPage {
    ui: Ui,
    accounts: Vec<Account>,
    /// Shown this once.
    token: Option<String>,
}

impl AccountsPage {
    fn own(&self, account: &Account) -> bool {
        self.ui.account.as_ref().is_some_and(|own| own.id == account.id)
    }
}

#[derive(Deserialize)]
pub(crate) struct NewAccountForm {
    login: String,
    name: String,
    role: Role,
    #[serde(default)]
    password: String,
}

#[derive(Deserialize)]
pub(crate) struct ActiveForm {
    active: bool,
}

#[derive(Deserialize)]
pub(crate) struct PasswordForm {
    password: String,
}

#[derive(Deserialize)]
pub(crate) struct TokenForm {
    label: String,
}

#[derive(Deserialize)]
pub(crate) struct Empty {}

pub(crate) async fn page(State(front): State<Front>, ui: Ui) -> Reply {
    show(&AccountsPage { ui, accounts: front.desk.accounts.accounts().await?, token: None })
}

pub(crate) async fn create(
    State(front): State<Front>,
    caller: Caller,
    Signed(form): Signed<NewAccountForm>,
) -> Reply {
    let asked =
        AccountAsked { login: form.login, name: form.name, role: form.role, password: Some(form.password) };
    act::create_account(&front, &caller, asked).await?;
    go("/accounts")
}

pub(crate) async fn active(
    State(front): State<Front>,
    caller: Caller,
    At(id): At<AccountId>,
    Signed(form): Signed<ActiveForm>,
) -> Reply {
    act::set_active(&front, &caller, id, form.active).await?;
    go("/accounts")
}

pub(crate) async fn password(
    State(front): State<Front>,
    caller: Caller,
    At(id): At<AccountId>,
    Signed(form): Signed<PasswordForm>,
) -> Reply {
    act::set_password(&front, &caller, id, &form.password).await?;
    go("/accounts")
}

pub(crate) async fn token(
    State(front): State<Front>,
    caller: Caller,
    ui: Ui,
    At(id): At<AccountId>,
    Signed(form): Signed<TokenForm>,
) -> Reply {
    let secret = act::issue_token(&front, &caller, id, &form.label, None).await?;
    let accounts = front.desk.accounts.accounts().await?;
    show(&AccountsPage { ui, accounts, token: Some(secret.text().to_owned()) })
}

pub(crate) async fn revoke(
    State(front): State<Front>,
    caller: Caller,
    At(id): At<AccountId>,
    Signed(Empty {}): Signed<Empty>,
) -> Reply {
    act::revoke_tokens(&front, &caller, id).await?;
    go("/accounts")
}
