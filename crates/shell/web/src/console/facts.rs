//! Facts and evidence in words.

use std::fmt::Write as _;

use records::{Attempt, CallbackCause, Clue, Confidence, Heard, MediaQuality, Noted};

use super::ui::Ui;

/// The word for what happened, and its particulars.
pub(super) fn told(ui: &Ui, noted: &Noted) -> (String, String) {
    let yes_no = |yes: bool| ui.t(if yes { "fact.yes" } else { "fact.no" }).to_owned();
    let (key, particulars) = match noted {
        Noted::Progress { status } => ("progress", status.to_string()),
        Noted::Answered => ("answered", String::new()),
        Noted::RecordingNoticed => ("recording_noticed", String::new()),
        Noted::ObjectedToRecording => ("objected_to_recording", String::new()),
        Noted::Identity { confirmed } => ("identity", yes_no(*confirmed)),
        Noted::Convenient { yes } => ("convenient", yes_no(*yes)),
        Noted::Answer(answer) => {
            ("answer", format!("{}: {} ({})", answer.question, answer.label, answer.key))
        }
        Noted::Spoken(span) => {
            ("spoken", format!("{}: {}–{}", span.question, clock(span.from_ms), clock(span.to_ms)))
        }
        Noted::Flag { flag } => ("flag", ui.word("flag", flag)),
        Noted::TimeAsked { when } => ("time_asked", ui.word("when", when)),
        Noted::OptOut => ("opt_out", String::new()),
        Noted::PersonAsked => ("person_asked", String::new()),
        Noted::WrongKey { question, key } => ("wrong_key", format!("{question}: {key}")),
        Noted::NoKey { question } => ("no_key", question.clone()),
        Noted::Ended => ("ended", String::new()),
    };
    (ui.word("fact", key), particulars)
}

/// Milliseconds as `1:05.250`.
fn clock(ms: u64) -> String {
    format!("{}:{:02}.{:03}", ms / 60_000, ms / 1000 % 60, ms % 1000)
}

/// As [`clock`], for templates.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "templates pass references")]
pub(super) fn clock_at(ms: &u64) -> String {
    clock(*ms)
}

/// Why a person must act, in one line.
pub(super) fn cause(ui: &Ui, cause: &CallbackCause) -> String {
    let word = ui.word("cause", cause.slug());
    match cause {
        CallbackCause::Exhausted { last } | CallbackCause::ReconfirmNumber { last } => {
            format!("{word} · {}", ui.word("reason", last.slug()))
        }
        CallbackCause::Flagged { flags } => {
            let flags: Vec<_> = flags.iter().map(|flag| ui.word("flag", flag)).collect();
            format!("{word} · {}", flags.join(", "))
        }
        CallbackCause::ByPlan { mode } => {
            format!("{word} · {}", ui.word("mode", mode.slug()))
        }
        CallbackCause::PersonAsked | CallbackCause::Unknown => word,
    }
}

/// The signs behind the reason: label and text.
pub(super) fn evidence(ui: &Ui, attempt: &Attempt) -> Vec<(String, String)> {
    let evidence = &attempt.evidence;
    let mut lines = Vec::new();
    let mut line = |key: &str, text: Option<String>| {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            lines.push((ui.word("evidence", key), text));
        }
    };
    let phrase = evidence.sip_phrase.as_deref().unwrap_or_default();
    line("sip", evidence.sip_status.map(|status| format!("{status} {phrase}")));
    line("q850", evidence.q850.map(|cause| cause.to_string()));
    line("reason_headers", Some(evidence.reason_headers.join("; ")));
    line("warning", evidence.warning.clone());
    let heard: Vec<_> = evidence.heard.iter().map(|heard| heard_in_words(ui, *heard)).collect();
    line("heard", Some(heard.join(", ")));
    let clues: Vec<_> = evidence.clues.iter().map(|clue| clue_in_words(ui, clue)).collect();
    line("clues", Some(clues.join("; ")));
    let marked = if evidence.ring_from_invite { ui.t("evidence.ring_from_invite") } else { "" };
    line("ring", evidence.ring_ms.map(|ms| format!("{} {marked}", clock(ms))));
    line("ended_by", evidence.ended_by.as_ref().map(|who| ui.word("ended_by", who)));
    line("confidence", evidence.confidence.map(|sure| ui.word("confidence", confidence_slug(sure))));
    line("note", evidence.note.clone());
    line("media", evidence.media.as_ref().map(|media| media_in_words(ui, media)));
    line("media_peer", evidence.media.as_ref().and_then(|media| peer_in_words(ui, media)));
    lines
}

/// Packets, losses and jitter as we saw them.
fn media_in_words(ui: &Ui, media: &MediaQuality) -> String {
    let sent = media.received + media.lost;
    let share = if sent == 0 { 0.0 } else { media.lost as f64 * 100.0 / sent as f64 };
    let mut text = format!(
        "{} {}, {} {} ({share:.1} %), {} {}/{} ms",
        media.received,
        ui.t("media.received"),
        media.lost,
        ui.t("media.lost"),
        ui.t("media.jitter"),
        media.jitter_ms,
        media.most_jitter_ms
    );
    for (count, word) in [
        (media.duplicates, "media.duplicates"),
        (media.reordered, "media.reordered"),
        (media.refused, "media.refused"),
        (media.strangers, "media.strangers"),
    ] {
        if count > 0 {
            let _ = write!(text, ", {count} {}", ui.t(word));
        }
    }
    text
}

/// What the other side reported of our packets.
fn peer_in_words(ui: &Ui, media: &MediaQuality) -> Option<String> {
    let lost = media.peer_lost.map(|lost| format!("{lost} {}", ui.t("media.lost")));
    let jitter = media.peer_jitter_ms.map(|ms| format!("{} {ms} ms", ui.t("media.jitter")));
    let trip = media.round_trip_ms.map(|ms| format!("{} {ms} ms", ui.t("media.round_trip")));
    let parts: Vec<String> = [lost, jitter, trip].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn heard_in_words(ui: &Ui, heard: Heard) -> String {
    let word = ui.word("heard", heard.slug());
    match heard {
        Heard::Announcement(reason) => format!("{word}: {}", ui.word("reason", reason.slug())),
        _ => word,
    }
}

/// What, how sure, where, and by which clip.
fn clue_in_words(ui: &Ui, clue: &Clue) -> String {
    let what = heard_in_words(ui, clue.heard);
    let since = ui.t(if clue.answered { "clue.since_answer" } else { "clue.since_call" });
    let place = format!("{since} {}–{}", clock(clue.from_ms), clock(clue.to_ms));
    let clip = clue.clip.as_ref().map(|clip| format!(" ({clip})")).unwrap_or_default();
    format!("{what}{clip} {} %, {place}", clue.confidence)
}

fn confidence_slug(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Certain => "certain",
        Confidence::Likely => "likely",
        Confidence::Guess => "guess",
    }
}
