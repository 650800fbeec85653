//! What is said once a call is answered: an interview, or a notice to whom there is nothing to ask.

use survey::{Announcement, Event, Interview, Outcome, Step};

/// The course of an answered call.
#[derive(Debug)]
pub enum Course {
    /// A questionnaire is asked.
    Interview(Box<Interview>),
    /// A notice is said.
    Announcement(Announcement),
}

impl From<Interview> for Course {
    fn from(interview: Interview) -> Self {
        Self::Interview(Box::new(interview))
    }
}

impl From<Announcement> for Course {
    fn from(announcement: Announcement) -> Self {
        Self::Announcement(announcement)
    }
}

impl Course {
    pub(crate) fn handle(&mut self, event: Event) -> Vec<Step> {
        match self {
            Self::Interview(interview) => interview.handle(event),
            Self::Announcement(announcement) => announcement.handle(event),
        }
    }

    pub(crate) fn outcome_if_hung_up(&self) -> Outcome {
        match self {
            Self::Interview(interview) => interview.outcome_if_hung_up(),
            Self::Announcement(announcement) => announcement.outcome_if_hung_up(),
        }
    }

    /// The question, follow-up or gate being asked.
    pub(crate) fn at(&self) -> String {
        match self {
            Self::Interview(interview) => interview.progress().at,
            Self::Announcement(_) => "notice".to_owned(),
        }
    }
}
