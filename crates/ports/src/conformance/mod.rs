//! The sentences every store must make true. Each takes a fresh store; what fails, panics.

pub mod bench;
mod calling;
mod coming_and_going;
mod customers;
mod deciding;
mod due;
mod ending;
mod evaluating;
mod importing;
mod lines;
mod listing;
mod moving;
mod planning;
mod proving;
mod queue;
mod ringing_back;
mod tracing;
mod waiving;
mod whom;

pub use bench::{Bench, Scene};

use std::pin::Pin;
use std::sync::Arc;

/// A sentence and the test of it.
pub type Sentence = (&'static str, fn(Arc<dyn Bench>) -> Proof);

/// A test at work.
pub type Proof = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Names a list of async functions and their sentences.
macro_rules! sentences {
    ($($name:ident),* $(,)?) => {
        pub(super) const SENTENCES: &[$crate::conformance::Sentence] =
            &[$((stringify!($name), |bench| Box::pin($name(bench)))),*];
    };
}
use sentences;

/// All sentences.
pub fn suite() -> impl Iterator<Item = Sentence> {
    [
        customers::SENTENCES,
        importing::SENTENCES,
        coming_and_going::SENTENCES,
        planning::SENTENCES,
        listing::SENTENCES,
        evaluating::SENTENCES,
        calling::SENTENCES,
        deciding::SENTENCES,
        due::SENTENCES,
        lines::SENTENCES,
        ending::SENTENCES,
        queue::SENTENCES,
        moving::SENTENCES,
        proving::SENTENCES,
        ringing_back::SENTENCES,
        tracing::SENTENCES,
        waiving::SENTENCES,
        whom::SENTENCES,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// Proves every sentence, each on a bench of its own; panics with the list of those that do not hold.
pub async fn prove_all<F, B>(mut bench: F)
where
    F: AsyncFnMut(&'static str) -> B,
    B: Bench,
{
    let mut failed = Vec::new();
    for (name, proof) in suite() {
        let bench: Arc<dyn Bench> = Arc::new(bench(name).await);
        if tokio::spawn(proof(bench)).await.is_err() {
            failed.push(name.replace('_', " "));
        }
    }
    assert!(failed.is_empty(), "these do not hold:\n  {}", failed.join("\n  "));
}
