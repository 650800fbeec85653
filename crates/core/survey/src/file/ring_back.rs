//! The `ring_back` section, and our words where it is absent.

use super::fields::Fields;
use super::node::Node;
use super::reader::Reader;
use crate::{Anytime, Gate, Gates, Key, Place, Prompt, PromptId, Reply, RingBack, Text, TimeAsked, Wish};
use std::collections::BTreeMap;

const RING_BACK: [&str; 8] =
    ["greeting", "say", "keys", "retries", "wait", "repeats", "barge_in", "type_ahead"];
/// Where words stand that no file has.
const NOWHERE: Place = Place { line: 1, column: 1 };
const TIMES: [TimeAsked; 3] =
    [TimeAsked::LaterToday, TimeAsked::TomorrowMorning, TimeAsked::TomorrowAfternoon];

impl Reader {
    /// The section if there is one, else our own. Nothing when it cannot be read.
    pub(super) fn ring_back(
        &mut self,
        node: Option<&Node>,
        gates: &Gates,
        title: &Text,
        replies: &BTreeMap<Reply, PromptId>,
    ) -> Option<RingBack> {
        let ask_time = match &gates.ask_time {
            Some(gate) => gate.clone(),
            None => self.own_ask_time(gates),
        };
        let parting = match (replies.get(&Reply::TimeNoted), replies.get(&Reply::Inconvenient)) {
            (Some(noted), Some(_)) => noted.clone(),
            _ => self.own("ring_back.parting", |words, _| words.parting.to_owned()),
        };
        let Some(node) = node else {
            let menu = self.own_menu(gates);
            let greeting = self.own_greeting(title);
            return Some(RingBack { greeting, menu, ask_time, parting, written: false });
        };
        let fields = Fields::of(node, "ring_back", &RING_BACK, &mut self.report)?;
        let say = "Add the words or the name of a prompt";
        let greeting = fields.required("greeting", say, &mut self.report);
        let greeting =
            greeting.and_then(|node| self.say(node, "ring_back.greeting", "greeting of ring_back"));
        let wishes = [("now", Wish::Now), ("ask_time", Wish::AskTime)];
        let menu = self.gate_of(&fields, "ring_back", "ring_back.menu", &wishes, Some("now"));
        let menu = menu?;
        if let Some(object) = gates.recording_notice.object.filter(|key| menu.keys.contains_key(key)) {
            let message = format!("key {object} objects to the recording, but ring_back uses it too");
            self.report.add(node.place, message, "Use different keys");
        }
        Some(RingBack { greeting: greeting?, menu, ask_time, parting, written: true })
    }

    fn own_greeting(&mut self, title: &Text) -> PromptId {
        let named = self.variables.contains("company");
        self.own("ring_back.greeting", |words, language| {
            let about = title.get(language).map_or("", String::as_str);
            let form = if named { words.greeting_of_company } else { words.greeting };
            form.replace("{title}", about)
        })
    }

    fn own_menu(&mut self, gates: &Gates) -> Gate<Wish> {
        let free = self.free_keys(gates);
        let keys: BTreeMap<Key, Wish> = free.into_iter().zip([Wish::Now, Wish::AskTime]).collect();
        let person = self.anytime.iter().find(|(_, does)| **does == Anytime::Person).map(|(key, _)| *key);
        let spoken: Vec<Key> = keys.keys().copied().chain(person).collect();
        let say = self.own("ring_back.menu", |words, _| words.with_keys(words.menu, &spoken));
        Gate { say, barge_in: true, type_ahead: false, patience: self.own_patience(), keys }
    }

    fn own_ask_time(&mut self, gates: &Gates) -> Gate<TimeAsked> {
        let keys: BTreeMap<Key, TimeAsked> = self.free_keys(gates).into_iter().zip(TIMES).collect();
        let spoken: Vec<Key> = keys.keys().copied().collect();
        let say = self.own("ring_back.ask_time", |words, _| words.with_keys(words.ask_time, &spoken));
        Gate { say, barge_in: true, type_ahead: false, patience: self.own_patience(), keys }
    }

    /// Digits from 1 on that mean nothing else before question 1.
    fn free_keys(&self, gates: &Gates) -> Vec<Key> {
        let taken = |key: &Key| self.anytime.contains_key(key) || gates.recording_notice.object == Some(*key);
        ('1'..='9').filter_map(|digit| Key::try_from(digit).ok()).filter(|key| !taken(key)).take(3).collect()
    }

    /// A prompt in words of ours, in every language of the file.
    fn own(&mut self, id: &str, text: impl Fn(&Words, &str) -> String) -> PromptId {
        let text: Text =
            self.languages.iter().map(|code| (code.clone(), text(Words::of(code), code))).collect();
        self.prompts.insert(id.to_owned(), Prompt { text, audio: BTreeMap::new(), place: NOWHERE });
        id.to_owned()
    }
}

/// Our words in one language; `{0}`, `{1}`, `{2}` stand for keys.
struct Words {
    greeting: &'static str,
    greeting_of_company: &'static str,
    menu: &'static str,
    ask_time: &'static str,
    parting: &'static str,
    /// `0` to `9`, `*`, `#`.
    keys: [&'static str; 12],
}

const ZH: Words = Words {
    greeting: "您好，感谢您的回电。刚才是我们给您打的电话，想请您参加{title}。",
    greeting_of_company: "您好，感谢您的回电。这里是{company}，刚才是我们给您打的电话，想请您参加{title}。",
    menu: "现在开始请按{0}，希望换个时间请按{1}，需要人工服务请按{2}。",
    ask_time: "请问什么时候再打给您合适？今天晚些时候请按{0}，明天上午请按{1}，明天下午请按{2}。",
    parting: "好的，我们会再与您联系。感谢您的来电，再见。",
    keys: ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九", "星号键", "井号键"],
};

const EN: Words = Words {
    greeting: "Hello, and thank you for calling back. We have just called you, about this: {title}.",
    greeting_of_company: "Hello, and thank you for calling back. This is {company}. We have just called you, about this: {title}.",
    menu: "To begin now, press {0}. For another time, press {1}. To speak to a person, press {2}.",
    ask_time: "When may we call you again? For later today, press {0}. For tomorrow morning, press {1}. For tomorrow afternoon, press {2}.",
    parting: "Thank you. We will be in touch again. Goodbye.",
    keys: ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "star", "hash"],
};

impl Words {
    /// Chinese for the Chinese languages, English for all others.
    fn of(language: &str) -> &'static Self {
        if ["zh", "yue", "cmn"].iter().any(|code| language.starts_with(code)) { &ZH } else { &EN }
    }

    fn with_keys(&self, form: &str, keys: &[Key]) -> String {
        let mut text = form.to_owned();
        for (at, key) in keys.iter().enumerate() {
            let place = match key {
                Key::Digit(digit) => usize::from(digit % 10),
                Key::Star => 10,
                Key::Hash => 11,
            };
            text = text.replace(&format!("{{{at}}}"), self.keys[place]);
        }
        text
    }
}
