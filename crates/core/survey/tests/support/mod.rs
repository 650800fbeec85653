//! A small questionnaire with one of everything, and a customer who answers it.
#![allow(dead_code, reason = "each test file uses a part")]

use std::collections::VecDeque;
use std::sync::Arc;
use survey::{Event, Interview, Key, Noted, Questionnaire, Setting, Step};

pub(crate) const SMALL: &str = r#"questionnaire: small
title: {zh: 小, en: Small}
languages: [zh, en]
estimate: 60s
variables: [company]
prompts:
  notice: {zh: "{company}，录音。", en: "{company}, recorded.", audio: notice.wav}
gates:
  recording_notice: {say: notice, keys: {8: object}}
  identity: {say: {zh: 本人吗, en: you}, keys: {1: yes, 2: wrong_person}}
  convenient: {say: {zh: 方便吗, en: now}, keys: {1: yes, 2: ask_time, 3: decline}}
  ask_time: {say: {zh: 何时, en: when}, keys: {1: later_today, 2: tomorrow_morning, 3: tomorrow_afternoon}}
questions:
  - id: quality
    kind: product_quality
    say: {zh: 质量, en: quality}
    keys:
      1: {value: good, label: {zh: 好, en: good}}
      4: {value: poor, label: {zh: 差, en: poor}, flag: dissatisfied, then: why}
  - id: extra
    kind: suggestion
    mandatory: false
    retries: 0
    barge_in: false
    say: {zh: 还有吗, en: more}
    keys:
      1: {value: none, label: {zh: 没有, en: none}}
follow_ups:
  why: {say: {zh: 为什么, en: why}, record: {max: 60s, end_silence: 3s}, tag: reason}
anytime: {"*": repeat, 0: person, 9: {do: opt_out, confirm: true}}
replies:
  wrong_key: {zh: 错键, en: wrong}
  no_key: {zh: 无键, en: none}
  goodbye: {zh: 再见, en: bye}
  transfer: {zh: 转接, en: transfer}
  opt_out_confirm: {zh: 确定吗, en: sure}
  opted_out: {zh: 已登记, en: noted}
  wrong_person: {zh: 打扰, en: sorry}
  declined: {zh: 好的, en: fine}
  time_noted: {zh: 记下, en: noted}
  inconvenient: {zh: 改天, en: later}
  not_recorded: {zh: 停录, en: stopped}
closings:
  - {when: any(flag == dissatisfied), say: {zh: 抱歉, en: sorry}}
  - {holiday: true, say: {zh: 节日好, en: holidays}}
  - {say: {zh: 谢谢, en: thanks}}
"#;

pub(crate) fn small() -> Arc<Questionnaire> {
    parsed("small.yaml", SMALL)
}

/// The same, where keys pressed ahead count.
pub(crate) fn small_ahead() -> Arc<Questionnaire> {
    parsed("small.yaml", &SMALL.replace("estimate: 60s", "estimate: 60s\ntype_ahead: true"))
}

pub(crate) fn with(change: &str, by: &str) -> Arc<Questionnaire> {
    assert!(SMALL.contains(change), "{change}");
    parsed("small.yaml", &SMALL.replacen(change, by, 1))
}

pub(crate) fn shipped(name: &str) -> Arc<Questionnaire> {
    parsed(name, &shipped_source(name))
}

pub(crate) fn shipped_source(name: &str) -> String {
    let path = format!("{}/../../../dialplans/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

fn parsed(name: &str, source: &str) -> Arc<Questionnaire> {
    Arc::new(survey::parse(name, source).unwrap_or_else(|problems| panic!("\n{problems}")))
}

pub(crate) const SHIPPED: [&str; 3] = ["satisfaction", "new-contract", "complaint-closed"];

/// What the call reports by itself after these steps, if anything: the end of a prompt, durability, the end of
/// a speech. Nothing while it waits for the customer.
pub(crate) fn reaction(steps: &[Step]) -> Option<Event> {
    match steps.last()? {
        Step::Say { .. } => Some(Event::PromptDone),
        Step::Save(_) => Some(Event::Saved),
        Step::RecordSpan { .. } => Some(Event::SpeechEnded),
        _ => None,
    }
}

/// Plays a whole interview. Each letter is a key pressed at the next wait, `-` is silence, `!` a hang-up; after
/// the last there is silence. Returns what happened, one word a step.
pub(crate) fn play(questionnaire: &Arc<Questionnaire>, setting: Setting, script: &str) -> Vec<String> {
    let mut interview = Interview::start(questionnaire.clone(), setting);
    let mut script: VecDeque<char> = script.chars().collect();
    let mut told = Vec::new();
    let mut event = Event::Begin;
    for _ in 0..1000 {
        let steps = interview.handle(event);
        told.extend(steps.iter().map(tell));
        event = match (reaction(&steps), steps.last()) {
            (Some(event), _) => event,
            (None, Some(Step::Wait { .. })) => customer(script.pop_front()),
            _ => return told,
        };
    }
    panic!("the interview does not end: {told:?}");
}

fn customer(letter: Option<char>) -> Event {
    match letter {
        Some('!') => Event::HungUp,
        Some('-') | None => Event::SilenceElapsed,
        Some(c) => Event::Key(key(c)),
    }
}

pub(crate) fn key(c: char) -> Key {
    Key::try_from(c).unwrap()
}

/// A step in a word or two.
pub(crate) fn tell(step: &Step) -> String {
    match step {
        Step::Say { prompt, .. } => format!("say {}", prompt.id),
        Step::StopPrompt => "stop".into(),
        Step::Wait { for_ } => format!("wait {for_:?}"),
        Step::RecordSpan { tag, question, .. } => {
            format!("record {tag} of {}", question.as_deref().unwrap_or("-"))
        }
        Step::StopSpan => "stop span".into(),
        Step::StopRecording => "stop recording".into(),
        Step::Save(noted) => format!("save {}", tell_noted(noted)),
        Step::Transfer => "transfer".into(),
        Step::Closing { outcome } => format!("closing {outcome:?}"),
        Step::End { outcome } => format!("end {outcome:?}"),
    }
}

fn tell_noted(noted: &Noted) -> String {
    match noted {
        Noted::Answer(answer) => format!("{}={}", answer.question, answer.value),
        Noted::SpokenAnswer { question, tag } => format!("spoken {tag} of {question}"),
        Noted::WrongKey { question, key } => format!("wrong {key} at {question}"),
        Noted::NoKey { question } => format!("no key at {question}"),
        other => format!("{other:?}"),
    }
}
