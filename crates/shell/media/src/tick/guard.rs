//! What a leg's shield does not let in is counted, and the first forgery told.

use crate::{
    Heard,
    fact::Facts,
    srtp::{Opened, Shield, Shut},
};

#[derive(Default)]
pub(super) struct Guard {
    pub(super) shield: Shield,
    pub(super) forged: u64,
    pub(super) replayed: u64,
    /// No RTP, or before there were keys.
    pub(super) unheard: u64,
}

impl Guard {
    /// Opens a datagram of the media's in its place; none where it is not to be heard.
    pub(super) fn open(&mut self, datagram: &mut [u8], facts: &Facts) -> Option<Opened> {
        let opened = self.shield.open(datagram);
        self.counted(opened, facts)
    }

    /// The same for what came as RTCP.
    pub(super) fn open_control(&mut self, datagram: &mut [u8], facts: &Facts) -> Option<Opened> {
        let opened = self.shield.open_control(datagram);
        self.counted(opened, facts)
    }

    fn counted(&mut self, opened: Result<Opened, Shut>, facts: &Facts) -> Option<Opened> {
        let why = match opened {
            Ok(opened) => return Some(opened),
            Err(Shut::Forged) => {
                if self.forged == 0 {
                    facts.tell(Heard::Forged);
                }
                self.forged += 1;
                "forged"
            }
            Err(Shut::Replayed) => {
                self.replayed += 1;
                "replayed"
            }
            Err(Shut::Malformed | Shut::Keyless) => {
                self.unheard += 1;
                return None;
            }
        };
        metrics::counter!("media_srtp_refused_total", "why" => why).increment(1);
        None
    }
}
