//! How many calls are begun now: as lines and calls per second allow, and fewer while people are behind with what the
//! calls before have brought up.

use std::fmt;

/// When calling slows down for the people behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct People {
    /// Open items of the call-back queue that one agent can see to in time; 0: calling never slows down for them.
    pub items_per_agent: u32,
    /// Agents counted on, however few are logged in.
    pub agents_at_least: u32,
    /// The part of the lines that is used even then, in percent.
    pub least_percent: u32,
}

impl Default for People {
    fn default() -> Self {
        Self { items_per_agent: 50, agents_at_least: 1, least_percent: 10 }
    }
}

/// What the pace is decided by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// Tasks that may be called now: due, their windows open.
    pub callable: u32,
    /// Tasks that are due while their windows are shut.
    pub shut: u32,
    /// Free lines.
    pub lines: u32,
    /// Of them those whose calls would not wait for their turn.
    pub room: u32,
    /// Calls that are up or being prepared.
    pub up: u32,
    /// Items of the call-back queue that are not done.
    pub items: u32,
    /// Agents who are logged in.
    pub agents: u32,
}

/// So many calls now, and what keeps them from being more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    pub calls: u32,
    pub why: Why,
}

/// What sets the pace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Why {
    /// Nothing is due.
    #[default]
    NothingDue,
    /// Tasks are due, but it is not the time to call anybody.
    WindowsShut { waiting: u32 },
    /// All tasks that may be called are taken up.
    AllTaken,
    /// All lines are in use.
    Lines,
    /// The calls per second are used up.
    Rate,
    /// People are behind: of the lines only so many percent are used.
    People { items: u32, capacity: u32, percent: u32 },
}

impl Why {
    /// All of them, as metrics want them.
    pub const SLUGS: [&str; 6] = ["nothing_due", "windows_shut", "all_taken", "lines", "rate", "people"];

    /// The word used in metrics and API.
    pub fn slug(self) -> &'static str {
        match self {
            Self::NothingDue => "nothing_due",
            Self::WindowsShut { .. } => "windows_shut",
            Self::AllTaken => "all_taken",
            Self::Lines => "lines",
            Self::Rate => "rate",
            Self::People { .. } => "people",
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingDue => write!(out, "no task is due"),
            Self::WindowsShut { .. } => {
                write!(out, "tasks are due, but outside the windows of their plans")
            }
            Self::AllTaken => write!(out, "all tasks that may be called are being called"),
            Self::Lines => write!(out, "all lines are in use"),
            Self::Rate => write!(out, "the trunk's calls per second are used up"),
            Self::People { items, capacity, percent } => write!(
                out,
                "{items} call-back items are open and the agents can see to {capacity}: {percent} % of the lines are \
                 used until they have caught up. Have more agents log in, or raise dialer.people.items_per_agent"
            ),
        }
    }
}

/// The pace.
pub fn pace(people: &People, now: &Circumstances) -> Pace {
    let Circumstances { callable, shut, lines, room, up, items, .. } = *now;
    if callable == 0 {
        let why = if shut > 0 { Why::WindowsShut { waiting: shut } } else { Why::NothingDue };
        return Pace { calls: 0, why };
    }
    let capacity = people.capacity(now.agents);
    let percent = people.percent(items, capacity);
    // Of all lines that calls may use, busy ones included; one at least, or nothing would ever be known.
    let most = (u64::from(up + lines) * u64::from(percent)).div_ceil(100).max(1);
    let by_people = u32::try_from(most).unwrap_or(u32::MAX).saturating_sub(up);
    let calls = callable.min(room).min(by_people);
    let why = if calls == callable {
        Why::AllTaken
    } else if by_people < room {
        Why::People { items, capacity, percent }
    } else if lines == room {
        Why::Lines
    } else {
        Why::Rate
    };
    Pace { calls, why }
}

impl People {
    fn capacity(&self, agents: u32) -> u32 {
        self.items_per_agent.saturating_mul(agents.max(self.agents_at_least))
    }

    /// All lines as long as the agents can see to the items; from there on fewer and fewer, until twice as many are open.
    fn percent(&self, items: u32, capacity: u32) -> u32 {
        if self.items_per_agent == 0 || items <= capacity {
            return 100;
        }
        let beyond = u64::from(items - capacity) * 100 / u64::from(capacity.max(1));
        100_u32.saturating_sub(u32::try_from(beyond).unwrap_or(u32::MAX)).max(self.least_percent.min(100))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 20 lines, 4 of them busy, 2 agents who can see to 100 items.
    const NOW: Circumstances =
        Circumstances { callable: 1000, shut: 0, lines: 16, room: 16, up: 4, items: 0, agents: 2 };

    #[test]
    fn the_pace_follows_what_there_is_least_of() {
        let people = |items, percent| Why::People { items, capacity: 100, percent };
        for (now, calls, why) in [
            (NOW, 16, Why::Lines),
            (Circumstances { room: 5, ..NOW }, 5, Why::Rate),
            (Circumstances { room: 0, ..NOW }, 0, Why::Rate),
            (Circumstances { lines: 0, room: 0, up: 20, ..NOW }, 0, Why::Lines),
            (Circumstances { callable: 3, ..NOW }, 3, Why::AllTaken),
            (Circumstances { callable: 0, ..NOW }, 0, Why::NothingDue),
            (Circumstances { callable: 0, shut: 7, ..NOW }, 0, Why::WindowsShut { waiting: 7 }),
            (Circumstances { items: 100, ..NOW }, 16, Why::Lines),
            (Circumstances { items: 150, ..NOW }, 6, people(150, 50)),
            (Circumstances { items: 150, room: 5, ..NOW }, 5, Why::Rate),
            (Circumstances { items: 180, ..NOW }, 0, people(180, 20)),
            (Circumstances { items: 9999, ..NOW }, 0, people(9999, 10)),
            (Circumstances { items: 9999, lines: 20, room: 20, up: 0, ..NOW }, 2, people(9999, 10)),
        ] {
            assert_eq!(pace(&People::default(), &now), Pace { calls, why }, "{now:?}");
        }
    }

    #[test]
    fn the_figures_are_the_operators() {
        let behind = Circumstances { items: 500, lines: 3, room: 3, up: 0, agents: 0, ..NOW };
        let pace = |people: People| super::pace(&people, &behind).calls;
        let usual = People::default();
        assert_eq!(pace(usual), 1, "one call at least");
        assert_eq!(pace(People { items_per_agent: 0, ..usual }), 3);
        assert_eq!(pace(People { agents_at_least: 10, ..usual }), 3);
        assert_eq!(pace(People { least_percent: 50, ..usual }), 2);
        assert_eq!(pace(People { least_percent: 400, ..usual }), 3);
    }

    #[test]
    fn a_reason_has_its_word_and_its_remedy() {
        let people = Why::People { items: 150, capacity: 100, percent: 50 };
        for why in
            [Why::NothingDue, Why::WindowsShut { waiting: 1 }, Why::AllTaken, Why::Lines, Why::Rate, people]
        {
            assert!(Why::SLUGS.contains(&why.slug()));
        }
        assert!(people.to_string().contains("dialer.people.items_per_agent"));
    }
}
