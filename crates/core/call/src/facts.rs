//! The interview's facts in the words that are kept.

use std::time::Duration;

use records::{Answer, Marker, Noted};
use survey::TimeAsked;

use crate::Output;
use crate::call::Call;

impl Call {
    pub(crate) fn save_for_interview(&mut self, now: Duration, noted: survey::Noted) {
        let noted = match noted {
            survey::Noted::SpokenAnswer { question, tag } => return self.keep_span(now, question, tag),
            survey::Noted::RecordingNoticed => Noted::RecordingNoticed,
            survey::Noted::ObjectedToRecording => Noted::ObjectedToRecording,
            survey::Noted::Identity(confirmed) => Noted::Identity { confirmed },
            survey::Noted::Convenient(yes) => Noted::Convenient { yes },
            survey::Noted::Answer(answer) => Noted::Answer(kept(answer)),
            survey::Noted::Flag(flag) => Noted::Flag { flag: flag.slug().to_owned() },
            survey::Noted::TimeAsked(when) => Noted::TimeAsked { when: slug(when).to_owned() },
            survey::Noted::OptOut => Noted::OptOut,
            survey::Noted::PersonAsked => Noted::PersonAsked,
            survey::Noted::WrongKey { question, key } => Noted::WrongKey { question, key: key.into() },
            survey::Noted::NoKey { question } => Noted::NoKey { question },
        };
        self.remember(&noted);
        self.note_for_interview(now, noted);
    }

    fn remember(&mut self, noted: &Noted) {
        match noted {
            Noted::Answer(answer) => {
                let (question, value) = (answer.question.clone(), answer.value.clone());
                self.out(Output::Mark(Marker::Answer { question, value }));
                self.told.raise(answer.flag.as_deref());
            }
            Noted::Flag { flag } => self.told.raise(Some(flag)),
            Noted::PersonAsked => self.told.person_asked = true,
            Noted::TimeAsked { when } => self.told.time_asked = Some(when.clone()),
            Noted::ObjectedToRecording => self.told.objected = true,
            _ => {}
        }
    }
}

impl crate::verdict::Told {
    fn raise(&mut self, flag: Option<&str>) {
        if let Some(flag) = flag.filter(|flag| !self.flags.iter().any(|raised| raised == flag)) {
            self.flags.push(flag.to_owned());
        }
    }
}

fn kept(answer: survey::Answer) -> Answer {
    let survey::Answer { question, key, value, label, flag } = answer;
    Answer { question, key: key.into(), value, label, flag }
}

fn slug(when: TimeAsked) -> &'static str {
    match when {
        TimeAsked::LaterToday => "later_today",
        TimeAsked::TomorrowMorning => "tomorrow_morning",
        TimeAsked::TomorrowAfternoon => "tomorrow_afternoon",
    }
}
