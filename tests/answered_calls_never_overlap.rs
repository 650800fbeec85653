//! Two services on one database call a street of customers who answer and press keys, are busy, do not answer or hang
//! up: the called side never sees two calls at once to a number or a customer, no answer is lost, every attempt has its
//! reason, also when one of the two is killed in the middle.

mod service;
mod street;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use carrier::Event;
use chrono::{DateTime, Utc};
use serde_json::json;
use service::{Carrier, Pair, Process, Site, until};
use street::{BOTH, Street};

/// Everybody is reached in half a minute on a machine with nothing else to do.
const PATIENCE: Duration = Duration::from_secs(150);
const LINES: u32 = 16;

/// One call as the called side kept it.
struct Call {
    number: String,
    began: DateTime<Utc>,
    /// None: to the carrier it is up.
    ended: Option<DateTime<Utc>>,
    pressed: String,
    /// So many of the keys were followed by another prompt, which is not said before the answer is kept.
    heard: usize,
}

/// One attempt as Postgres has it.
struct Attempt {
    customer: String,
    /// Empty while it is open.
    reason: String,
    /// Of what its line is: of which process it is.
    lending: String,
    /// The keys of its answers, in the order they were given.
    answers: String,
}

struct Scene {
    _first: Process,
    second: Option<Process>,
    carrier: Carrier,
    street: Street,
    pair: Pair,
}

impl Scene {
    /// Both at work, and everybody to be called: by one plan, and most by another one too.
    async fn begin() -> Self {
        let (pair, street) = (Pair::new(LINES, 20), Street::new());
        for site in [&pair.one, &pair.other] {
            street::write_questionnaire(site);
        }
        let script = street.script();
        let script: Vec<(&str, &str)> =
            script.iter().map(|(number, what)| (number.as_str(), what.as_str())).collect();
        let carrier = Carrier::start(&pair.one, "", &script).await;
        let (first, second, api) = pair.serve().await;
        api.import(&street.csv()).await.good();
        let (both, all) = street.customers();
        let (_, asked) = api.start_plan(&street::plan("一", &json!("everyone"))).await;
        assert_eq!(asked, all);
        let (_, asked) = api.start_plan(&street::plan("二", &json!({"class": BOTH}))).await;
        assert_eq!(asked, both);
        Self { _first: first, second: Some(second), carrier, street, pair }
    }

    /// What a site's process holds its lines by.
    fn lending_of(&self, site: &Site) -> String {
        let node = std::fs::read_to_string(site.data.join("node")).unwrap();
        let [id] = rows(&self.pair, &format!("select id from lendings where node = '{}'", node.trim()))
            .try_into()
            .expect("a process has one lending of a trunk");
        let [id]: [String; 1] = id;
        id
    }

    /// Every task as its customer's external id and its state.
    fn tasks(&self) -> Vec<[String; 2]> {
        rows(
            &self.pair,
            "select c.external_id, t.state from tasks t join customers c on c.id = t.customer_id",
        )
    }

    /// How often tasks were moved by that rule.
    fn moves(&self, rule: &str) -> usize {
        let query = format!("select count(*) from task_moves where rule = '{rule}'");
        self.pair.server.sql(&query).trim().parse().unwrap()
    }

    /// All calls by Call-ID, which is the attempt's id.
    fn calls(&self) -> BTreeMap<String, Call> {
        let mut calls: BTreeMap<String, Call> = BTreeMap::new();
        for entry in self.carrier.journal() {
            if let Event::Called { overlapping, .. } = entry.event {
                assert_eq!(overlapping, 0, "{} was called while a call to it was up", entry.number);
                let (number, began) = (entry.number.clone(), entry.at);
                let call = Call { number, began, ended: None, pressed: String::new(), heard: 0 };
                calls.insert(entry.call_id.clone(), call);
            }
            let call = calls.get_mut(&entry.call_id).expect("a call begins before anything happens in it");
            match entry.event {
                Event::Pressed { key } => call.pressed.push(key),
                Event::HeardPrompt => call.heard = call.pressed.len(),
                Event::Ended { .. } => call.ended = Some(entry.at),
                _ => {}
            }
        }
        calls
    }

