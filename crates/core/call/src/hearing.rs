//! What is made of what is heard: how much of it is believed, and when it ends an answered call.

use std::time::Duration;

use records::{Clue, Heard, OnMachine, Reason};

use crate::call::{Call, Phase};
use crate::verdict::EndedBy;

/// A tone so soon after the answer is the network's own word; later it means that the far end hung up.
const NETWORK_TONE_WITHIN: Duration = Duration::from_secs(6);

impl Call {
    pub(crate) fn note_heard(&mut self, heard: Heard) {
        if !self.evidence.heard.contains(&heard) {
            self.evidence.heard.push(heard);
        }
    }

    pub(crate) fn note_clue(&mut self, clue: Clue) {
        clue.enter(&mut self.evidence.clues);
    }

    /// Tones, and the clues that are sure enough. Of several announcements the surest is believed, and of those the
    /// latest.
    pub(crate) fn believed(&self) -> Vec<Heard> {
        let is_announcement = |clue: &Clue| matches!(clue.heard, Heard::Announcement(_));
        let sure = |clue: &&Clue| clue.confidence >= self.policy.hearing.believe;
        let clues = || self.evidence.clues.iter().filter(sure);
        let announcement =
            clues().filter(|clue| is_announcement(clue)).max_by_key(|clue| (clue.confidence, clue.to_ms));
        let others = clues().filter(|clue| !is_announcement(clue));
        let heard = others.chain(announcement).map(|clue| clue.heard);
        self.evidence.heard.iter().copied().chain(heard).collect()
    }

    /// Whether it is among them. No machine presses keys.
    pub(crate) fn believes(&self, heard: Heard) -> bool {
        !self.talk.key && self.believed().contains(&heard)
    }

    /// Whether it was made out for certain. Our own sound that a line sends back talks at length too, as a machine does;
    /// no echo beeps.
    pub(crate) fn is_sure_of(&self, heard: Heard) -> bool {
        let sure = |clue: &Clue| clue.heard == heard && clue.confidence >= self.policy.hearing.sure;
        !self.talk.key && self.evidence.clues.iter().any(sure)
    }

    /// A line on which nobody is left to talk to is hung up. A guess alone never ends a call, a key forbids it.
    pub(crate) fn clue_in_talk(&mut self, now: Duration, clue: Clue) {
        let (heard, confidence) = (clue.heard, clue.confidence);
        let clip = clue.clip.clone();
        self.note_clue(clue);
        if confidence < self.policy.hearing.sure || self.talk.key || self.inbound {
            return;
        }
        match heard {
            Heard::Fax => self.nobody_there(now, Reason::Fax, "a fax or modem has answered"),
            Heard::Announcement(reason) => {
                let clip = clip.unwrap_or_default();
                self.nobody_there(now, reason, &format!("after the answer a known announcement: {clip}"));
            }
            Heard::Machine if self.policy.hearing.machine == OnMachine::HangUp => {
                self.nobody_there(
                    now,
                    Reason::AnsweringMachine,
                    "a machine has answered, and the plan hangs up",
                );
            }
            _ => {}
        }
    }

    /// A busy tone on an answered line comes from a gateway without a better word for a hang-up.
    pub(crate) fn tone_in_talk(&mut self, now: Duration, heard: Heard) {
        let reason = match heard {
            Heard::BusyTone => Reason::Busy,
            Heard::CongestionTone => Reason::TrunkCongested,
            Heard::UnobtainableTone => Reason::Vacant,
            _ => return,
        };
        self.note_heard(heard);
        let since = now.saturating_sub(self.talk.answered_at.unwrap_or(now));
        if since <= NETWORK_TONE_WITHIN && !self.talk.key {
            return self.nobody_there(now, reason, "the network's tone came right after the answer");
        }
        let note = "the tone of a line that was put down was heard";
        let verdict = self.verdict_of_outcome(EndedBy::Customer).noting(note);
        self.hang_up(now, Some(verdict));
    }

    fn nobody_there(&mut self, now: Duration, reason: Reason, note: &str) {
        if self.phase == Phase::Talking {
            let verdict = self.verdict_if_nobody(reason, EndedBy::Us).noting(note);
            self.hang_up(now, Some(verdict));
        }
    }
}
