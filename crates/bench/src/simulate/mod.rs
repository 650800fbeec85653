//! `make simulate`: a year of several plans over a hundred thousand customers, in virtual time, on the store's model.
//!
//! What decides is the service's own: the same pure functions (`plan`) are asked in the same order as the dialer, the
//! line and the console ask them, and the same port (`ports::Store`) keeps what comes of it. What is made up is the
//! world around: who answers when, what people and other channels achieve, and the clock. A judge that shares no code
//! with what decides looks at every call and every end; the first broken rule ends the run.
//!
//! Two things are coarser than in the service, and neither changes a decision. The dialer looks every ten seconds,
//! not every second. Of the customers an evaluation looks at those whose record has changed, and at each other one
//! every fifth week, as tasks are made forty days ahead: the service looks at everybody once a day.

mod agenda;
mod call;
mod desk;
mod dialer;
mod error;
mod judge;
mod options;
mod picture;
mod plans;
mod population;
mod table;
mod tally;
mod world;
mod year;

use std::time::Instant;

pub use error::SimulateError;
pub use judge::Violation;
pub use options::Options;
pub use tally::Figures;

use world::World;

/// Lives through the year; answers its figures.
pub fn simulate(options: &Options) -> Result<Figures, SimulateError> {
    if options.customers == 0 || options.customers > 1_000_000 {
        return Err(SimulateError::Customers);
    }
    let begun = Instant::now();
    // The model never waits: whatever it is asked is done when it answers.
    futures::executor::block_on(async {
        let mut world = World::made(options).await?;
        let prepared = begun.elapsed();
        world.live().await?;
        world.figures(prepared, || begun.elapsed()).await
    })
}

/// Leaves table, picture and figures in the folder; answers the table.
pub fn leave(options: &Options, figures: &Figures) -> Result<String, SimulateError> {
    let text = table::table(figures);
    let json = serde_json::to_string_pretty(figures).expect("plain figures are JSON") + "\n";
    std::fs::create_dir_all(&options.out)?;
    std::fs::write(options.out.join("simulate.md"), &text)?;
    std::fs::write(options.out.join("simulate.json"), json)?;
    std::fs::write(options.out.join("simulate.svg"), picture::picture(figures))?;
    Ok(text)
}
