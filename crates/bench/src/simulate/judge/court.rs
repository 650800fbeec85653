//! The judge sits on a thread of its own, and hears of everything in the order in which it happens.

use std::mem;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use records::{CustomerId, PlanId};

use super::{Dial, Ended, Judge, Violation};

/// What is told at once: a thread woken for each word would cost more than it judges.
const WORDS: usize = 1_024;
/// What may wait for the judge.
const BUNDLES: usize = 16;

/// What the judge hears of.
#[derive(Debug)]
pub(in crate::simulate) enum Heard {
    Dialled(Dial),
    Ended(Ended),
    /// The customer wants no calls from now on.
    OptedOut(CustomerId),
    /// A waiver exempts the customer from the plan from now on.
    Waived(CustomerId, PlanId),
}

type Sitting = JoinHandle<Result<Judge, Violation>>;

/// A judge at work.
pub(in crate::simulate) struct Court {
    words: Vec<Heard>,
    /// None when a rule was found broken.
    bench: Option<(SyncSender<Vec<Heard>>, Sitting)>,
}

impl Court {
    pub(in crate::simulate) fn opened(judge: Judge) -> Self {
        let (to, words) = sync_channel(BUNDLES);
        let sitting = thread::spawn(move || sit(judge, &words));
        Self { words: Vec::with_capacity(WORDS), bench: Some((to, sitting)) }
    }

    /// The judge is told; a broken rule comes back with one of the next words.
    pub(in crate::simulate) fn hear(&mut self, word: Heard) -> Result<(), Violation> {
        self.words.push(word);
        if self.words.len() < WORDS {
            return Ok(());
        }
        let words = mem::replace(&mut self.words, Vec::with_capacity(WORDS));
        let told = self.bench.as_ref().is_some_and(|(to, _)| to.send(words).is_ok());
        if told { Ok(()) } else { self.rise().map(drop) }
    }

    /// The judge has heard everything.
    pub(in crate::simulate) fn adjourn(&mut self) -> Result<Judge, Violation> {
        let words = mem::take(&mut self.words);
        if let Some((to, _)) = &self.bench {
            // A judge who has found a broken rule listens no more: the verdict tells it.
            let _ = to.send(words);
        }
        self.rise()
    }

    fn rise(&mut self) -> Result<Judge, Violation> {
        let (to, sitting) = self.bench.take().expect("the first broken rule ends the year");
        drop(to);
        sitting.join().expect("the judge never panics")
    }
}

fn sit(mut judge: Judge, words: &Receiver<Vec<Heard>>) -> Result<Judge, Violation> {
    for word in words.iter().flatten() {
        match word {
            Heard::Dialled(dial) => judge.dialled(&dial)?,
            Heard::Ended(ended) => judge.ended(&ended)?,
            Heard::OptedOut(customer) => judge.opted_out(customer),
            Heard::Waived(customer, plan) => judge.waived(customer, plan),
        }
    }
    Ok(judge)
}