    fn attempts(&self) -> BTreeMap<String, Attempt> {
        let rows = rows(
            &self.pair,
            "select a.id, c.external_id, coalesce(a.reason, ''), a.lending_id,
                    coalesce((select string_agg(key, '' order by seq) from answers where attempt_id = a.id), '')
             from attempts a join customers c on c.id = a.customer_id",
        );
        let attempt = |[id, customer, reason, lending, answers]: [String; 5]| {
            (id, Attempt { customer, reason, lending, answers })
        };
        rows.into_iter().map(attempt).collect()
    }

    /// Tasks to be called still. Those whose customer or number is held by an open attempt of a lending that is gone
    /// wait until nobody can be on the line any more.
    fn still_to_call(&self, gone: &str) -> usize {
        let query = format!(
            "with held as (select customer_id, number from attempts
                           where ended_at is null and lending_id::text = '{gone}')
             select count(*) from tasks t
             where t.state in ('due', 'waiting', 'calling')
               and not exists (select from held h where h.customer_id = t.customer_id
                               or exists (select from contacts k join numbers n on n.contact_id = k.id
                                          where k.customer_id = t.customer_id and n.number = h.number))"
        );
        self.pair.server.sql(&query).trim().parse().unwrap()
    }

    /// Waits until everybody was reached or given up, and nobody is on the line but for `stuck` calls.
    async fn over(&self, gone: &str, stuck: usize) {
        until(PATIENCE, "everybody was reached or given up", || {
            let quiet = self.carrier.ended() + stuck >= self.carrier.calls();
            std::future::ready((quiet && self.still_to_call(gone) == 0).then_some(()))
        })
        .await;
    }
}

fn rows<const N: usize>(pair: &Pair, query: &str) -> Vec<[String; N]> {
    let lines = pair.server.ask(query);
    lines.iter().map(|line| columns(line)).collect()
}

fn columns<const N: usize>(line: &str) -> [String; N] {
    let columns: Vec<String> = line.split('|').map(str::to_owned).collect();
    columns.try_into().unwrap_or_else(|columns| panic!("{columns:?} are not {N} columns"))
}

/// Of calls to the same, none begins before the one before has ended.
fn none_overlap<'c>(what: &str, calls: impl Iterator<Item = (&'c str, &'c Call)>) {
    let mut by_whom: BTreeMap<&str, Vec<&Call>> = BTreeMap::new();
    for (whom, call) in calls {
        by_whom.entry(whom).or_default().push(call);
    }
    for (whom, mut calls) in by_whom {
        calls.sort_by_key(|call| call.began);
        for pair in calls.windows(2) {
            let apart = pair[0].ended.is_some_and(|ended| ended <= pair[1].began);
            assert!(apart, "{what} {whom} was called twice at once, the second time at {}", pair[1].began);
        }
    }
}

fn no_customer_and_no_number_was_called_twice_at_once(
    calls: &BTreeMap<String, Call>,
    attempts: &BTreeMap<String, Attempt>,
) {
    none_overlap("number", calls.values().map(|call| (call.number.as_str(), call)));
    none_overlap("customer", calls.iter().map(|(id, call)| (attempts[id].customer.as_str(), call)));
}

/// The answers that the keys of a call gave: the first key says who it is, and 0 asks for a person.
fn answered(pressed: &str) -> String {
    pressed.chars().skip(1).filter(|key| *key != '0').collect()
}

fn most_at_once(calls: &BTreeMap<String, Call>) -> usize {
    let up = |at: DateTime<Utc>| {
        calls.values().filter(|call| call.began <= at && call.ended.is_none_or(|ended| at < ended)).count()
    };
    calls.values().map(|call| up(call.began)).max().unwrap_or(0)
}

