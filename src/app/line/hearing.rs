//! Translates what signalling and media tell into what the call machine understands.

use std::time::Duration;

use ::hearing::{Answered, Sit, What};
use call::Input;
use media::{Found, Tone};
use records::{Clue, Heard};

use crate::app::announcements::Announcements;

/// A fact of the media path; `None` for what the call need not know.
pub(super) fn input(what: media::Heard, announcements: &Announcements) -> Option<Input> {
    Some(match what {
        media::Heard::FirstPacket => Input::FirstPacket,
        media::Heard::Key { digit, .. } => Input::Key(digit),
        media::Heard::PromptDone { play } => Input::PromptDone { play },
        media::Heard::SpeechEnded { span, from_ms, to_ms, spoke } => {
            let [from, to] = [from_ms, to_ms].map(|millis| Duration::from_millis(millis.into()));
            Input::SpeechEnded { span, from, to, spoke }
        }
        media::Heard::Tone(tone) => Input::Heard(heard(tone)),
        media::Heard::EarlySound => Input::Heard(Heard::Sound),
        media::Heard::Found(found) => Input::Clue(clue(&found, announcements)?),
        media::Heard::NoMedia => Input::NoMedia,
        media::Heard::RecorderFailed { error } => {
            tracing::error!(%error, "the recorder failed during a call");
            Input::RecorderFailed
        }
        media::Heard::Forged => {
            tracing::warn!(
                "SRTP of another key, or from a stranger, was not heard; it is counted from here on"
            );
            return None;
        }
        media::Heard::KeyReleased { .. }
        | media::Heard::SpeechStarted { .. }
        | media::Heard::Counted(_)
        | media::Heard::Closed(_) => {
            return None;
        }
    })
}

fn clue(found: &Found, announcements: &Announcements) -> Option<Clue> {
    let mut clip = None;
    let heard = match found.what {
        What::Sit(Sit::Plain) => Heard::InformationTone,
        What::Sit(Sit::Intercept | Sit::VacantCode) => Heard::VacantTone,
        What::Sit(Sit::Reorder | Sit::NoCircuit) => Heard::NoCircuitTone,
        What::Fax(_) => Heard::Fax,
        What::Silence => Heard::Silence,
        What::Beep => Heard::Beep,
        What::Answered(Answered::Human) => Heard::Human,
        What::Answered(Answered::Machine) => Heard::Machine,
        What::Answered(Answered::Unknown) => Heard::Nobody,
        What::Announcement(number) => {
            let (reason, name) = announcements.said(number)?;
            clip = Some(name.to_owned());
            Heard::Announcement(reason)
        }
    };
    let millis = |time: Duration| time.as_millis() as u64;
    Some(Clue {
        heard,
        confidence: found.confidence,
        answered: found.answered,
        from_ms: millis(found.from),
        to_ms: millis(found.to),
        clip,
    })
}

fn heard(tone: Tone) -> Heard {
    match tone {
        Tone::Ringback => Heard::Ringback,
        Tone::Busy => Heard::BusyTone,
        Tone::Congestion => Heard::CongestionTone,
        Tone::Unobtainable => Heard::UnobtainableTone,
    }
}

/// A failed INVITE.
pub(super) fn failure(failure: sip::Failure) -> call::Failure {
    call::Failure {
        kind: match failure.kind {
            sip::FailureKind::Timeout => call::FailureKind::Timeout,
            sip::FailureKind::Transport => call::FailureKind::Transport,
            sip::FailureKind::Auth => call::FailureKind::Auth,
            _ => call::FailureKind::Response,
        },
        status: failure.status,
        phrase: Some(failure.reason_phrase).filter(|phrase| !phrase.is_empty()).or(failure.detail),
        reason_headers: failure.reason_headers,
        q850: failure.q850,
        warning: failure.warning,
    }
}

/// What is kept of a leg's packets.
pub(super) fn quality(stats: &media::LegStats) -> records::MediaQuality {
    let millis = |time: std::time::Duration| time.as_millis() as u64;
    records::MediaQuality {
        received: stats.received,
        lost: stats.lost,
        duplicates: stats.duplicates,
        reordered: stats.reordered,
        refused: stats.refused + stats.forged,
        strangers: stats.strangers,
        sent: stats.sent,
        jitter_ms: millis(stats.jitter),
        most_jitter_ms: millis(stats.most_jitter),
        reports: stats.reports.reports,
        peer_lost: stats.reports.peer_lost,
        peer_jitter_ms: stats.reports.peer_jitter.map(millis),
        round_trip_ms: stats.reports.round_trip.map(millis),
    }
}
