//! How a trunk is registered.

use std::time::Duration;

use super::Trunk;

/// Longest lifetime that any registrar grants.
const DAY: u64 = 86_400;

impl Trunk {
    /// The registration as the signalling takes it, on a trunk that wants one. `installation` is what
    /// does not change about this one.
    pub fn registration(&self, installation: &str) -> Option<sip::Register> {
        self.register.then(|| sip::Register {
            registrar: self.registrar.clone(),
            expires: Duration::from_secs(self.register_expires),
            retry: Duration::from_secs(self.register_retry_seconds),
            contact_from_rport: self.contact_from_rport,
            installation: installation.to_owned(),
        })
    }

    pub(super) fn register_faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.register && self.user.is_none() {
            faults
                .push("register: nobody to register: give user and password as the carrier gave them".into());
        }
        if self.register_expires == 0 || self.register_expires > DAY {
            let asked = self.register_expires;
            faults.push(format!("register_expires: {asked} s are not possible: give 1 to {DAY}"));
        }
        if self.register_retry_seconds == 0 || self.register_retry_seconds > 300 {
            let asked = self.register_retry_seconds;
            faults.push(format!("register_retry_seconds: {asked} s are not possible: give 1 to 300"));
        }
        if self.auth_user.is_some() && self.user.is_none() {
            faults.push("auth_user: it is the user of a password: give user and password too".into());
        }
        faults
    }
}
