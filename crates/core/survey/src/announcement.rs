//! A short notice in place of an interview: said once, asks for nothing.

use crate::{Event, Outcome, PromptRef, Step};

/// What a caller hears for whom there is no questionnaire. Driven as [`crate::Interview`] is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    prompt: PromptRef,
    said: bool,
}

impl Announcement {
    /// Says `prompt` once the call is answered.
    pub fn new(prompt: PromptRef) -> Self {
        Self { prompt, said: false }
    }

    /// Feed one event, receive the next steps in order.
    pub fn handle(&mut self, event: Event) -> Vec<Step> {
        match event {
            Event::Begin => vec![Step::Say { prompt: self.prompt.clone(), barge_in: false }],
            Event::PromptDone => {
                self.said = true;
                vec![Step::Closing { outcome: Outcome::Told }]
            }
            Event::HungUp => vec![Step::End { outcome: self.outcome_if_hung_up() }],
            _ => Vec::new(),
        }
    }

    /// How it ends if the caller hangs up now.
    pub fn outcome_if_hung_up(&self) -> Outcome {
        if self.said { Outcome::Told } else { Outcome::HungUpEarly }
    }
}
