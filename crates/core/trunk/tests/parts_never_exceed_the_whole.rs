//! Processes that ask in any order, use what they hold, die and come back: together they never use more than there is,
//! and who wants its part has it after a few rounds.

use proptest::prelude::*;
use trunk::share::{Holder, part};

/// A process: the books' word of it, and what it really allows itself and uses.
#[derive(Clone, Copy, Debug, Default)]
struct Process {
    book: Holder,
    limit: u32,
    used: u32,
    gone: bool,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Ask(usize),
    Want(usize, u32),
    /// A call begins, where its limit allows.
    Begin(usize),
    End(usize),
    /// It dies; its calls stay up.
    Die(usize),
}

fn step(processes: usize) -> impl Strategy<Value = Step> {
    let one = 0..processes;
    prop_oneof![
        6 => one.clone().prop_map(Step::Ask),
        2 => (one.clone(), 0_u32..14).prop_map(|(one, wanted)| Step::Want(one, wanted)),
        8 => one.clone().prop_map(Step::Begin),
        4 => one.clone().prop_map(Step::End),
        1 => one.prop_map(Step::Die),
    ]
}

fn ask(total: u32, all: &mut [Process], me: usize, turn: u64) {
    if all[me].gone {
        return;
    }
    let stuck: u32 = all.iter().filter(|one| one.gone).map(|one| one.used).sum();
    all[me].book.held = all[me].limit.max(all[me].used);
    let living: Vec<usize> = (0..all.len()).filter(|index| !all[*index].gone).collect();
    let holders: Vec<Holder> = living.iter().map(|index| all[*index].book).collect();
    let place = living.iter().position(|index| *index == me).unwrap();
    let told = part(total, stuck, &holders, place, turn);
    assert!(told.keep <= told.held);
    all[me].book.held = told.held;
    all[me].limit = told.keep;
}

fn used(all: &[Process]) -> u32 {
    all.iter().map(|one| one.used).sum()
}

proptest! {
    #[test]
    fn the_parts_together_never_exceed_the_whole(
        total in 0_u32..12, steps in proptest::collection::vec(step(3), 0..200), turn: u64,
    ) {
        let mut all = [Process::default(); 3];
        for step in steps {
            match step {
                Step::Ask(me) => ask(total, &mut all, me, turn),
                Step::Want(me, wanted) => all[me].book.wanted = wanted,
                Step::Begin(me) if !all[me].gone && all[me].used < all[me].limit => all[me].used += 1,
                Step::End(me) => all[me].used = all[me].used.saturating_sub(1),
                Step::Die(me) => all[me].gone = true,
                Step::Begin(_) => {}
            }
            prop_assert!(used(&all) <= total, "{all:?}");
        }
        // Calls end, and everybody asks a few times: no want is left open while another has more than its part.
        for one in &mut all { one.used = 0; }
        for _ in 0..4 {
            for me in 0..3 { ask(total, &mut all, me, turn); }
        }
        let living: Vec<&Process> = all.iter().filter(|one| !one.gone).collect();
        for short in living.iter().filter(|one| one.limit < one.book.wanted) {
            for other in &living {
                prop_assert!(other.limit <= short.limit + 1, "{all:?}");
            }
            let held: u32 = living.iter().map(|one| one.limit).sum();
            prop_assert_eq!(held, total);
        }
    }
}
