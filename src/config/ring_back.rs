//! `[ring_back]`: customers who ring back a missed call.

use std::collections::BTreeMap;

use serde::Deserialize;

/// What inbound calls are answered with.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RingBack {
    /// Off: inbound calls are refused with 403.
    pub enabled: bool,
    /// Put before numbers of seven or eight digits: the carrier leaves it out for callers of our own area.
    #[serde(deserialize_with = "super::secret::optional_text")]
    pub area_code: Option<String>,
    /// Language of `notice`.
    pub language: String,
    /// Said to callers for whom there is no open task, and to those who opted out.
    pub notice: String,
    /// How often an hour one such caller is answered.
    pub notices_per_hour: u32,
}

impl Default for RingBack {
    fn default() -> Self {
        Self {
            enabled: true,
            area_code: None,
            language: "zh".to_owned(),
            notice: "您好，这里是{company}，感谢您的来电。本次通话会被录音。我们目前没有需要向您回访的事项，如需帮助，\
                     请拨打我们的客服电话。再见。"
                .to_owned(),
            notices_per_hour: 6,
        }
    }
}

impl RingBack {
    pub(super) fn faults(&self, variables: &BTreeMap<String, String>) -> Vec<String> {
        let mut faults = Vec::new();
        for name in unknown(&self.notice, variables) {
            faults.push(format!(
                "notice: it speaks of {{{name}}}, which has no value: set `{name}` in [questionnaires.variables]"
            ));
        }
        if self.notice.trim().is_empty() {
            faults
                .push("notice: it is empty: write what callers without an open task are to hear".to_owned());
        }
        if self.area_code.as_ref().is_some_and(|code| !code.bytes().all(|digit| digit.is_ascii_digit())) {
            faults.push("area_code: it is not digits: write it as 010".to_owned());
        }
        faults
    }

    /// The notice with the values of its variables.
    pub fn notice(&self, variables: &BTreeMap<String, String>) -> String {
        variables
            .iter()
            .fold(self.notice.clone(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }
}

/// Names in braces without a value.
fn unknown<'t>(text: &'t str, variables: &BTreeMap<String, String>) -> Vec<&'t str> {
    let named = text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name);
    named.filter(|name| !variables.contains_key(*name)).collect()
}
