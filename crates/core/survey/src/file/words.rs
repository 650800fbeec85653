//! Texts in every language, the prompts made of them, and the references to prompts.

use super::fields::entries;
use super::node::{Entry, Node, Value};
use super::reader::Reader;
use super::report::choose;
use crate::{AudioFile, Place, Prompt, PromptId, Text};
use std::collections::BTreeMap;

impl Reader {
    /// The `prompts` section.
    pub(super) fn named_prompts(&mut self, node: &Node) {
        for entry in entries(node, "prompts", &mut self.report).unwrap_or_default() {
            self.report.check_name(entry.place, &entry.key, "prompt");
            if let Some(prompt) = self.prompt(&entry.value, &format!("prompt `{}`", entry.key)) {
                self.prompts.insert(entry.key.clone(), prompt);
            }
            self.named.insert(entry.key.clone(), entry.place);
        }
    }

    /// What a `say` refers to, or says in place under the key `id`.
    pub(super) fn say(&mut self, node: &Node, id: &str, what: &str) -> Option<PromptId> {
        if !matches!(node.value, Value::Scalar(_)) {
            let prompt = self.prompt(node, what)?;
            self.prompts.insert(id.to_owned(), prompt);
            return Some(id.to_owned());
        }
        let name = self.report.scalar(node, what)?;
        if self.named.contains_key(name) {
            self.spoken.insert(name.to_owned());
            return Some(name.to_owned());
        }
        let names: Vec<_> = self.named.keys().map(String::as_str).collect();
        let remedy = format!(
            "{} Or write the words in place: {{{}}}",
            end(choose(name, &names)),
            self.languages_as_example()
        );
        self.report.add(node.place, format!("{what} says `{name}`, which prompts does not have"), remedy);
        None
    }

    /// Prompts nobody speaks are mistakes of spelling elsewhere.
    pub(super) fn report_unspoken(&mut self) {
        for (name, place) in &self.named {
            if !self.spoken.contains(name) {
                self.report.add(
                    *place,
                    format!("prompt `{name}` is never spoken"),
                    "Say it somewhere, or remove it",
                );
            }
        }
    }

    fn prompt(&mut self, node: &Node, what: &str) -> Option<Prompt> {
        let (audio, texts): (Vec<_>, Vec<_>) =
            self.by_language(node, what)?.iter().partition(|entry| entry.key == "audio");
        let audio = audio.first().map_or_else(BTreeMap::new, |entry| self.audio(&entry.value, what));
        let text = self.text_of(&texts, node.place, what)?;
        for (language, words) in &text {
            self.check_variables(node.place, words, &format!("{what} in `{language}`"));
        }
        Some(Prompt { text, audio, place: node.place })
    }

    /// A map with the same words in every declared language.
    pub(super) fn text(&mut self, node: &Node, what: &str) -> Option<Text> {
        let texts: Vec<_> = self.by_language(node, what)?.iter().collect();
        self.text_of(&texts, node.place, what)
    }

    fn by_language<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n [Entry]> {
        if matches!(node.value, Value::Map(_)) {
            return entries(node, what, &mut self.report);
        }
        let remedy = format!("Write it as {{{}}}", self.languages_as_example());
        self.report.add(node.place, format!("{what} is not given language by language"), remedy);
        None
    }

    fn text_of(&mut self, entries: &[&Entry], place: Place, what: &str) -> Option<Text> {
        let mut text = Text::new();
        for entry in entries {
            if !self.languages.contains(&entry.key) {
                let remedy = format!("Use one of: {}; or add it to languages", self.languages.join(", "));
                self.report.add(
                    entry.place,
                    format!("{what} has words in `{}`, which is not among languages", entry.key),
                    remedy,
                );
            } else if let Some(words) =
                self.report.scalar(&entry.value, &format!("{what} in `{}`", entry.key))
            {
                text.insert(entry.key.clone(), words.to_owned());
            }
        }
        let present = |language: &String| entries.iter().any(|entry| entry.key == *language);
        for language in self.languages.clone().iter().filter(|language| !present(language)) {
            let remedy = format!("Add `{language}: …`, or take `{language}` out of languages");
            self.report.add(place, format!("{what} has no words in `{language}`"), remedy);
        }
        (text.len() == self.languages.len()).then_some(text)
    }

    /// One file for the default language, or one for each of several.
    fn audio(&mut self, node: &Node, what: &str) -> BTreeMap<String, AudioFile> {
        let named: Vec<(String, &Node)> = match &node.value {
            Value::Map(entries) => entries.iter().map(|entry| (entry.key.clone(), &entry.value)).collect(),
            _ => self.languages.first().map(|first| (first.clone(), node)).into_iter().collect(),
        };
        let mut audio = BTreeMap::new();
        for (language, node) in named {
            let Some(file) = self.report.scalar(node, &format!("audio of {what}")) else { continue };
            if !self.languages.contains(&language) {
                let remedy = format!("Use one of: {}", self.languages.join(", "));
                self.report.add(
                    node.place,
                    format!("{what} has audio in `{language}`, which is not among languages"),
                    remedy,
                );
            }
            if file.starts_with(['/', '\\'])
                || file.split(['/', '\\']).any(|part| part == "..")
                || file.contains(':')
            {
                let remedy = "Put the file beside the questionnaire and write its path from there";
                self.report.add(
                    node.place,
                    format!("audio `{file}` lies outside the questionnaire's folder"),
                    remedy,
                );
            }
            audio.insert(language, AudioFile { file: file.to_owned(), place: node.place });
        }
        audio
    }

    fn check_variables(&mut self, place: Place, words: &str, what: &str) {
        let mut rest = words;
        while let Some(open) = rest.find(['{', '}']) {
            let inside = rest[open..].strip_prefix('{').and_then(|after| after.split_once('}'));
            let Some((name, after)) = inside else {
                self.report.add(
                    place,
                    format!("{what} has a brace without its pair"),
                    "Write a variable as {company}, or remove the brace",
                );
                return;
            };
            if !self.variables.contains(name) {
                let remedy = format!("Add `{name}` to variables, or write the words themselves");
                self.report.add(
                    place,
                    format!("{what} uses {{{name}}}, which variables does not list"),
                    remedy,
                );
            }
            rest = after;
        }
    }

    fn languages_as_example(&self) -> String {
        let texts: Vec<_> = self.languages.iter().map(|language| format!("{language}: …")).collect();
        texts.join(", ")
    }
}

/// A sentence with its full stop.
fn end(sentence: String) -> String {
    if sentence.ends_with('?') { sentence } else { sentence + "." }
}
