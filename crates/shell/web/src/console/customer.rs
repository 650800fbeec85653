//! One customer: the record, and what people do with it.

use askama::Template;
use axum::extract::State;
use chrono::NaiveDate;
use intake::{EVENTS, ROLES, RawContact, RawRow};
use ports::Twin;
use records::{
    Channel, Customer, CustomerId, Declared, NewWaiver, Plan, PlanId, Signature, Waiver, WaiverId,
};
use serde::Deserialize;

use super::imports::tongue;
use super::signed::Signed;
use super::ui::{Ui, go, page as show};
use crate::act;
use crate::auth::Caller;
use crate::extract::At;
use crate::front::Front;
use crate::problem::{Problem, Reply};

#[derive(Template)]
#[template(path = "customer.html")]
struct CustomerPage {
    ui: Ui,
    customer: Customer,
    /// The record as text, for the form.
    raw: RawRow,
    twins: Vec<Twin>,
    waivers: Vec<Waiver>,
    plans: Vec<Plan>,
    channels: [Channel; 5],
}

impl CustomerPage {
    /// A known event in the page's language, another by its own name.
    fn event(&self, event: &str) -> String {
        if EVENTS.iter().any(|(known, _)| *known == event) {
            self.ui.word("event", event)
        } else {
            event.to_owned()
        }
    }

    fn role(&self, role: &str) -> String {
        if ROLES.iter().any(|(known, _)| *known == role) {
            self.ui.word("contact", role)
        } else {
            role.to_owned()
        }
    }

    fn lines_of_products(&self) -> String {
        let days = |place: usize| self.raw.hesitation_days.get(place).map_or("", String::as_str);
        let line = |(place, name): (usize, &String)| match days(place) {
            "" => name.clone(),
            days => format!("{name} | {days}"),
        };
        self.raw.products.iter().enumerate().map(line).collect::<Vec<_>>().join("\n")
    }

    fn lines_of_dates(&self) -> String {
        self.raw.dates.iter().map(|(event, date)| format!("{event} | {date}")).collect::<Vec<_>>().join("\n")
    }

    fn lines_of_contacts(&self) -> String {
        let line = |(role, contact): (&String, &RawContact)| {
            format!("{role} | {} | {}", contact.name, contact.numbers.join(", "))
        };
        self.raw.contacts.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    fn extension(&self, number: &records::Number, of: &[records::Extension]) -> String {
        let found = of.iter().find(|extension| extension.number == *number);
        found.map_or_else(String::new, |found| {
            format!(" {} {}", self.ui.t("customer.extension"), found.extension)
        })
    }

    #[expect(clippy::ref_option, reason = "templates pass references")]
    fn plan(&self, id: &Option<PlanId>) -> String {
        match id {
            None => self.ui.t("customer.every_plan").to_owned(),
            Some(id) => {
                let found = self.plans.iter().find(|plan| plan.id == *id);
                found.map_or_else(|| id.to_string(), |plan| plan.content.name.clone())
            }
        }
    }
}

pub(crate) async fn page(State(front): State<Front>, ui: Ui, At(id): At<CustomerId>) -> Reply {
    let customer = front.desk.store.customer(id).await?;
    let raw = RawRow::of_row(&customer.row);
    let twins = front.desk.customers.twins(id).await?;
    let waivers = front.desk.customers.waivers(id).await?;
    let plans = front.desk.store.plans().await?;
    show(&CustomerPage { ui, customer, raw, twins, waivers, plans, channels: Channel::ALL })
}

/// The form; products, dates and contacts one a line, their parts between bars.
#[derive(Deserialize)]
pub(crate) struct RecordForm {
    name: String,
    class: String,
    branch: String,
    language: String,
    time_zone: String,
    account_manager: String,
    rated_person: String,
    products: String,
    contract_value: String,
    channel: String,
    dates: String,
    /// Absent where the page did not show whole numbers: then they stay as they are.
    numbers: Option<String>,
    contacts: Option<String>,
}

impl RecordForm {
    fn into_raw(self, kept: RawRow) -> RawRow {
        let parts =
            |line: &str| line.split(['|', '｜']).map(|part| part.trim().to_owned()).collect::<Vec<_>>();
        let lines = |text: &str| -> Vec<Vec<String>> {
            text.lines().filter(|line| !line.trim().is_empty()).map(parts).collect()
        };
        let part = |line: &[String], place: usize| line.get(place).cloned().unwrap_or_default();
        let products = lines(&self.products);
        let numbers = |text: &str| -> Vec<String> {
            let between = |c: char| matches!(c, '\n' | '\r' | ',' | '，' | '、' | ';' | '；');
            text.split(between).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned).collect()
        };
        let contact = |line: &Vec<String>| {
            let contact = RawContact { name: part(line, 1), numbers: numbers(&part(line, 2)) };
            (part(line, 0), contact)
        };
        RawRow {
            external_id: kept.external_id,
            name: self.name,
            numbers: self.numbers.as_deref().map_or(kept.numbers, numbers),
            extensions: Vec::new(),
            class: self.class,
            branch: self.branch,
            language: self.language,
            time_zone: self.time_zone,
            account_manager: self.account_manager,
            rated_person: self.rated_person,
            hesitation_days: products.iter().map(|line| part(line, 1)).collect(),
            products: products.iter().map(|line| part(line, 0)).collect(),
            contract_value: self.contract_value,
            channel: self.channel,
            opt_out: String::new(),
            dates: lines(&self.dates).iter().map(|line| (part(line, 0), part(line, 1))).collect(),
            contacts: self
                .contacts
                .as_deref()
                .map_or(kept.contacts, |text| lines(text).iter().map(contact).collect()),
        }
    }
}

