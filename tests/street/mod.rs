//! A street of customers behind one virtual carrier: who they are, which numbers they share, and what each number does
//! when it is called. Keys may be pressed ahead, so that no customer is too early.

use serde_json::{Value, json};

use crate::service::{Site, questionnaire};

/// Puts off nothing for longer than seconds, and is patient about tries.
fn policy() -> Value {
    let often = json!([{"attempts": 100, "within": 3600}]);
    json!({
        "windows": {"spans": ["00:00-24:00"], "working_days_only": false, "outer": "00:00-24:00"},
        "retry": {"attempts": 4, "slot": 1, "half_days": 1, "soon": 0.5, "line_retry": 0.5, "gap": 0, "per_day": 100},
        "caps": {"customer": often, "number": often},
        "call": {"ring_time": 2, "setup_limit": 5, "longest_call": 120, "hang_up_grace": 2}
    })
}

/// A plan that asks whom it names.
pub(crate) fn plan(name: &str, audience: &Value) -> Value {
    json!({"name": name, "questionnaire": "ahead", "audience": audience, "policy": policy()})
}

/// The class of those whom the second plan names as well.
pub(crate) const BOTH: &str = "both";

/// Tells a site the questionnaire of the street.
pub(crate) fn write_questionnaire(site: &Site) {
    let text =
        questionnaire::quick().replacen("questionnaire: quick", "questionnaire: ahead\ntype_ahead: true", 1);
    let text = text.replacen("beep.wav", "long.wav", 1);
    std::fs::write(site.questionnaires.join("ahead.yaml"), text).unwrap();
    // Longer than the key before it, so that it is heard behind it.
    questionnaire::write_beep(&site.questionnaires.join("long.wav"), 600);
}

/// Customers who share their numbers.
pub(crate) struct House {
    customers: usize,
    class: &'static str,
    /// What each of the numbers does at the first call, at the second, and so on; the last stays.
    numbers: Vec<String>,
    /// Where their tasks stand when all is over.
    pub(crate) ends: &'static str,
}

/// Everybody.
pub(crate) struct Street(pub(crate) Vec<House>);

/// Says who it is, gives these answers, and hangs up after the next prompt: that one is said when the last is kept.
fn answers(keys: &str) -> String {
    let presses: Vec<String> =
        format!("1{keys}").chars().map(|key| format!("wait_for_prompt_end, {{press: \"{key}\"}}")).collect();
    format!("{{answer: {{after: 200ms, steps: [{}, wait_for_prompt_end, hang_up]}}}}", presses.join(", "))
}

impl Street {
    /// Some dozens of customers. Those who are not reached at first are reached later, but for one who is always busy.
    pub(crate) fn new() -> Self {
        let gone = "{answer: {after: 200ms, steps: [wait_for_prompt_end, hang_up]}}";
        let home = |customers, numbers: &[String]| House {
            customers,
            class: BOTH,
            numbers: numbers.to_vec(),
            ends: "succeeded",
        };
        let one = |what: String| home(1, &[what]);
        let mut houses: Vec<House> = Vec::new();
        for keys in ["11", "12", "21", "22"] {
            houses.push(one(answers(keys)));
            houses.push(one(format!("busy, {}", answers(keys))));
            houses.push(one(format!("{gone}, {}", answers(keys))));
            // A household.
            houses.push(home(2, &[answers(keys)]));
        }
        for keys in ["12", "21"] {
            houses.push(one(format!("no_answer, {}", answers(keys))));
            // Two numbers, of which the second is tried when nobody answers at the first.
            houses.push(home(1, &[format!("no_answer, {}", answers(keys)), answers(keys)]));
            // Hangs up between the questions; the second call asks what is left.
            let parts = format!("{}, {}", answers("1"), answers("2"));
            houses.push(House { class: "one", ..one(parts) });
        }
        // A household where the first call finds the line busy, and a company whose people ask for a person.
        houses.push(home(2, &[format!("busy, {}", answers("12"))]));
        houses.push(House { ends: "with_person", ..home(3, &[answers("0")]) });
        houses.push(House { ends: "with_person", ..one("busy".to_owned()) });
        Self(houses)
    }

    /// Houses with the numbers of each.
    fn addressed(&self) -> impl Iterator<Item = (&House, Vec<String>)> {
        let mut next = 0..;
        self.0.iter().map(move |house| {
            (
                house,
                next.by_ref().take(house.numbers.len()).map(|n: u32| format!("138001380{n:02}")).collect(),
            )
        })
    }

    /// What each number does, as the carrier's script has it.
    pub(crate) fn script(&self) -> Vec<(String, String)> {
        self.addressed().flat_map(|(house, numbers)| numbers.into_iter().zip(house.numbers.clone())).collect()
    }

    /// The list of customers; each is named by its house, and the class.
    pub(crate) fn csv(&self) -> String {
        let mut rows = vec!["external_id,name,class,number,number2".to_owned()];
        for (nth, (house, numbers)) in self.addressed().enumerate() {
            let second = numbers.get(1).map_or("", String::as_str);
            let row = |person| format!("H{nth}-{person},王小明,{},{},{second}", house.class, numbers[0]);
            rows.extend((0..house.customers).map(row));
        }
        rows.join("\n")
    }

    /// Customers that the second plan names as well, and all.
    pub(crate) fn customers(&self) -> (u64, u64) {
        let count = |class: Option<&str>| -> usize {
            let named = self.0.iter().filter(|house| class.is_none_or(|class| house.class == class));
            named.map(|house| house.customers).sum()
        };
        (count(Some(BOTH)) as u64, count(None) as u64)
    }

    /// The house of a customer's external id.
    pub(crate) fn house(&self, id: &str) -> &House {
        let nth: usize = id.trim_start_matches('H').split('-').next().unwrap().parse().unwrap();
        &self.0[nth]
    }
}
