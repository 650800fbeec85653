//! When a closing fits: conditions over the answers.
//!
//! `any(flag == dissatisfied)`, `all(value == very_satisfied)`, `stability == poor`, `stability != poor`,
//! joined by `and` and `or`; `and` binds closer.

use crate::Answer;

/// A condition over the answers: any of these groups, all parts of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Alternatives; in each, every comparison must hold.
    pub any: Vec<Vec<Comparison>>,
}

/// One comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// What is compared.
    pub subject: Subject,
    /// `==` if true, `!=` if false.
    pub equal: bool,
    /// With what: a flag's slug or an answer's value.
    pub word: String,
}

/// What is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// `any(flag …)`: some answer's flag.
    AnyFlag,
    /// `all(flag …)`: every answer's flag.
    AllFlags,
    /// `any(value …)`: some answer's value.
    AnyValue,
    /// `all(value …)`: every answer's value, and there is an answer.
    AllValues,
    /// The answer to the question of this id; nothing holds of a question without answer.
    Question(String),
}

impl Condition {
    /// Reads a condition; the error says what was not understood.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let any = text
            .split(" or ")
            .map(|group| group.split(" and ").map(Comparison::parse).collect())
            .collect::<Result<_, _>>()?;
        Ok(Self { any })
    }

    /// Whether it holds of these answers.
    pub fn holds(&self, answers: &[Answer]) -> bool {
        self.any.iter().any(|group| group.iter().all(|comparison| comparison.holds(answers)))
    }

    /// Every comparison in it.
    pub(crate) fn comparisons(&self) -> impl Iterator<Item = &Comparison> {
        self.any.iter().flatten()
    }
}

impl Comparison {
    fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (subject, rest) = if let Some(inner) = parenthesised(text, "any") {
            (Self::over(inner, Subject::AnyFlag, Subject::AnyValue)?, inner)
        } else if let Some(inner) = parenthesised(text, "all") {
            (Self::over(inner, Subject::AllFlags, Subject::AllValues)?, inner)
        } else {
            let (question, _, _) = sides(text)?;
            (Subject::Question(question.to_owned()), text)
        };
        let (_, equal, word) = sides(rest)?;
        Ok(Self { subject, equal, word: word.to_owned() })
    }

    fn over(inner: &str, flag: Subject, value: Subject) -> Result<Subject, String> {
        match sides(inner)?.0 {
            "flag" => Ok(flag),
            "value" => Ok(value),
            other => Err(format!("`{other}`, where only `flag` or `value` may stand")),
        }
    }

    fn holds(&self, answers: &[Answer]) -> bool {
        let flag = |answer: &Answer| (answer.flag.as_deref() == Some(&self.word)) == self.equal;
        let value = |answer: &Answer| (answer.value == self.word) == self.equal;
        match &self.subject {
            Subject::AnyFlag => answers.iter().any(flag),
            Subject::AllFlags => !answers.is_empty() && answers.iter().all(flag),
            Subject::AnyValue => answers.iter().any(value),
            Subject::AllValues => !answers.is_empty() && answers.iter().all(value),
            Subject::Question(id) => answers.iter().find(|answer| answer.question == *id).is_some_and(value),
        }
    }
}

/// The inside of `word(…)`.
fn parenthesised<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    text.strip_prefix(word)?.trim_start().strip_prefix('(')?.strip_suffix(')')
}

/// The two sides of `left == right` or `left != right`.
fn sides(text: &str) -> Result<(&str, bool, &str), String> {
    let (left, equal, right) = match (text.split_once("=="), text.split_once("!=")) {
        (Some((left, right)), None) => (left, true, right),
        (None, Some((left, right))) => (left, false, right),
        _ => return Err(format!("`{text}`, where one `==` or `!=` is needed")),
    };
    let is_name =
        |side: &str| !side.is_empty() && side.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    match (left.trim(), right.trim()) {
        (left, right) if is_name(left) && is_name(right) => Ok((left, equal, right)),
        _ => Err(format!("`{text}`, where a name is needed on both sides")),
    }
}

#[cfg(test)]
mod tests {
    use super::Condition;
    use crate::{Answer, Key};

    fn answers() -> Vec<Answer> {
        let answer = |question: &str, value: &str, flag: Option<&str>| Answer {
            question: question.into(),
            key: Key::Digit(1),
            value: value.into(),
            label: value.into(),
            flag: flag.map(str::to_owned),
        };
        vec![answer("quality", "poor", Some("dissatisfied")), answer("service", "fair", None)]
    }

    #[test]
    fn a_condition_holds_of_the_answers_it_describes() {
        let cases = [
            ("any(flag == dissatisfied)", true),
            ("any(flag == complaint)", false),
            ("any(flag != dissatisfied)", true),
            ("all(flag == dissatisfied)", false),
            ("any(value == fair)", true),
            ("all(value == fair)", false),
            ("all(value != good)", true),
            ("quality == poor", true),
            ("quality != poor", false),
            ("missing != poor", false),
            ("quality == poor and service == poor", false),
            ("quality == good and service == fair or quality == poor", true),
            ("quality == poor or quality == good and service == good", true),
            ("  any ( flag==dissatisfied )  ", true),
        ];
        for (text, expected) in cases {
            let condition = Condition::parse(text).unwrap_or_else(|found| panic!("{text}: {found}"));
            assert_eq!(condition.holds(&answers()), expected, "{text}");
        }
    }

    #[test]
    fn nothing_is_true_of_all_answers_when_there_are_none() {
        for text in ["all(value == fair)", "all(flag != complaint)", "any(value != fair)", "quality != poor"]
        {
            assert!(!Condition::parse(text).unwrap().holds(&[]), "{text}");
        }
    }

    #[test]
    fn what_is_no_condition_is_refused() {
        let texts = [
            "",
            "poor",
            "quality = poor",
            "any(mood == bad)",
            "any(flag == )",
            "a == b == c",
            "a == b or",
            "any(flag == x",
        ];
        for text in texts {
            assert!(Condition::parse(text).is_err(), "{text}");
        }
    }
}
