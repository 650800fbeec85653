//! What people do with one customer's record.

use chrono::Utc;
use intake::{Layout, RawRow, Tongue, read_row};
use records::{Customer, CustomerId, NewWaiver, Waiver, WaiverId};
use serde_json::json;

use crate::auth::Caller;
use crate::front::Front;
use crate::import::listed;
use crate::problem::Problem;

fn subject(id: CustomerId) -> String {
    format!("customer:{id}")
}

/// Writes the record as it is given; the external id stays.
pub(crate) async fn change(
    front: &Front,
    caller: &Caller,
    id: CustomerId,
    mut raw: RawRow,
    tongue: Tongue,
) -> Result<Customer, Problem> {
    let before = front.desk.store.customer(id).await?;
    raw.external_id.clone_from(&before.row.external_id);
    let read = read_row(&raw, 1, &Layout::default()).map_err(|faults| {
        Problem::invalid("the record was not changed: mend what is listed")
            .with_errors(listed(&faults, tongue))
    })?;
    front.desk.customers.change_customer(id, &read.row).await?;
    let after = front.desk.store.customer(id).await?;
    // Which fields, not what stands in them: the trail is kept longer than a customer may be.
    let detail = json!({"fields": changed(&before, &after)});
    front.trail(&caller.account.login, "customer.change", &subject(id), detail).await;
    Ok(after)
}

fn changed(before: &Customer, after: &Customer) -> Vec<String> {
    let (Ok(serde_json::Value::Object(before)), Ok(serde_json::Value::Object(after))) =
        (serde_json::to_value(&before.row), serde_json::to_value(&after.row))
    else {
        return Vec::new();
    };
    let names = after.keys().chain(before.keys().filter(|name| !after.contains_key(*name)));
    names.filter(|name| before.get(*name) != after.get(*name)).cloned().collect()
}

/// No plan calls this customer any more.
pub(crate) async fn opt_out(front: &Front, caller: &Caller, id: CustomerId) -> Result<Customer, Problem> {
    front.desk.store.opt_out(id, "agent").await?;
    front.trail(&caller.account.login, "customer.opt_out", &subject(id), json!({})).await;
    Ok(front.desk.store.customer(id).await?)
}

/// The customer wants calls again.
pub(crate) async fn withdraw_opt_out(
    front: &Front,
    caller: &Caller,
    id: CustomerId,
) -> Result<Customer, Problem> {
    front.desk.customers.withdraw_opt_out(id).await?;
    front.trail(&caller.account.login, "customer.withdraw_opt_out", &subject(id), json!({})).await;
    Ok(front.desk.store.customer(id).await?)
}

/// Makes `other` part of `survivor`.
pub(crate) async fn merge(
    front: &Front,
    caller: &Caller,
    survivor: CustomerId,
    other: CustomerId,
) -> Result<Customer, Problem> {
    front.desk.customers.merge(survivor, other).await?;
    let detail = json!({"other": other});
    front.trail(&caller.account.login, "customer.merge", &subject(survivor), detail).await;
    Ok(front.desk.store.customer(survivor).await?)
}

/// Shreds who the customer is. It cannot be undone, so it is not done unseen.
pub(crate) async fn erase(front: &Front, caller: &Caller, id: CustomerId) -> Result<(), Problem> {
    front.must_trail(caller, "customer.erase", &subject(id), json!({})).await?;
    Ok(front.desk.customers.erase(id).await?)
}

/// Registers a waiver (L9.4).
pub(crate) async fn register_waiver(
    front: &Front,
    caller: &Caller,
    id: CustomerId,
    waiver: &NewWaiver,
) -> Result<Waiver, Problem> {
    let today = Utc::now().with_timezone(&front.desk.settings.zone).date_naive();
    waiver.check(today).map_err(|error| Problem::invalid(error.to_string()))?;
    let login = &caller.account.login;
    let waiver = front.desk.customers.register_waiver(id, waiver, today, login).await?;
    let detail = json!({"waiver": waiver.id, "plan": waiver.content.plan});
    front.trail(login, "waiver.register", &subject(id), detail).await;
    Ok(waiver)
}

/// Takes a waiver back.
pub(crate) async fn revoke_waiver(front: &Front, caller: &Caller, id: WaiverId) -> Result<(), Problem> {
    front.desk.customers.revoke_waiver(id, &caller.account.login).await?;
    front.trail(&caller.account.login, "waiver.revoke", &format!("waiver:{id}"), json!({})).await;
    Ok(())
}
