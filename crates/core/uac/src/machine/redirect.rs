//! Redirections (3xx), followed only where the trunk's policy allows it, and only to the trunk
//! itself: anywhere else, somebody could have us call at the company's expense.

use std::time::Duration;

use super::Uac;
use super::state::Fate;
use crate::address::{NameAddr, hop_of, split_outside, value_of};
use crate::digest::Answers;
use crate::line::Line;
use crate::message::Response;

/// Most targets remembered of one call.
const MOST_TARGETS: usize = 8;

impl Uac {
    /// Whether the call goes on at another target: one that this response names, or one that an
    /// earlier one named.
    pub(super) fn is_redirected(&mut self, now: Duration, response: &Response) -> bool {
        if self.core.redirects >= self.line.policy.redirects || response.status >= 600 {
            return false;
        }
        if (300..400).contains(&response.status) {
            let targets = targets_of(response, &self.line);
            let known = |target: &String| *target == self.core.invite.uri;
            let fresh: Vec<String> = targets.into_iter().filter(|target| !known(target)).collect();
            self.core.redirected.splice(0..0, fresh);
            self.core.redirected.truncate(MOST_TARGETS);
        }
        if self.core.redirected.is_empty() {
            return false;
        }
        let target = self.core.redirected.remove(0);
        self.core.redirects += 1;
        self.set_aside(Fate::Answered);
        self.aim_at(target);
        self.renumber_invite(now);
        true
    }

    /// A target that is one of the trunk's ways goes there; a name of the trunk's goes where the
    /// INVITE went.
    fn aim_at(&mut self, target: String) {
        let named = hop_of(&target).and_then(|hop| {
            self.line
                .ways
                .iter()
                .find(|way| way.host == hop.host && (hop.port.is_none() || way.port == hop.port))
        });
        if let Some(way) = named {
            self.core.invite_hop = way.clone();
        }
        self.core.invite.uri = target;
        self.core.answers = Answers::default();
    }
}

/// The targets of a redirection that belong to the trunk, best q first (RFC 3261 section 8.1.3.4).
fn targets_of(response: &Response, line: &Line) -> Vec<String> {
    let contacts = response.headers.list("Contact");
    let mut targets: Vec<(u16, String)> = contacts
        .into_iter()
        .filter_map(|contact| Some((q_of(contact), NameAddr::parse(contact)?.uri)))
        .filter(|(_, uri)| belongs_to(line, uri))
        .collect();
    targets.sort_by_key(|(q, _)| std::cmp::Reverse(*q));
    targets.into_iter().map(|(_, uri)| uri).collect()
}

/// The q parameter in thousandths; 1 where there is none (RFC 3261 section 20.10).
fn q_of(contact: &str) -> u16 {
    let params = split_outside(contact, ';').skip(1);
    let q = value_of(params, "q").and_then(|q| q.parse::<f32>().ok()).unwrap_or(1.0);
    // Between 0 and 1000 after the clamp, so nothing is cut off.
    (q.clamp(0.0, 1.0) * 1000.0) as u16
}

fn belongs_to(line: &Line, uri: &str) -> bool {
    let Some(hop) = hop_of(uri).filter(|_| !uri.contains(['?', '<', '>', '"', ' '])) else { return false };
    let known = [&line.peer].into_iter().chain(&line.proxy).chain(&line.ways).map(|hop| hop.host.as_str());
    let bare = line.identity.domain().trim_matches(['[', ']']);
    known.chain([bare]).any(|host| host.eq_ignore_ascii_case(&hop.host))
}
