//! What was heard on a line, and what it rests on.

use serde::{Deserialize, Serialize};

use crate::Reason;

/// What was heard, before the answer or after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Heard {
    Ringback,
    BusyTone,
    CongestionTone,
    UnobtainableTone,
    /// Sound that is no tone: an announcement, music.
    Sound,
    /// A special information tone without a code, or with one that says nothing of the number.
    InformationTone,
    /// The special information tones of a number that is changed, given up or was never given out.
    VacantTone,
    /// Those of a network that could not carry the call.
    NoCircuitTone,
    /// A fax machine or modem.
    Fax,
    /// Nothing since the answer.
    Silence,
    /// The beep of a machine that records.
    Beep,
    /// A person.
    Human,
    /// A recorded greeting.
    Machine,
    /// Neither can be told.
    Nobody,
    /// An announcement that the operator knows, and what it says.
    Announcement(Reason),
}

impl Heard {
    /// The word used in the console's texts; an announcement's reason stands beside it.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Ringback => "ringback",
            Self::BusyTone => "busy_tone",
            Self::CongestionTone => "congestion_tone",
            Self::UnobtainableTone => "unobtainable_tone",
            Self::Sound => "sound",
            Self::InformationTone => "information_tone",
            Self::VacantTone => "vacant_tone",
            Self::NoCircuitTone => "no_circuit_tone",
            Self::Fax => "fax",
            Self::Silence => "silence",
            Self::Beep => "beep",
            Self::Human => "human",
            Self::Machine => "machine",
            Self::Nobody => "nobody",
            Self::Announcement(_) => "announcement",
        }
    }

    /// Whether a later clue of `other` takes the place of one of this: a line has one who answered.
    fn is_about(self, other: Self) -> bool {
        let who = |heard| matches!(heard, Self::Human | Self::Machine | Self::Nobody);
        self == other || (who(self) && who(other))
    }
}

/// A clue: what was heard, how sure that is, and where its evidence lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Clue {
    pub heard: Heard,
    /// In percent. Zero takes back what was found before.
    pub confidence: u8,
    /// Whether it was heard after the answer.
    pub answered: bool,
    /// Where in the recording: since the answer; where there was none yet, since the call was placed.
    pub from_ms: u64,
    pub to_ms: u64,
    /// Which of the operator's clips it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clip: Option<String>,
}

impl Clue {
    /// Puts a clue among others: it takes the place of an earlier one about the same thing.
    pub fn enter(self, clues: &mut Vec<Self>) {
        clues.retain(|earlier| !(earlier.heard.is_about(self.heard) && earlier.clip == self.clip));
        if self.confidence > 0 {
            clues.push(self);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clue(heard: Heard, confidence: u8) -> Clue {
        Clue { heard, confidence, answered: true, from_ms: 0, to_ms: 1000, clip: None }
    }

    #[test]
    fn a_later_clue_replaces_the_one_about_the_same_thing() {
        let mut clues = Vec::new();
        for (heard, confidence) in [
            (Heard::Machine, 70),
            (Heard::Announcement(Reason::Busy), 75),
            (Heard::Human, 100),
            (Heard::Announcement(Reason::Vacant), 95),
            (Heard::Announcement(Reason::Busy), 0),
        ] {
            clue(heard, confidence).enter(&mut clues);
        }
        let found: Vec<_> = clues.iter().map(|clue| (clue.heard, clue.confidence)).collect();
        assert_eq!(found, [(Heard::Human, 100), (Heard::Announcement(Reason::Vacant), 95)]);
    }

    #[test]
    fn words_heard_are_kept_as_words() {
        let written = |heard: Heard| serde_json::to_string(&heard).unwrap();
        assert_eq!(written(Heard::BusyTone), "\"busy_tone\"");
        assert_eq!(written(Heard::Announcement(Reason::PoweredOff)), "{\"announcement\":\"powered_off\"}");
    }
}
