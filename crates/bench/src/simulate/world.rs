//! Everything a simulated year consists of, and how it begins.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use plan::{Calendar, People, Subject, Turns};
use ports::model::Model;
use ports::{NewQuestionnaire, Planning as _, Sharer, Store as _};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use records::{AccountId, AttemptId, CustomerId, Plan, PlanId, Windows};
use uuid::Uuid;

use super::agenda::{Agenda, Event};
use super::call::Call;
use super::desk::Desk;
use super::judge::{Court, Judge};
use super::population::Population;
use super::tally::Tally;
use super::year::News;
use super::{Options, SimulateError, plans};

/// When a day begins: the calls, the imports and the evaluations of the service are reckoned there.
pub(super) const HOME: Tz = Tz::Asia__Shanghai;
/// How the simulation is named in leases.
pub(super) const NODE: &str = "simulated";

/// Everything.
pub(super) struct World {
    pub(super) store: Model,
    pub(super) now: DateTime<Utc>,
    pub(super) from: NaiveDate,
    pub(super) to: NaiveDate,
    pub(super) calendar: Calendar,
    pub(super) plans: Vec<Plan>,
    /// Of all plans, each once.
    pub(super) windows: Vec<Windows>,
    pub(super) population: Population,
    /// What is to become known yet.
    pub(super) news: BTreeMap<NaiveDate, News>,
    /// Everybody's id, and what schedules read of him, in the order of the population.
    pub(super) ids: Vec<CustomerId>,
    pub(super) subjects: Vec<Subject>,
    pub(super) chance: StdRng,
    pub(super) agenda: Agenda,
    pub(super) court: Court,
    pub(super) turns: Turns<Sharer>,
    pub(super) lines: u32,
    pub(super) poll: TimeDelta,
    pub(super) people: People,
    /// The calls that are up, at their places.
    pub(super) calls: Vec<Option<Call>>,
    pub(super) up: u32,
    pub(super) desk: Desk,
    pub(super) tally: Tally,
    attempts: u64,
}

impl World {
    /// The world on the eve of the year: customers on file, plans running.
    pub(super) async fn made(options: &Options) -> Result<Self, SimulateError> {
        let (from, to) = (options.from, options.to());
        let now = midnight(from);
        let store = Model::new(now);
        let population = Population::born(options.customers, from, options.seed);
        store.import_customers(&population.rows).await?;
        let ids = store.customer_ids();
        let mut subjects = Vec::with_capacity(ids.len());
        for id in &ids {
            subjects.push(Subject::from(&store.customer(*id).await?));
        }
        let mut world = Self {
            store,
            now,
            from,
            to,
            calendar: Calendar::official(),
            plans: Vec::new(),
            windows: Vec::new(),
            news: population.foretold(),
            population,
            ids,
            subjects,
            chance: StdRng::seed_from_u64(options.seed),
            agenda: Agenda::default(),
            court: Court::opened(Judge::new(options.lines() as usize)),
            turns: Turns::default(),
            lines: options.lines(),
            poll: TimeDelta::seconds(i64::from(options.poll.max(1))),
            people: People { agents_at_least: options.agents(), ..People::default() },
            calls: Vec::new(),
            up: 0,
            desk: Desk::of(options.agents()),
            tally: Tally::default(),
            attempts: 0,
        };
        world.start(options).await?;
        Ok(world)
    }

    async fn start(&mut self, options: &Options) -> Result<(), SimulateError> {
        let (name, version) = (plans::QUESTIONNAIRE.to_owned(), plans::version());
        let questionnaire = NewQuestionnaire { name: name.clone(), version, source: name };
        self.store.publish_questionnaire(&questionnaire).await?;
        for (preset, n) in options.plans.iter().zip(1_u128..) {
            let id = PlanId(Uuid::from_u128(n));
            let content = plans::plan(preset, self.from, self.to)?;
            self.store.create_plan(id, &content, author()).await?;
            self.store.approve_plan(id, supervisor(), false).await?;
            self.store.start_plan(id).await?;
            while self.store.go_on_listing(u32::MAX).await?.is_some() {}
            if !self.windows.contains(&content.policy.windows) {
                self.windows.push(content.policy.windows);
            }
            self.plans.push(self.store.plan(id).await?);
        }
        self.tally = Tally::of(&self.plans);
        self.agenda.enter(self.now, Event::Day);
        self.agenda.enter(self.now, Event::Look);
        Ok(())
    }

    /// Lives until nothing is left to be done.
    pub(super) async fn live(&mut self) -> Result<(), SimulateError> {
        while let Some((at, event)) = self.agenda.next() {
            self.now = at;
            self.store.set_now(at);
            match event {
                Event::Day => self.day().await?,
                Event::Look => self.look().await?,
                Event::Over(place) => self.over(place).await?,
                Event::RingBack(place) => self.ring_back(place).await?,
                Event::People => self.people_work().await?,
                Event::Answer(step) => self.answer(step).await?,
            }
        }
        Ok(())
    }

    /// An id that no call has had.
    pub(super) fn fresh_attempt(&mut self) -> AttemptId {
        self.attempts += 1;
        let mut counter = [0; 10];
        counter[2..].copy_from_slice(&self.attempts.to_be_bytes());
        let ms = self.now.timestamp_millis().unsigned_abs();
        AttemptId(uuid::Builder::from_unix_timestamp_millis(ms, &counter).into_uuid())
    }
}

pub(super) fn author() -> AccountId {
    AccountId(Uuid::from_u128(1))
}

pub(super) fn supervisor() -> AccountId {
    AccountId(Uuid::from_u128(2))
}

/// The first moment of a day at Shanghai, which has kept one time since 1991.
pub(super) fn midnight(day: NaiveDate) -> DateTime<Utc> {
    (day - Days::new(1)).and_hms_opt(16, 0, 0).expect("16:00 is a time").and_utc()
}
