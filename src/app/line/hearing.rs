//! Translates what signalling and media tell into what the call machine understands.

use call::Input;
use media::Tone;
use records::Heard;

/// A fact of the media path; `None` for what the call need not know.
pub(super) fn input(what: media::Heard) -> Option<Input> {
    Some(match what {
        media::Heard::FirstPacket => Input::FirstPacket,
        media::Heard::Key { digit, .. } => Input::Key(digit),
        media::Heard::PromptDone { play } => Input::PromptDone { play },
        media::Heard::SpeechEnded { span, from, to, spoke } => Input::SpeechEnded { span, from, to, spoke },
        media::Heard::Tone(tone) => Input::Heard(heard(tone)),
        media::Heard::EarlySound => Input::Heard(Heard::Sound),
        media::Heard::NoMedia => Input::NoMedia,
        media::Heard::RecorderFailed { error } => {
            tracing::error!(error, "the recorder failed during a call");
            Input::RecorderFailed
        }
        media::Heard::Forged => {
            tracing::warn!(
                "SRTP of another key, or from a stranger, was not heard; it is counted from here on"
            );
            return None;
        }
        media::Heard::KeyReleased { .. } | media::Heard::SpeechStarted { .. } | media::Heard::Closed(_) => {
            return None;
        }
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
