//! What a called party presses, and when: one key after each prompt of the bench's questionnaire that asks for one.

/// A key is pressed this many packets after its prompt: 0.4 s.
const REACTION: u32 = 20;
/// "Yes, it is me."
const YES: u8 = 1;
/// Prompts before the first question: the recording notice, which asks for no key, and who is speaking.
const NOTICE: usize = 0;
const IDENTITY: usize = 1;
/// Questions, each with the keys 1 to 4.
pub const QUESTIONS: usize = 5;
/// Prompts of a whole call: those two, the questions, and the closing.
pub const PROMPTS: usize = QUESTIONS + 3;

/// The key that the owner of a number presses for question `n` of `0..QUESTIONS`: all four keys, in every order.
pub fn key_of(number: &str, n: usize) -> u8 {
    let digits = number
        .bytes()
        .filter(u8::is_ascii_digit)
        .fold(0_usize, |sum, digit| sum * 10 + usize::from(digit - b'0'));
    ((digits >> (2 * n)) % 4) as u8 + 1
}

/// One call's keys.
#[derive(Clone, Debug)]
pub(super) struct Script {
    /// By prompt, in order.
    keys: Vec<Option<u8>>,
    heard: usize,
    /// The next key and the packets until it is pressed.
    waiting: Option<(u8, u32)>,
}

impl Script {
    /// Who presses nothing.
    pub(super) fn silent() -> Self {
        Self { keys: Vec::new(), heard: 0, waiting: None }
    }

    /// The owner of a number, as the service dials it.
    pub(super) fn of(number: &str) -> Self {
        let key = |prompt: usize| match prompt {
            NOTICE => None,
            IDENTITY => Some(YES),
            question => Some(key_of(number, question - IDENTITY - 1)),
        };
        Self { keys: (0..IDENTITY + 1 + QUESTIONS).map(key).collect(), heard: 0, waiting: None }
    }

    /// A prompt has ended.
    pub(super) fn prompt_ended(&mut self) {
        let key = self.keys.get(self.heard).copied().flatten();
        self.heard += 1;
        self.waiting = key.map(|key| (key, REACTION));
    }

    /// Another packet is due; answers the key that is pressed with it.
    pub(super) fn tick(&mut self) -> Option<u8> {
        let (key, left) = self.waiting?;
        self.waiting = (left > 0).then(|| (key, left - 1));
        (left == 0).then_some(key)
    }
}
