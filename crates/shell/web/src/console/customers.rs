//! Customers: search, and the way to an import.

use askama::Template;
use axum::extract::State;
use ports::{Alike, Page, PageOf};
use records::Customer;
use serde::Deserialize;

use super::ui::{Ui, page as show};
use crate::extract::Asked;
use crate::front::Front;
use crate::problem::Reply;

const ROWS: u32 = 50;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Search {
    search: String,
    before: Option<uuid::Uuid>,
}

#[derive(Template)]
#[template(path = "customers.html")]
struct CustomersPage {
    ui: Ui,
    part: PageOf<Customer>,
    search: String,
}

pub(crate) async fn page(State(front): State<Front>, ui: Ui, Asked(search): Asked<Search>) -> Reply {
    let text = Some(search.search.trim()).filter(|text| !text.is_empty());
    let part = front.desk.overview.customers(text, Page { before: search.before, limit: ROWS }).await?;
    show(&CustomersPage { ui, part, search: search.search })
}

/// Which part of the list.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Part {
    before: Option<uuid::Uuid>,
}

#[derive(Template)]
#[template(path = "alike.html")]
struct AlikePage {
    ui: Ui,
    part: PageOf<Alike>,
}

/// Those who may be one, over all customers.
pub(crate) async fn alike(State(front): State<Front>, ui: Ui, Asked(part): Asked<Part>) -> Reply {
    let part = front.desk.customers.alike(Page { before: part.before, limit: ROWS }).await?;
    show(&AlikePage { ui, part })
}
