//! The last steps of a request once its way is known: it is stamped, and leaves.

use std::sync::Arc;

use rsipstack::transaction::endpoint::EndpointInnerRef;
use uac::{Request, Sent};

use super::addresses::Addresses;
use super::client::Ongoing;
use super::outlet::Outlet;
use super::way::Way;
use super::{client, convert, stamp};

/// What a request needs to leave.
#[derive(Clone)]
pub(super) struct Post {
    pub(super) endpoint: EndpointInnerRef,
    pub(super) ongoing: Arc<Ongoing>,
    pub(super) addresses: Arc<Addresses>,
    pub(super) outlet: Arc<Outlet>,
}

impl Post {
    /// Starts a transaction that was begun, or tells whoever waits for it why not.
    pub(super) fn start(&self, mut request: Request, sent: &Sent, way: Result<Way, String>) {
        let started = way.and_then(|way| {
            self.stamp(&mut request, &way);
            client::start(&self.ongoing, &self.endpoint, &request, &way)
        });
        if let Err(why) = started {
            self.ongoing.fail(sent, why);
        }
    }

    /// Sends an ACK.
    pub(super) async fn send(&self, mut ack: Request, way: Result<Way, String>) {
        let sent = match way {
            Err(why) => Err(why),
            Ok(way) => {
                self.stamp(&mut ack, &way);
                match convert::outgoing(&ack) {
                    None => Err("the peer's Contact cannot be written".to_owned()),
                    Some(ack) => {
                        let sent = way.connection().send(ack.into(), Some(&way.destination())).await;
                        sent.map_err(|error| error.to_string())
                    }
                }
            }
        };
        if let Err(why) = sent {
            tracing::warn!(why, "an ACK could not be sent");
        }
    }

    fn stamp(&self, request: &mut Request, way: &Way) {
        let transport = way.transport();
        let ours = self.addresses.seen_by(transport, way.to().ip(), Some(way.from()));
        stamp::stamp(request, transport, ours, &self.outlet.local);
    }
}
