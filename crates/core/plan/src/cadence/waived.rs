//! Which occasions a written waiver exempts from (L9.4).

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use super::Occasion;

/// When a waiver that covers the plan was in force for a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exemption {
    pub since: DateTime<Utc>,
    /// None: it is in force.
    pub until: Option<DateTime<Utc>>,
}

impl Exemption {
    /// Whether it exempts from everything, a list as well.
    pub fn in_force(self) -> bool {
        self.until.is_none()
    }

    fn exempts(self, occasion: &Occasion) -> bool {
        self.until.is_none_or(|until| self.since <= occasion.not_before && occasion.not_before < until)
    }
}

/// The occasions that are left. A waiver in force exempts from all; one that was taken back from those that fell due while
/// it was in force: nobody is called for them afterwards.
pub fn unwaived<'a>(occasions: &'a [Occasion], exemptions: &[Exemption]) -> Cow<'a, [Occasion]> {
    if exemptions.is_empty() {
        return Cow::Borrowed(occasions);
    }
    let called = |one: &&Occasion| !exemptions.iter().any(|exemption| exemption.exempts(one));
    Cow::Owned(occasions.iter().filter(called).cloned().collect())
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use records::{ContactRole, Mode, Occasion as Name};

    use super::*;

    fn at(day: u32, hour: u32) -> DateTime<Utc> {
        NaiveDate::from_ymd_opt(2026, 11, day).unwrap().and_hms_opt(hour, 0, 0).unwrap().and_utc()
    }

    fn due(day: u32) -> Occasion {
        Occasion {
            key: Name(format!("on {day}")),
            role: ContactRole::default(),
            mode: Mode::Phone,
            due_on: NaiveDate::from_ymd_opt(2026, 11, day).unwrap(),
            not_before: at(day, 0),
            aim_by: None,
            due_by: None,
            why: String::new(),
        }
    }

    fn days(exemptions: &[Exemption]) -> Vec<String> {
        let occasions = [due(3), due(10), due(20)];
        unwaived(&occasions, exemptions).iter().map(|one| one.key.0.clone()).collect()
    }

    #[test]
    fn a_waiver_in_force_exempts_from_what_was_due_before_as_well() {
        assert_eq!(days(&[]), ["on 3", "on 10", "on 20"]);
        assert!(days(&[Exemption { since: at(12, 9), until: None }]).is_empty());
    }

    #[test]
    fn one_that_was_taken_back_exempts_from_what_fell_due_meanwhile() {
        assert_eq!(days(&[Exemption { since: at(5, 9), until: Some(at(12, 9)) }]), ["on 3", "on 20"]);
        assert_eq!(
            days(&[Exemption { since: at(10, 9), until: Some(at(10, 10)) }]),
            ["on 3", "on 10", "on 20"]
        );
    }
}
