//! Questionnaires and plans.

use records::{AccountId, NewPlan, Plan, PlanId, PlanState};
use sha2::{Digest, Sha256};

use super::state::{State, conflict, missing};
use crate::{NewQuestionnaire, StoreError};

impl State {
    pub(super) fn publish(&mut self, fresh: &NewQuestionnaire) -> Result<(), StoreError> {
        if hex::encode(Sha256::digest(fresh.source.as_bytes())) != fresh.version {
            return Err(conflict(
                "the version of a questionnaire is the SHA-256 of its text: compute it again",
            ));
        }
        match self.questionnaires.get(&fresh.version) {
            Some(kept) if **kept != *fresh => {
                Err(conflict(format!("this text is published as \"{}\" already", kept.name)))
            }
            Some(_) => Ok(()),
            None => {
                self.questionnaires.insert(fresh.version.clone(), fresh.clone());
                Ok(())
            }
        }
    }

    pub(super) fn create_plan(
        &mut self,
        id: PlanId,
        content: &NewPlan,
        by: AccountId,
    ) -> Result<Plan, StoreError> {
        let version = &content.questionnaire_version;
        let asked = self.questionnaires.get(version).ok_or_else(|| missing("questionnaire", version))?;
        if asked.name != content.questionnaire {
            return Err(conflict(format!("that version is of the questionnaire \"{}\"", asked.name)));
        }
        if self.plans.contains_key(&id) {
            return Err(conflict(format!("the plan {id} exists already")));
        }
        Ok(self.keep_plan(Plan {
            id,
            content: content.clone(),
            state: PlanState::Draft,
            created_by: by,
            created_at: self.now,
            approved_by: None,
            own_approval: false,
            first_started_at: None,
            started_at: None,
            stopped_at: None,
        }))
    }

    pub(super) fn approve_plan(
        &mut self,
        id: PlanId,
        by: AccountId,
        own_allowed: bool,
    ) -> Result<Plan, StoreError> {
        let plan = Plan::clone(self.plan(id)?);
        if plan.state != PlanState::Draft {
            return Err(conflict("the plan is approved already"));
        }
        if plan.created_by == by && !own_allowed {
            return Err(conflict("another person than the plan's author must approve it (W8.3)"));
        }
        let own_approval = plan.created_by == by;
        Ok(self.keep_plan(Plan { state: PlanState::Approved, approved_by: Some(by), own_approval, ..plan }))
    }

    pub(super) fn start_plan(&mut self, id: PlanId) -> Result<u64, StoreError> {
        let plan = Plan::clone(self.plan(id)?);
        if !matches!(plan.state, PlanState::Approved | PlanState::Stopped) {
            return Err(conflict("only an approved or a stopped plan can be started"));
        }
        let made = if plan.content.schedule.is_list() {
            self.begin_list(&plan)
        } else {
            self.ask_evaluation(id);
            0
        };
        let first_started_at = plan.first_started_at.or(Some(self.now));
        let started_at = Some(self.now);
        self.keep_plan(Plan { state: PlanState::Running, first_started_at, started_at, ..plan });
        Ok(made)
    }

    pub(super) fn stop_plan(&mut self, id: PlanId) -> Result<Plan, StoreError> {
        let plan = Plan::clone(self.plan(id)?);
        match plan.state {
            PlanState::Stopped => Ok(plan),
            PlanState::Running | PlanState::Paused => {
                Ok(self.keep_plan(Plan { state: PlanState::Stopped, stopped_at: Some(self.now), ..plan }))
            }
            PlanState::Draft | PlanState::Approved => Err(conflict("the plan was never started")),
        }
    }

    pub(super) fn pause_plan(&mut self, id: PlanId) -> Result<Plan, StoreError> {
        self.turn(id, PlanState::Running, PlanState::Paused)
    }

    pub(super) fn resume_plan(&mut self, id: PlanId) -> Result<Plan, StoreError> {
        self.turn(id, PlanState::Paused, PlanState::Running)
    }

    fn turn(&mut self, id: PlanId, from: PlanState, to: PlanState) -> Result<Plan, StoreError> {
        let plan = Plan::clone(self.plan(id)?);
        match plan.state {
            state if state == to => Ok(plan),
            state if state == from => Ok(self.keep_plan(Plan { state: to, ..plan })),
            _ => Err(conflict(format!("only a {} plan can be {}", from.slug(), to.slug()))),
        }
    }

    fn keep_plan(&mut self, plan: Plan) -> Plan {
        self.plans.insert(plan.id, plan.clone());
        plan
    }
}