/// How many of these calls each process made.
fn by_lending(
    calls: &BTreeMap<String, Call>,
    attempts: &BTreeMap<String, Attempt>,
) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for id in calls.keys() {
        *counts.entry(attempts[id].lending.clone()).or_default() += 1;
    }
    counts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_talk_to_everybody_and_to_nobody_twice_at_once() {
    let scene = Scene::begin().await;
    scene.over("", 0).await;
    let (calls, attempts) = (scene.calls(), scene.attempts());
    no_customer_and_no_number_was_called_twice_at_once(&calls, &attempts);
    let collided = scene.moves("already_open");
    assert!(collided > 0, "nobody wanted a number that was in use: the test shows nothing");

    let called: BTreeSet<&String> = calls.keys().collect();
    assert_eq!(called, attempts.keys().collect(), "the carrier was called as often as Postgres says");
    for (id, Attempt { reason, answers, .. }) in &attempts {
        assert!(!reason.is_empty(), "the attempt {id} has no reason");
        assert_eq!(*answers, answered(&calls[id].pressed), "the answers of the attempt {id}, {reason}");
    }
    for [customer, state] in scene.tasks() {
        assert_eq!(state, scene.street.house(&customer).ends, "{customer}");
    }
    let (shares, most) = (by_lending(&calls, &attempts), most_at_once(&calls));
    println!("{} calls, {most} at once, by process {shares:?}, {collided} put off", calls.len());
    assert!(most <= LINES as usize, "{most} calls on {LINES} lines");
    assert!(shares.len() == 2 && shares.values().all(|share| *share >= calls.len() / 6), "{shares:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_one_is_killed_the_other_goes_on_and_calls_nobody_who_may_be_on_the_line() {
    let mut scene = Scene::begin().await;
    let gone = scene.lending_of(&scene.pair.other);
    // Both have customers who have pressed a key and hear the next prompt.
    until(PATIENCE, "both are talking", || {
        let calls = scene.calls();
        let talking = calls.iter().filter(|(_, call)| call.ended.is_none() && !call.pressed.is_empty());
        let talking: Vec<&String> = talking.map(|(id, _)| id).collect();
        let attempts = if talking.len() < 4 { BTreeMap::new() } else { scene.attempts() };
        let of_gone = talking.iter().filter(|id| attempts.get(**id).is_some_and(|one| one.lending == gone));
        let share = of_gone.count();
        std::future::ready((share >= 2 && talking.len() >= share + 2).then_some(()))
    })
    .await;
    let killed = Utc::now();
    scene.second.take().unwrap().kill_dead().await;
    let stuck = {
        let (calls, attempts) = (scene.calls(), scene.attempts());
        let is_stuck = |id: &String, call: &Call| call.ended.is_none() && attempts[id].lending == gone;
        calls.iter().filter(|(id, call)| is_stuck(id, call)).count()
    };
    scene.over(&gone, stuck).await;

    let (calls, attempts) = (scene.calls(), scene.attempts());
    // The carrier waits for them to say something, for longer than this test.
    no_customer_and_no_number_was_called_twice_at_once(&calls, &attempts);
    let open: BTreeMap<&String, &Attempt> =
        attempts.iter().filter(|(_, one)| one.reason.is_empty()).collect();
    assert!(open.values().all(|one| one.lending == gone), "the one that goes on ends all of its attempts");
    assert!(open.len() >= 2, "the ones who were talking may be on the line still: {}", open.len());
    let after: Vec<(&String, &Call)> = calls.iter().filter(|(_, call)| call.began > killed).collect();
    for (id, attempt) in &open {
        let again = after.iter().filter(|(other, _)| *other != *id).find(|(other, call)| {
            attempts[*other].customer == attempt.customer
                || Some(&call.number) == calls.get(*id).map(|it| &it.number)
        });
        assert!(again.is_none(), "{} may be on the line still and was called again", attempt.customer);
    }
    println!(
        "{} calls, {} of them after it was killed with {stuck} up; {} attempts wait",
        calls.len(),
        after.len(),
        open.len()
    );
    assert!(after.len() >= 10, "the other one goes on: {} calls", after.len());
    for (id, call) in &calls {
        let (kept, pressed) = (&attempts[id].answers, answered(&call.pressed));
        let heard = answered(&call.pressed[..call.heard]);
        let kept_what_it_went_on_from = pressed.starts_with(kept.as_str()) && kept.starts_with(&heard);
        // What the database did not take in time is on the disk of the one that was killed.
        let on_disk = attempts[id].lending == gone && scene.pair.other.journal_waiting() > 0;
        assert!(kept_what_it_went_on_from || on_disk, "{id}: {kept} of {pressed} is kept, {heard} was heard");
        assert!(open.contains_key(id) || *kept == pressed, "{id}: {kept} of {pressed} is kept");
    }
}
