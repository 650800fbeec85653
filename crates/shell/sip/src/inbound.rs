//! Calls that come in: an INVITE outside any call, from the address of a trunk, becomes a call that is offered to
//! whoever takes inbound calls; all others are refused as any request of a stranger.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock, Weak};

use parking_lot::{Mutex, RwLock};
use tokio::sync::mpsc;
use uac::{Method, Parties, Request, Response, ServerKey, Uas};

use crate::Events;
use crate::leg::Leg;
use crate::leg_task::{self, Machine};
use crate::router::Mailbox;
use crate::stack::Shared;
use crate::trunk::{Trunk, TrunkInner};
use crate::wire::random_seed;

/// Calls that may wait to be taken; more are refused with 503.
const WAITING: usize = 64;
/// When a caller may try again whom we had no room for, in seconds.
const COME_BACK: u32 = 10;

/// A call that came in. It has had 100; [`Leg::ring`], then [`Leg::accept`] or [`Leg::refuse`] are to follow. When it
/// is dropped, the caller hears 480.
#[derive(Debug)]
pub struct Inbound {
    /// The trunk it came over.
    pub trunk: String,
    /// Who calls whom.
    pub parties: Parties,
    /// The caller's offer; without one [`Leg::accept`] takes ours, and [`crate::LegEvent::Answered`] brings the answer.
    pub offer: Option<String>,
    /// Call-ID, for logs and traces.
    pub call_id: String,
    /// Our handle.
    pub leg: Leg,
    /// What happens to it; [`crate::LegEvent::Answered`] when our answer is acknowledged.
    pub events: Events,
}

/// What becomes of an INVITE outside any call.
pub(crate) enum Admission {
    /// It is a call; what belongs to its transaction goes there.
    Call(Mailbox),
    /// It is answered so.
    Refused(Box<Response>),
    /// No trunk of ours sent it, or nobody takes inbound calls.
    Stranger,
}

/// Where calls come in.
#[derive(Debug, Default)]
pub(crate) struct Doors {
    shared: OnceLock<Weak<Shared>>,
    trunks: RwLock<Vec<Arc<TrunkInner>>>,
    taker: Mutex<Option<mpsc::Sender<Inbound>>>,
}

impl Doors {
    /// Tells the stack they belong to.
    pub(crate) fn belong_to(&self, shared: &Arc<Shared>) {
        let _ = self.shared.set(Arc::downgrade(shared));
    }

    /// Lets a trunk's calls in.
    pub(crate) fn admit_from(&self, trunk: Arc<TrunkInner>) {
        self.trunks.write().push(trunk);
    }

    /// Calls are given to the receiver from now on, and to no earlier one.
    pub(crate) fn open(&self) -> mpsc::Receiver<Inbound> {
        let (taker, calls) = mpsc::channel(WAITING);
        *self.taker.lock() = Some(taker);
        calls
    }

    /// Decides on a request outside any call.
    pub(crate) fn knock(&self, key: ServerKey, request: &Request, from: IpAddr) -> Admission {
        let opens = request.method == Method::Invite && request.headers.to_tag().is_none();
        let taker = self.taker.lock().clone().filter(|taker| opens && !taker.is_closed());
        let (Some(taker), Some(trunk)) = (taker, self.trunk_at(from)) else { return Admission::Stranger };
        let Ok(room) = taker.try_reserve() else {
            tracing::warn!(trunk = trunk.name(), "an inbound call found no room and is refused");
            return Admission::Refused(Box::new(no_room(request)));
        };
        let (now, timing) = (trunk.shared.clock.now(), trunk.shared.timing);
        let arrival = (key, request.clone(), from);
        match Uas::arrive(now, trunk.line(), timing, random_seed(), arrival) {
            Err(refusal) => {
                tracing::info!(
                    trunk = trunk.name(),
                    status = refusal.status,
                    "an inbound call is refused for its form"
                );
                Admission::Refused(refusal)
            }
            Ok(uas) => {
                let (offer, call_id) = (uas.offer(), uas.call_id().to_owned());
                let parties = Parties::of(request);
                let (leg, events, mailbox) = leg_task::spawn(&trunk, Machine::Inbound(Box::new(uas)));
                room.send(Inbound { trunk: trunk.name().to_owned(), parties, offer, call_id, leg, events });
                Admission::Call(mailbox)
            }
        }
    }

    fn trunk_at(&self, from: IpAddr) -> Option<Trunk> {
        let shared = self.shared.get()?.upgrade()?;
        let inner = self.trunks.read().iter().find(|trunk| trunk.speaks_from(from))?.clone();
        Some(Trunk { shared, inner })
    }
}

fn no_room(request: &Request) -> Response {
    let mut response = Response::to(request, 503, "Service Unavailable", &random_seed().token());
    response.headers.push("Retry-After", COME_BACK.to_string());
    response
}
