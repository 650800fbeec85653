//! How a number is written in the request URI: the carrier's form, then the operator's rewrite rules.

use records::Number;
use regex::Regex;
use serde::Deserialize;

/// A request URI's user part need not be longer; E.164 has 15 digits, prefixes come before them.
const LONGEST: usize = 32;

/// The forms that carriers ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// `13800138000`, `01088886666`, `4008001234`, `95588`; abroad `0044…`.
    #[default]
    National,
    /// `+8613800138000`.
    E164,
    /// As national, mobiles with a prefix in front: `013800138000`, as for calls out of the area.
    ZeroPrefixed,
    /// `008613800138000`.
    International,
}

/// One rule: a number that fits `pattern` as a whole is written as `to`.
#[derive(Clone, Debug)]
pub struct Rewrite {
    pattern: Regex,
    to: String,
}

/// A rule that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRewrite {
    /// No regular expression.
    #[error("match: \"{pattern}\" is no regular expression ({why}): write it as 0(1[3-9][0-9]{{9}})")]
    Pattern { pattern: String, why: String },
    /// `to` names a group that `match` does not have.
    #[error(
        "to: \"{to}\" names the group {group}, which match does not have: put brackets around what is to be kept"
    )]
    Group { to: String, group: String },
}

/// The rules made something of a number that no carrier can dial.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{number} becomes {length} characters that cannot be dialled: correct the trunk's number_form and rewrite rules, \
     which must leave digits, * and #, with + at most in front"
)]
pub struct Undialable {
    /// Masked, as it displays.
    pub number: String,
    /// Of what the rules made of it; the text itself would tell the number.
    pub length: usize,
}

impl PartialEq for Rewrite {
    fn eq(&self, other: &Self) -> bool {
        self.pattern.as_str() == other.pattern.as_str() && self.to == other.to
    }
}

impl Rewrite {
    /// Compiles a rule; the pattern stands for the whole number whether or not it says so.
    pub fn new(pattern: &str, to: &str) -> Result<Self, BadRewrite> {
        let compiled = Regex::new(&format!("^(?:{pattern})$")).map_err(|error| BadRewrite::Pattern {
            pattern: pattern.to_owned(),
            // The last line says what; those before draw the place.
            why: error
                .to_string()
                .lines()
                .last()
                .unwrap_or_default()
                .trim()
                .trim_start_matches("error: ")
                .to_owned(),
        })?;
        if let Some(group) = groups(to).into_iter().find(|group| !has_group(&compiled, group)) {
            return Err(BadRewrite::Group { to: to.to_owned(), group });
        }
        Ok(Self { pattern: compiled, to: to.to_owned() })
    }

    fn apply(&self, text: &str) -> Option<String> {
        let found = self.pattern.captures(text)?;
        let mut written = String::new();
        found.expand(&self.to, &mut written);
        Some(written)
    }
}

/// The groups that a replacement names, read as [`Regex`] reads them: `$1`, `${name}`, `$name`; `$$` is a dollar.
fn groups(to: &str) -> Vec<String> {
    let mut named = Vec::new();
    let mut rest = to;
    while let Some((_, after)) = rest.split_once('$') {
        if let Some(escaped) = after.strip_prefix('$') {
            rest = escaped;
            continue;
        }
        let name = if let Some(braced) = after.strip_prefix('{') {
            braced.split('}').next().unwrap_or_default()
        } else {
            let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
            &after[..end]
        };
        named.push(name.to_owned());
        rest = after;
    }
    named
}

fn has_group(pattern: &Regex, group: &str) -> bool {
    match group.parse::<usize>() {
        Ok(index) => index < pattern.captures_len(),
        Err(_) => pattern.capture_names().flatten().any(|name| name == group),
    }
}

/// A number in the carrier's form; the first rule that fits rewrites it.
pub fn dialled<'r>(
    number: &Number,
    form: Form,
    mobile_prefix: &str,
    rules: impl IntoIterator<Item = &'r Rewrite>,
) -> Result<String, Undialable> {
    let formed = formed(number, form, mobile_prefix);
    let written = rules.into_iter().find_map(|rule| rule.apply(&formed)).unwrap_or(formed);
    if is_dialable(&written) {
        Ok(written)
    } else {
        Err(Undialable { number: number.to_string(), length: written.chars().count() })
    }
}

fn formed(number: &Number, form: Form, mobile_prefix: &str) -> String {
    match form {
        Form::E164 => number.e164().to_owned(),
        Form::ZeroPrefixed if number.is_chinese_mobile() => format!("{mobile_prefix}{}", number.national()),
        Form::National | Form::ZeroPrefixed => number.national(),
        Form::International => format!("00{}", number.e164().trim_start_matches('+')),
    }
}

/// Digits, `*` and `#`; `+` only in front of them.
pub fn is_dialable(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    !digits.is_empty()
        && text.len() <= LONGEST
        && digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '*' | '#'))
}
