//! What the guard did, as numbers.

/// Why a message had no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Why {
    /// A trunk's address sent more than its rate.
    TrunkFlood,
    /// Strangers sent more than they are listened to.
    StrangerFlood,
    /// Over the size of a message.
    TooLarge,
    /// Not a message we work on, and nobody to tell.
    Malformed,
    /// A stranger, who gets no answer by policy.
    Stranger,
    /// A program known to search for victims.
    Scanner,
    /// The answer would be larger than the question.
    Amplifies,
    /// The strangers' answers are used up for the moment.
    AnswersSpent,
    /// A response that belongs to no request of ours.
    UnknownResponse,
    /// A response from somewhere else than its request went to.
    ForeignResponse,
    /// An ACK without a transaction of ours, or another request that is never answered.
    Unanswerable,
    /// CRLF of a keep-alive.
    KeepAlive,
}

/// All reasons, in the order of their counters.
const ALL: [Why; 12] = [
    Why::TrunkFlood,
    Why::StrangerFlood,
    Why::TooLarge,
    Why::Malformed,
    Why::Stranger,
    Why::Scanner,
    Why::Amplifies,
    Why::AnswersSpent,
    Why::UnknownResponse,
    Why::ForeignResponse,
    Why::Unanswerable,
    Why::KeepAlive,
];

impl Why {
    /// As metrics name it.
    pub fn slug(self) -> &'static str {
        match self {
            Self::TrunkFlood => "trunk_flood",
            Self::StrangerFlood => "stranger_flood",
            Self::TooLarge => "too_large",
            Self::Malformed => "malformed",
            Self::Stranger => "stranger",
            Self::Scanner => "scanner",
            Self::Amplifies => "amplifies",
            Self::AnswersSpent => "answers_spent",
            Self::UnknownResponse => "unknown_response",
            Self::ForeignResponse => "foreign_response",
            Self::Unanswerable => "unanswerable",
            Self::KeepAlive => "keep_alive",
        }
    }
}

/// Messages since the start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Read.
    pub heard: u64,
    /// Answered by the gate itself, without a call or transaction.
    pub answered: u64,
    dropped: [u64; ALL.len()],
}

impl Counts {
    pub(super) fn drop(&mut self, why: Why) {
        self.dropped[why as usize] += 1;
    }

    /// How many had no effect for that reason.
    pub fn dropped(&self, why: Why) -> u64 {
        self.dropped[why as usize]
    }

    /// Every reason with its number.
    pub fn all_dropped(&self) -> impl Iterator<Item = (Why, u64)> {
        ALL.into_iter().zip(self.dropped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_its_own_counter() {
        let mut counts = Counts::default();
        for (at, why) in ALL.into_iter().enumerate() {
            assert_eq!(why as usize, at);
            counts.drop(why);
        }
        assert!(counts.all_dropped().all(|(why, number)| number == 1 && counts.dropped(why) == 1));
    }
}
