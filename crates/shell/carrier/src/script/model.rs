//! The typed script. Every field is as in the YAML file; unknown ones are refused.

use std::collections::BTreeMap;
use std::sync::Arc;

use records::Number;
use serde::Deserialize;

use super::{Expect, Keys, Span, Speech, ToneName};

/// All virtual customers and how the carrier receives their callers.
///
/// ```
/// let yaml = r#"
/// trunk: {realm: carrier.example, username: huifang, password: secret}
/// habits: {prompt_end: 800ms, patience: 20s}
/// customers:
///   - number: "+8619900000001"
///     note: does not answer at first, then is dissatisfied and says why
///     attempts:
///       - no_answer
///       - answer:
///           after: 2s
///           steps:
///             - say: 700ms
///             - wait_for_prompt_end
///             - press: "1"
///             - press_during_prompt: "4"
///             - wait_for_prompt_end
///             - say: 3s
///             - hang_up
///     expect:
///       reasons: [no_answer, partial]
///       answers: {stability: poor}
///       callback: true
///       spoken: true
///   - number: "+8619900000002"
///     attempts:
///       - fail: {early_media: {hear: {tone: congestion}, for: 2s}, status: 503, cause: 34}
/// otherwise: [vacant]
/// "#;
/// let script = carrier::Script::parse(yaml, std::path::Path::new("script.yaml")).unwrap();
/// assert_eq!(script.customers[0].expect.as_ref().map(|expect| expect.attempts), Some(2));
/// ```
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// Whether and how callers must authenticate.
    pub trunk: Option<Trunk>,
    /// How all customers listen.
    #[serde(default)]
    pub habits: Habits,
    /// Name to WAV file (8 kHz, mono, 16 bit), relative to the script.
    #[serde(default)]
    pub clips: BTreeMap<String, std::path::PathBuf>,
    /// The customers, each with a number of their own.
    #[serde(default)]
    pub customers: Vec<Customer>,
    /// What any other number does; without it they are vacant.
    #[serde(default)]
    pub otherwise: Vec<Behaviour>,
    /// The clips' samples, read when the script is loaded.
    #[serde(skip)]
    pub(crate) sounds: BTreeMap<String, Arc<[i16]>>,
}

/// Credentials asked for with 407.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trunk {
    /// Realm of the challenge.
    pub realm: String,
    /// User name.
    pub username: String,
    /// Password.
    pub password: String,
}

/// How customers listen.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Habits {
    /// Silence after speech that is taken as the end of a prompt. Longer than the pauses inside
    /// and between prompts that belong together.
    pub prompt_end: Span,
    /// How long a customer bears silence when waiting for a prompt, before hanging up.
    pub patience: Span,
}

impl Default for Habits {
    fn default() -> Self {
        Self { prompt_end: Span::ms(800), patience: Span::ms(20_000) }
    }
}

/// One virtual customer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Customer {
    /// The number, as a person would write it.
    pub number: Number,
    /// What this customer stands for.
    #[serde(default)]
    pub note: String,
    /// Behaviour at the first call, the second, and so on; the last one stays.
    pub attempts: Vec<Behaviour>,
    /// What should come of it.
    pub expect: Option<Expect>,
}

/// What happens when a number is called.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Behaviour {
    /// The customer picks up.
    Answer(Answer),
    /// A machine picks up, greets, beeps and listens.
    AnsweringMachine(Machine),
    /// It rings until the caller gives up.
    NoAnswer,
    /// Nothing comes back but 100, until the caller gives up.
    Mute,
    /// 486, cause 17.
    Busy,
    /// Rings, then 603, cause 21.
    Rejected,
    /// Announcement in early media, then 480, cause 20.
    PoweredOff,
    /// Announcement in early media, then 480, cause 27.
    OutOfCoverage,
    /// Announcement in early media, then 480, cause 31 and the text 停机.
    Suspended,
    /// Number-unobtainable tone in early media, then 480, cause 1.
    Vacant,
    /// Any other way not to get through.
    Fail(Failure),
}

/// How a customer behaves who picks up.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// Ringing before that.
    #[serde(default = "soon")]
    pub after: Span,
    /// Ring-back tone in early media (183) instead of 180.
    #[serde(default)]
    pub early_media: bool,
    /// What the customer does then, in order; at the end they hang up.
    #[serde(default)]
    pub steps: Vec<Step>,
}