pub(crate) async fn change(
    State(front): State<Front>,
    caller: Caller,
    ui: Ui,
    At(id): At<CustomerId>,
    Signed(form): Signed<RecordForm>,
) -> Reply {
    if form.numbers.is_some() != ui.sees_numbers() || form.contacts.is_some() != ui.sees_numbers() {
        return Err(Problem::not_allowed(
            "numbers are changed by those who see them whole: ask a supervisor",
        ));
    }
    let kept = RawRow::of_row(&front.desk.store.customer(id).await?.row);
    act::change(&front, &caller, id, form.into_raw(kept), tongue(&ui)).await?;
    back(id)
}

fn back(id: CustomerId) -> Reply {
    go(&format!("/customers/{id}"))
}

#[derive(Deserialize)]
pub(crate) struct Plain {}

pub(crate) async fn opt_out(
    State(front): State<Front>,
    caller: Caller,
    At(id): At<CustomerId>,
    Signed(Plain {}): Signed<Plain>,
) -> Reply {
    act::opt_out(&front, &caller, id).await?;
    back(id)
}

pub(crate) async fn withdraw_opt_out(
    State(front): State<Front>,
    caller: Caller,
    At(id): At<CustomerId>,
    Signed(Plain {}): Signed<Plain>,
) -> Reply {
    act::withdraw_opt_out(&front, &caller, id).await?;
    back(id)
}

#[derive(Deserialize)]
pub(crate) struct Other {
    other: CustomerId,
    /// From the list of those who may be one: back to it.
    #[serde(default)]
    back: String,
}

pub(crate) async fn merge(
    State(front): State<Front>,
    caller: Caller,
    At(id): At<CustomerId>,
    Signed(form): Signed<Other>,
) -> Reply {
    act::merge(&front, &caller, id, form.other).await?;
    if form.back == "alike" { go("/customers/alike") } else { back(id) }
}

pub(crate) async fn erase(
    State(front): State<Front>,
    caller: Caller,
    At(id): At<CustomerId>,
    Signed(Plain {}): Signed<Plain>,
) -> Reply {
    act::erase(&front, &caller, id).await?;
    go("/customers")
}

/// Boxes that are not ticked are absent.
#[derive(Deserialize)]
pub(crate) struct WaiverForm {
    /// Empty: every plan.
    #[serde(default)]
    plan: String,
    documents: Option<String>,
    terms: Option<String>,
    fees: Option<String>,
    #[serde(default)]
    remarks: String,
    customer: String,
    customer_on: NaiveDate,
    salesperson: String,
    salesperson_on: NaiveDate,
    sales_manager: String,
    sales_manager_on: NaiveDate,
}

pub(crate) async fn register_waiver(
    State(front): State<Front>,
    caller: Caller,
    At(id): At<CustomerId>,
    Signed(form): Signed<WaiverForm>,
) -> Reply {
    let plan = match form.plan.as_str() {
        "" => None,
        text => Some(text.parse().map_err(|_| Problem::invalid("plan: choose one of the list"))?),
    };
    let waiver = NewWaiver {
        plan,
        contents: Declared {
            documents_signed_in_person: form.documents.is_some(),
            terms_understood: form.terms.is_some(),
            fees_understood: form.fees.is_some(),
            remarks: form.remarks.trim().to_owned(),
        },
        customer: Signature { name: form.customer, on: form.customer_on },
        salesperson: Signature { name: form.salesperson, on: form.salesperson_on },
        sales_manager: Signature { name: form.sales_manager, on: form.sales_manager_on },
    };
    act::register_waiver(&front, &caller, id, &waiver).await?;
    back(id)
}

#[derive(Deserialize)]
pub(crate) struct OfCustomer {
    customer: CustomerId,
}

pub(crate) async fn revoke_waiver(
    State(front): State<Front>,
    caller: Caller,
    At(id): At<WaiverId>,
    Signed(form): Signed<OfCustomer>,
) -> Reply {
    act::revoke_waiver(&front, &caller, id).await?;
    back(form.customer)
}
