//! What a call tells whoever placed or took it.

use std::time::Instant;

use tokio::sync::mpsc::{self, error::TryRecvError};

use crate::LegEvent;

/// The events of one call, in order, exactly one terminal event last. A queue keeps room for 32 at any time, so they
/// wait in boxes.
#[derive(Debug)]
pub struct Events(mpsc::Receiver<Box<Told>>);

/// An event, and when what it tells of came off or went on the wire.
pub(crate) type Told = (Instant, LegEvent);

impl Events {
    /// A queue that `room` events may wait in.
    pub(crate) fn queue(room: usize) -> (mpsc::Sender<Box<Told>>, Self) {
        let (events, told) = mpsc::channel(room);
        (events, Self(told))
    }

    /// The next event, once there is one; none when the call has told all.
    pub async fn recv(&mut self) -> Option<LegEvent> {
        self.recv_at().await.map(|(_, event)| event)
    }

    /// The same with the moment at which the message that it tells of came off the wire, or ours went on it, however
    /// late it is asked for: of [`LegEvent::PeerHungUp`] the BYE, of [`LegEvent::Answered`] the 200 or, of an inbound
    /// call, its ACK, of [`LegEvent::HungUp`] our BYE. Datagrams are noted by the system; what comes by a stream when
    /// it is read, what leaves by one when it is queued. Of all else, when it was decided.
    pub async fn recv_at(&mut self) -> Option<(Instant, LegEvent)> {
        self.0.recv().await.map(|told| *told)
    }

    /// The next event if it is there already.
    pub fn try_recv(&mut self) -> Result<LegEvent, TryRecvError> {
        self.0.try_recv().map(|told| told.1)
    }
}
