//! Several processes on one trunk: how its lines and its calls per second are divided among them.
//!
//! Each process holds a part and calls within it without asking anybody. It asks for more, and is asked to come down
//! where others are short; only it can give up what it holds, since only it knows what is in use. Of what one held
//! the others take no more than it has said to be free, so that the parts together never exceed the whole.

/// Lines, and calls begun per second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    pub lines: u32,
    pub cps: u32,
}

impl Share {
    /// The lesser of both in each.
    #[must_use]
    pub fn least(self, other: Self) -> Self {
        Self { lines: self.lines.min(other.lines), cps: self.cps.min(other.cps) }
    }
}

/// One process and one kind of thing that is divided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holder {
    /// What may be in use until it says otherwise.
    pub held: u32,
    /// What it could use now.
    pub wanted: u32,
}

/// What a process is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its part from now on.
    pub held: u32,
    /// What it is to come down to, as its calls allow, because others are short; else the same.
    pub keep: u32,
}

/// The part of the process at `me`. `stuck` is what nobody can use: calls of processes that are gone may still be up.
/// What does not divide evenly goes to each in its `turn`.
pub fn part(total: u32, stuck: u32, holders: &[Holder], me: usize, turn: u64) -> Part {
    let total = total.saturating_sub(stuck);
    let wants: Vec<u32> = holders.iter().map(|holder| holder.wanted).collect();
    let fair = fair(total, &wants, turn);
    let others = || holders.iter().zip(&fair).enumerate().filter(|(index, _)| *index != me);
    let elsewhere: u32 = others().map(|(_, (other, _))| other.held).sum();
    let short: u32 = others().map(|(_, (other, fair))| fair.saturating_sub(other.held)).sum();
    // Who was away for long may find that others have what it held.
    let held = holders[me].held.min(total.saturating_sub(elsewhere));
    let free = total.saturating_sub(elsewhere + held);
    // What nobody is short of stays with who asks, so that it is at hand.
    let more = free.min(fair[me].saturating_sub(held).max(free.saturating_sub(short)));
    let held = held + more;
    let beyond = (elsewhere + held).saturating_sub(total);
    let lacking = (short + beyond).saturating_sub(free - more);
    Part { held, keep: held - held.saturating_sub(fair[me]).min(lacking) }
}

/// Max-min fair: nobody gets more than he wants, and who gets less than he wants gets no less than any other.
fn fair(total: u32, wants: &[u32], turn: u64) -> Vec<u32> {
    let mut given = vec![0; wants.len()];
    let mut left = total;
    loop {
        let hungry: Vec<usize> = (0..wants.len()).filter(|index| given[*index] < wants[*index]).collect();
        let among = hungry.len() as u32;
        if left == 0 || among == 0 {
            return given;
        }
        if left < among {
            let first = (turn % u64::from(among)) as usize;
            for index in hungry.iter().cycle().skip(first).take(left as usize) {
                given[*index] += 1;
            }
            return given;
        }
        let each = left / among;
        for index in hungry {
            let more = each.min(wants[index] - given[index]);
            given[index] += more;
            left -= more;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_is_divided_by_what_is_wanted() {
        for (total, wants, turn, expected) in [
            (10, vec![10], 0, vec![10]),
            (10, vec![10, 10], 0, vec![5, 5]),
            (10, vec![2, 10], 0, vec![2, 8]),
            (10, vec![2, 3], 0, vec![2, 3]),
            (10, vec![1, 10, 10], 0, vec![1, 5, 4]),
            (10, vec![1, 10, 10], 1, vec![1, 4, 5]),
            (1, vec![1, 1, 1], 4, vec![0, 1, 0]),
            (0, vec![3], 0, vec![0]),
        ] {
            assert_eq!(fair(total, &wants, turn), expected, "{total} {wants:?} {turn}");
        }
    }

    #[test]
    fn a_process_alone_has_all_and_gives_up_what_another_lacks() {
        let (idle, busy, new) =
            (Holder { held: 10, wanted: 1 }, Holder { held: 10, wanted: 10 }, Holder { held: 0, wanted: 1 });
        assert_eq!(part(10, 0, &[Holder { held: 0, wanted: 1 }], 0, 0), Part { held: 10, keep: 10 });
        assert_eq!(part(10, 0, &[idle, new], 0, 0), Part { held: 10, keep: 9 });
        assert_eq!(part(10, 0, &[idle, new], 1, 0), Part { held: 0, keep: 0 });
        assert_eq!(part(10, 0, &[busy, Holder { held: 0, wanted: 10 }], 0, 0), Part { held: 10, keep: 5 });
        // It has come down: the other takes what is free, and no more.
        let down = Holder { held: 7, wanted: 10 };
        assert_eq!(part(10, 0, &[down, Holder { held: 0, wanted: 10 }], 1, 0), Part { held: 3, keep: 3 });
    }

    #[test]
    fn calls_of_a_process_that_is_gone_keep_their_lines() {
        assert_eq!(part(10, 4, &[Holder { held: 0, wanted: 10 }], 0, 0), Part { held: 6, keep: 6 });
        assert_eq!(part(4, 6, &[Holder { held: 0, wanted: 4 }], 0, 0), Part { held: 0, keep: 0 });
    }

    #[test]
    fn who_comes_back_after_its_time_gets_what_is_left() {
        let other = Holder { held: 8, wanted: 8 };
        assert_eq!(part(10, 0, &[Holder { held: 5, wanted: 5 }, other], 0, 0), Part { held: 2, keep: 2 });
    }
}
