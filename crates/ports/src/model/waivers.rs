//! Waivers: who is exempt from which plan (L9.4).

use chrono::NaiveDate;
use plan::Exemption;
use records::{CustomerId, NewWaiver, PlanId, Waiver, WaiverId};

use super::state::{State, conflict, missing};
use crate::StoreError;

impl State {
    pub(super) fn register_waiver(
        &mut self,
        customer: CustomerId,
        waiver: &NewWaiver,
        today: NaiveDate,
        by: &str,
    ) -> Result<Waiver, StoreError> {
        waiver.check(today).map_err(|error| conflict(error.to_string()))?;
        self.customer(customer)?;
        let kept = Waiver {
            id: WaiverId(self.fresh()),
            customer_id: customer,
            content: waiver.clone(),
            registered_by: by.to_owned(),
            registered_at: self.now,
            revoked_by: None,
            revoked_at: None,
        };
        self.waivers.insert(kept.id, kept.clone());
        self.end_tasks(customer, waiver.plan, true);
        Ok(kept)
    }

    pub(super) fn revoke_waiver(&mut self, id: WaiverId, by: &str) -> Result<(), StoreError> {
        let now = self.now;
        let waiver = self.waivers.get(&id).ok_or_else(|| missing("waiver", id))?;
        if waiver.revoked_at.is_some() {
            return Err(conflict("the waiver was revoked already"));
        }
        let customer = waiver.customer_id;
        self.look_again(customer);
        self.waivers.change(&id, |waiver| {
            waiver.revoked_at = Some(now);
            waiver.revoked_by = Some(by.to_owned());
        });
        Ok(())
    }

    /// When the customer was exempt from the plan, or is.
    pub(super) fn exemptions(&self, customer: CustomerId, plan: PlanId) -> Vec<Exemption> {
        let theirs = self.waivers.index().0.of(&customer).iter();
        theirs
            .filter_map(|id| self.waivers.get(id))
            .filter(|waiver| waiver.content.covers(plan))
            .map(|waiver| Exemption { since: waiver.registered_at, until: waiver.revoked_at })
            .collect()
    }

    /// Whether a waiver covers this plan for this customer.
    pub(super) fn waived(&self, customer: CustomerId, plan: PlanId) -> bool {
        let theirs = self.waivers.index().0.of(&customer).iter();
        theirs.filter_map(|id| self.waivers.get(id)).any(|waiver| waiver.holds_for(plan))
    }
}
