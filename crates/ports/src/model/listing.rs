//! Lists, made a part at a time.

use std::ops::Bound;
use std::sync::Arc;

use plan::{Rank, Subject};
use records::{ContactRole, Customer, CustomerId, Occasion, Plan, Task, TaskId, TaskState};

use super::state::{State, TaskEntry};
use crate::{LISTED_AT_ONCE, Listed};

impl State {
    /// The first part of a list that is being started.
    pub(super) fn begin_list(&mut self, plan: &Plan) -> u64 {
        self.list(plan, None, LISTED_AT_ONCE).made
    }

    /// The next part of a list.
    pub(super) fn go_on_listing(&mut self, limit: u32) -> Option<Listed> {
        let begun = self.listings.keys().filter_map(|id| self.plans.get(id));
        let open = begun.filter(|plan| super::planning::evaluated(plan.state));
        let plan = open.min_by_key(|plan| (std::cmp::Reverse(plan.content.priority), plan.id))?;
        let plan = Arc::clone(plan);
        let after = self.listings.get(&plan.id).map(|after| **after);
        Some(self.list(&plan, after, limit))
    }

    /// Makes the missing tasks of the next customers on the list, and remembers how far it came.
    fn list(&mut self, plan: &Plan, after: Option<CustomerId>, limit: u32) -> Listed {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let members: Vec<Arc<Customer>> = self
            .customers
            .range((from, Bound::Unbounded))
            .map(|(_, customer)| Arc::clone(customer))
            .filter(|customer| Subject::from(&**customer).belongs(&plan.content.audience))
            .take(limit as usize)
            .collect();
        let roles = plan.content.schedule.called_roles();
        let mut made = 0;
        for customer in &members {
            for role in &roles {
                made += u64::from(self.list_one(plan, customer, role));
            }
        }
        let whole = members.len() < limit as usize;
        self.listings.remove(&plan.id);
        if let Some(last) = members.last().filter(|_| !whole) {
            self.listings.insert(plan.id, last.id);
        }
        Listed { plan: plan.id, made, whole }
    }

    fn list_one(&mut self, plan: &Plan, customer: &Customer, role: &ContactRole) -> bool {
        let made = self.tasks_of(customer.id).any(|entry| {
            entry.task.plan == plan.id
                && entry.task.role == *role
                && entry.task.occasion == Occasion::default()
        });
        let wanted = !made && !self.waived(customer.id, plan.id);
        if wanted {
            let entry = self.fresh_task(plan, customer, role);
            self.tasks.insert(entry.task.id, entry);
        }
        wanted
    }

    fn fresh_task(&mut self, plan: &Plan, customer: &Customer, role: &ContactRole) -> TaskEntry {
        let refused = customer.opt_out.is_some();
        let task = Task {
            id: TaskId(self.fresh()),
            plan: plan.id,
            customer: customer.id,
            occasion: Occasion::default(),
            role: role.clone(),
            mode: plan.content.schedule.mode,
            aim_by: None,
            state: if refused { TaskState::Refused } else { TaskState::Due },
            next_at: self.now,
            due_on: None,
            due_by: None,
            attempts: 0,
            rung: 0,
            round_since: None,
            created_at: self.now,
            ended_at: refused.then_some(self.now),
        };
        let rank = Rank::by_class(&plan.content, customer.row.class.as_deref());
        TaskEntry::new(task, self.zone_of(customer.id), rank)
    }
}
