//! Findings: what was heard, where, and how sure that is.

/// Something heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub what: What,
    /// The first sample of the evidence.
    pub from: i64,
    /// Behind its last sample.
    pub to: i64,
    /// In percent. Zero: what was told before about the same thing was an error.
    pub confidence: u8,
}

/// What can be heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// A special information tone: the call failed, and an announcement says why.
    Sit(Sit),
    /// A fax machine or modem.
    Fax(FaxTone),
    /// Nothing at all, since the answer.
    Silence,
    /// A steady tone such as ends a recorded greeting.
    Beep,
    /// Who answered.
    Answered(Answered),
    /// A clip of the library, by its number there.
    Announcement(u16),
}

impl What {
    /// The same in words that do not change: recordings are marked with them.
    pub fn words(self) -> &'static str {
        match self {
            Self::Sit(Sit::Plain) => "special information tone",
            Self::Sit(Sit::Intercept) => "special information tone IC",
            Self::Sit(Sit::VacantCode) => "special information tone VC",
            Self::Sit(Sit::Reorder) => "special information tone RO",
            Self::Sit(Sit::NoCircuit) => "special information tone NC",
            Self::Fax(FaxTone::Calling) => "fax CNG",
            Self::Fax(FaxTone::Answering) => "fax CED",
            Self::Silence => "silence",
            Self::Beep => "beep",
            Self::Answered(Answered::Human) => "human",
            Self::Answered(Answered::Machine) => "machine",
            Self::Answered(Answered::Unknown) => "human or machine",
            Self::Announcement(_) => "announcement",
        }
    }

    /// Whether a finding of `other` takes the place of one of this.
    pub fn is_about(self, other: Self) -> bool {
        match (self, other) {
            (Self::Answered(_), Self::Answered(_)) => true,
            (one, other) => one == other,
        }
    }
}

/// The meanings of a special information tone. ITU-T E.180 knows one; North America's networks put four into the
/// lengths and frequencies of its first two tones (Telcordia SR-2275).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sit {
    /// The tone of E.180, or lengths and frequencies that mean nothing in particular.
    Plain,
    /// IC: the number was changed or given up.
    Intercept,
    /// VC: no such number.
    VacantCode,
    /// RO: the network could not carry the call out.
    Reorder,
    /// NC: all circuits are busy.
    NoCircuit,
}

/// What a fax machine sends (ITU-T T.30, V.25).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaxTone {
    /// CNG: 1100 Hz, half a second of every three and a half: a fax calls.
    Calling,
    /// CED or ANS: 2100 Hz, steady: a fax or modem has answered.
    Answering,
}

/// Who is at the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answered {
    /// A person.
    Human,
    /// A recorded greeting.
    Machine,
    /// It cannot be told.
    Unknown,
}