/// An answering machine.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Machine {
    /// Ringing before it picks up.
    pub after: Span,
    /// Length of the greeting.
    pub greeting: Span,
    /// Length of the beep.
    pub beep: Span,
}

impl Default for Machine {
    fn default() -> Self {
        Self { after: soon(), greeting: Span::ms(4000), beep: Span::ms(600) }
    }
}

/// How a call fails.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// 180 for this long; none when absent.
    pub ringing: Option<Span>,
    /// 183 with something to hear before the end.
    pub early_media: Option<EarlyMedia>,
    /// Final SIP status, 400 to 699.
    pub status: u16,
    /// Q.850 cause for the Reason header; no header when absent.
    pub cause: Option<u8>,
    /// Text of the Reason header.
    pub text: Option<String>,
}

/// Something heard before any answer.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EarlyMedia {
    /// What.
    pub hear: Heard,
    /// For how long.
    #[serde(rename = "for")]
    pub span: Span,
}

/// What early media carries.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Heard {
    /// A 450 Hz tone.
    Tone(ToneName),
    /// Speech.
    Announcement(Speech),
}

/// One thing a customer does.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Waits until a prompt was heard and has ended.
    WaitForPromptEnd,
    /// Waits until half a second of a prompt has been heard.
    WaitForPrompt,
    /// Presses keys.
    Press(Keys),
    /// Waits until half a second of a prompt has been heard, and presses keys into it.
    PressDuringPrompt(Keys),
    /// Speaks.
    Say(Speech),
    /// Says nothing for a time.
    Silence(Span),
    /// Sends a 1 kHz beep.
    Beep(Span),
    /// Hangs up.
    HangUp,
    /// Listens until the caller hangs up.
    StayUntilHungUp,
}

const fn soon() -> Span {
    Span::ms(1000)
}

impl Behaviour {
    /// The general form of those that fail by themselves.
    pub(crate) fn failure(&self) -> Option<Failure> {
        let announced = |cause, text: Option<&str>| Failure {
            ringing: None,
            early_media: Some(EarlyMedia {
                hear: Heard::Announcement(Speech::Murmur(Span::ms(3000))),
                span: Span::ms(3000),
            }),
            status: 480,
            cause: Some(cause),
            text: text.map(str::to_owned),
        };
        let plain = |ringing, status, cause, text: &str| Failure {
            ringing,
            early_media: None,
            status,
            cause: Some(cause),
            text: Some(text.to_owned()),
        };
        Some(match self {
            Self::Busy => plain(None, 486, 17, "User busy"),
            Self::Rejected => plain(Some(Span::ms(1500)), 603, 21, "Call rejected"),
            Self::PoweredOff => announced(20, None),
            Self::OutOfCoverage => announced(27, Some("Destination out of order")),
            // No cause of Q.850 means it; exchanges say it in words.
            Self::Suspended => announced(31, Some("停机")),
            Self::Vacant => Failure {
                early_media: Some(EarlyMedia {
                    hear: Heard::Tone(ToneName::Unobtainable),
                    span: Span::ms(4000),
                }),
                ..announced(1, Some("Unallocated number"))
            },
            Self::Fail(failure) => failure.clone(),
            Self::Answer(_) | Self::AnsweringMachine(_) | Self::NoAnswer | Self::Mute => return None,
        })
    }

    /// The word for it in the journal.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Answer(_) => "answer",
            Self::AnsweringMachine(_) => "answering_machine",
            Self::NoAnswer => "no_answer",
            Self::Mute => "mute",
            Self::Busy => "busy",
            Self::Rejected => "rejected",
            Self::PoweredOff => "powered_off",
            Self::OutOfCoverage => "out_of_coverage",
            Self::Suspended => "suspended",
            Self::Vacant => "vacant",
            Self::Fail(_) => "fail",
        }
    }
}

impl Machine {
    /// A machine as a customer with fixed habits.
    pub(crate) fn answer(&self) -> Answer {
        Answer {
            after: self.after,
            early_media: false,
            steps: vec![
                Step::Say(Speech::Murmur(self.greeting)),
                Step::Silence(Span::ms(300)),
                Step::Beep(self.beep),
                Step::StayUntilHungUp,
            ],
        }
    }
}
