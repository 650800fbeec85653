//! A call on a bench: virtual time, a store that confirms at once, and every output written down.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part")]

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use call::{Call, Input, Limits, Output, Phase, Report};
use records::{CallPolicy, Noted};
use survey::{Interview, Questionnaire, Setting};

pub const QUESTIONNAIRE: &str = r#"
questionnaire: bench
title: {zh: 测试}
languages: [zh]
estimate: 60s
patience: {retries: 1, wait: 5s, repeats: 2}
gates:
  recording_notice: {say: {zh: 录音}, keys: {8: object}}
  identity: {say: {zh: 本人}, keys: {1: yes, 2: wrong_person}}
  convenient: {say: {zh: 方便}, keys: {1: yes, 2: ask_time, 3: decline}}
  ask_time: {say: {zh: 何时}, keys: {1: later_today, 2: tomorrow_morning, 3: tomorrow_afternoon}}
questions:
  - id: stability
    kind: product_quality
    say: {zh: 稳定}
    keys:
      1: {value: good, label: {zh: 好}}
      2: {value: poor, label: {zh: 差}, flag: dissatisfied, then: why}
  - id: service
    kind: service_quality
    say: {zh: 服务}
    keys:
      1: {value: good, label: {zh: 好}}
      2: {value: complains, label: {zh: 投诉}, flag: complaint}
follow_ups:
  why: {say: {zh: 为什么}, record: {max: 20s, end_silence: 3s}, tag: reason}
anytime: {"*": repeat, 0: person, 9: {do: opt_out, confirm: true}}
replies:
  wrong_key: {zh: 按错}
  no_key: {zh: 没按}
  goodbye: {zh: 再见}
  transfer: {zh: 转接}
  opt_out_confirm: {zh: 确定}
  opted_out: {zh: 登记}
  wrong_person: {zh: 打扰}
  declined: {zh: 尊重}
  time_noted: {zh: 记下}
  inconvenient: {zh: 改时}
  not_recorded: {zh: 停录}
closings:
  - say: {zh: 感谢}
"#;

pub fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

static PARSED: LazyLock<Arc<Questionnaire>> = LazyLock::new(|| {
    Arc::new(survey::parse("bench.yaml", QUESTIONNAIRE).unwrap_or_else(|problems| panic!("{problems}")))
});

pub fn interview() -> Interview {
    Interview::start(PARSED.clone(), Setting::default())
}

pub fn new_call() -> Call {
    Call::new(CallPolicy::default(), Limits::default(), interview())
}

pub struct Bench {
    pub call: Call,
    pub now: Duration,
    pub log: Vec<(Duration, Output)>,
    /// Whether the store confirms what it is given.
    pub store_answers: bool,
}

impl Bench {
    pub fn idle() -> Self {
        Self { call: new_call(), now: Duration::ZERO, log: Vec::new(), store_answers: true }
    }

    pub fn dialling() -> Self {
        let mut bench = Self::idle();
        bench.feed(Input::Start);
        bench
    }

    pub fn ringing() -> Self {
        let mut bench = Self::dialling();
        bench.feed(Input::Trying);
        bench.wait(seconds(1));
        bench.feed(Input::Provisional { status: 180, sdp: false });
        bench
    }

    /// Answered after four seconds of ringing; the recording notice is being said.
    pub fn answered() -> Self {
        let mut bench = Self::ringing();
        bench.wait(seconds(4));
        bench.feed(Input::Answered);
        bench.feed(Input::FirstPacket);
        bench
    }

    /// At question 1, its prompt being said.
    pub fn asked() -> Self {
        let mut bench = Self::answered();
        bench.said();
        bench.keys("11");
        bench
    }

    pub fn feed(&mut self, input: Input) {
        self.call.handle(self.now, input);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.call.poll_output() {
            let saved = match &output {
                Output::Save(fact) => Some(fact.seq),
                _ => None,
            };
            self.log.push((self.now, output));
            if let Some(seq) = saved.filter(|_| self.store_answers) {
                self.call.handle(self.now, Input::Saved { seq });
            }
        }
    }

    /// Lets time pass; timers fire when they are due.
    pub fn wait(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some((at, _)) = self.call.poll_timeout().filter(|(at, _)| *at <= until) {
            self.now = self.now.max(at);
            self.feed(Input::Timeout);
        }
        self.now = until;
    }

    /// The prompt being said comes to its end.
    pub fn said(&mut self) {
        let play = self.last_play().expect("something is being said");
        self.wait(seconds(1));
        self.feed(Input::PromptDone { play });
    }

    /// Presses each key once the prompt before it was said.
    pub fn keys(&mut self, keys: &str) {
        for key in keys.chars() {
            self.said();
            self.feed(Input::Key(key));
        }
    }

    pub fn last_play(&self) -> Option<u32> {
        self.log.iter().rev().find_map(|(_, output)| match output {
            Output::Play { play, .. } => Some(*play),
            _ => None,
        })
    }

    pub fn outputs(&self) -> impl Iterator<Item = &Output> {
        self.log.iter().map(|(_, output)| output)
    }

    pub fn when(&self, wanted: &Output) -> Option<Duration> {
        self.log.iter().find(|(_, output)| output == wanted).map(|(at, _)| *at)
    }

    pub fn noted(&self) -> Vec<Noted> {
        let noted = |output: &Output| match output {
            Output::Save(fact) => Some(fact.noted.clone()),
            _ => None,
        };
        self.outputs().filter_map(noted).collect()
    }

    pub fn report(&self) -> &Report {
        let Some((_, Output::Ended(report))) = self.log.last() else {
            panic!("not ended but {:?}: {:#?}", self.call.phase(), self.log)
        };
        assert_eq!(self.call.phase(), Phase::Ended);
        report
    }
}
