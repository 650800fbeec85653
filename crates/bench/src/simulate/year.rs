//! Days: what becomes known on them, which tasks they bring, and when the year is over.

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use chrono::{Days, NaiveDate};
use plan::{Horizon, Occasion, Subject, occasions};
use ports::{Customers as _, Evaluation, Planning as _, Store as _};
use records::{CustomerId, Declared, NewPlan, NewWaiver, Signature};

use super::SimulateError;
use super::agenda::Event;
use super::judge::Heard;
use super::population::{self, Population};
use super::world::{HOME, NODE, World, midnight};

/// Tasks are made so many days ahead, as the service makes them.
const AHEAD_DAYS: u64 = 40;
/// Everybody is looked at once in so many days.
const EVERY_DAYS: u64 = 35;
/// What the year brought has its end so many days after it.
const LAST_DAYS: u64 = 200;
const LEASE: Duration = Duration::from_secs(3600);
const PORTION: usize = 500;

/// Of customers the occasions that a plan asks for.
type Wanted = Vec<(CustomerId, Vec<Occasion>)>;

/// What becomes known on a day, by people's places.
#[derive(Debug, Default)]
pub(super) struct News {
    repaired: Vec<usize>,
    ended: Vec<usize>,
    waived: Vec<usize>,
    opted_out: Vec<usize>,
}

impl Population {
    /// All news of the year.
    pub(super) fn foretold(&self) -> BTreeMap<NaiveDate, News> {
        let mut news: BTreeMap<NaiveDate, News> = BTreeMap::new();
        for (place, person) in self.people.iter().enumerate() {
            for day in &person.repairs {
                news.entry(*day).or_default().repaired.push(place);
            }
            let mut once = |day: Option<NaiveDate>, list: fn(&mut News) -> &mut Vec<usize>| {
                if let Some(day) = day {
                    list(news.entry(day).or_default()).push(place);
                }
            };
            once(person.ends, |news| &mut news.ended);
            once(person.waives, |news| &mut news.waived);
            once(person.opts_out, |news| &mut news.opted_out);
        }
        news
    }
}

impl World {
    /// Whether there is anything left to be done.
    pub(super) fn goes_on(&self) -> bool {
        let today = self.now.with_timezone(&HOME).date_naive();
        today <= self.to || (self.store.unended() > 0 && today <= self.to + Days::new(LAST_DAYS))
    }

    /// A day begins.
    pub(super) async fn day(&mut self) -> Result<(), SimulateError> {
        let today = self.now.with_timezone(&HOME).date_naive();
        if today <= self.to {
            let changed = self.learn(today).await?;
            self.evaluate(today, &changed).await?;
        }
        self.lapse().await?;
        if self.goes_on() {
            self.agenda.enter(midnight(today + Days::new(1)), Event::Day);
        }
        Ok(())
    }

    /// The day's news; answers whose dates have changed.
    async fn learn(&mut self, today: NaiveDate) -> Result<Vec<usize>, SimulateError> {
        let Some(news) = self.news.remove(&today) else { return Ok(vec![]) };
        for (places, event) in [(&news.repaired, "repaired"), (&news.ended, "ended")] {
            for place in places {
                self.change_date(*place, event, today).await?;
            }
        }
        for place in news.waived {
            let plan = self.plans[place % self.plans.len()].id;
            let signed = || Signature { name: "signed".to_owned(), on: today };
            let contents = Declared {
                documents_signed_in_person: true,
                terms_understood: true,
                fees_understood: true,
                remarks: String::new(),
            };
            let waiver = NewWaiver {
                plan: Some(plan),
                contents,
                customer: signed(),
                salesperson: signed(),
                sales_manager: signed(),
            };
            self.store.register_waiver(self.ids[place], &waiver, today, "clerk").await?;
            self.court.hear(Heard::Waived(self.ids[place], plan))?;
        }
        for place in news.opted_out {
            self.store.opt_out(self.ids[place], "letter").await?;
            self.court.hear(Heard::OptedOut(self.ids[place]))?;
        }
        Ok([news.repaired, news.ended].concat())
    }

    async fn change_date(&mut self, place: usize, event: &str, day: NaiveDate) -> Result<(), SimulateError> {
        let mut row = self.store.customer(self.ids[place]).await?.row;
        row.dates.insert(event.to_owned(), day);
        self.store.change_customer(self.ids[place], &row).await?;
        self.subjects[place] = Subject::from(&self.store.customer(self.ids[place]).await?);
        Ok(())
    }

    /// The rounds of a day, as `app/evaluating.rs` makes them.
    async fn evaluate(&mut self, today: NaiveDate, changed: &[usize]) -> Result<(), SimulateError> {
        let cohort = (today - self.from).num_days().unsigned_abs() % EVERY_DAYS;
        let theirs = |place: &usize| today == self.from || *place as u64 % EVERY_DAYS == cohort;
        let mut places: Vec<usize> = (0..self.ids.len()).filter(theirs).collect();
        places.extend(changed.iter().filter(|place| !theirs(place)));
        while let Some(mut round) = self.store.take_evaluation(NODE, LEASE).await? {
            // After the day's round there are those whose record people have changed since.
            let places =
                if round.changed_since.is_none() { places.clone() } else { self.changed(&round).await? };
            let content = round.plan.content.clone();
            let horizon = Horizon::of(&round.plan, round.today, AHEAD_DAYS);
            for wanted in self.wanted(&content, &places, horizon) {
                self.tally.evaluated += wanted.len() as u64;
                self.store.keep_tasks(&mut round, &wanted, LEASE).await?;
            }
            self.store.finish_evaluation(&round).await?;
        }
        Ok(())
    }

    /// What a plan asks for, in portions; reckoned on two threads.
    fn wanted(&self, content: &NewPlan, places: &[usize], horizon: Horizon) -> Vec<Wanted> {
        let of_one = |place: &usize| {
            let subject = &self.subjects[*place];
            (
                self.ids[*place],
                occasions(&content.schedule, &content.audience, subject, &self.calendar, horizon),
            )
        };
        let of_portion = |portion: &[usize]| portion.iter().map(of_one).collect();
        let portions: Vec<&[usize]> = places.chunks(PORTION).collect();
        let (here, there) = portions.split_at(portions.len() / 2);
        thread::scope(|scope| {
            let there = scope.spawn(|| there.iter().map(|portion| of_portion(portion)).collect::<Vec<_>>());
            let mut wanted: Vec<Wanted> = here.iter().map(|portion| of_portion(portion)).collect();
            wanted.extend(there.join().expect("to reckon panics nowhere"));
            wanted
        })
    }

    async fn changed(&self, round: &Evaluation) -> Result<Vec<usize>, SimulateError> {
        let changed = self.store.next_customers(round, u32::MAX).await?;
        Ok(changed.iter().map(|customer| population::place(&customer.row)).collect())
    }
}
