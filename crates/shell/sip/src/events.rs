//! What a call tells whoever placed or took it.

use tokio::sync::mpsc::{self, error::TryRecvError};

use crate::LegEvent;

/// The events of one call, in order, exactly one terminal event last. A queue keeps room for 32 at any time, so they
/// wait in boxes.
#[derive(Debug)]
pub struct Events(mpsc::Receiver<Box<LegEvent>>);

impl Events {
    /// A queue that `room` events may wait in.
    pub(crate) fn queue(room: usize) -> (mpsc::Sender<Box<LegEvent>>, Self) {
        let (events, told) = mpsc::channel(room);
        (events, Self(told))
    }

    /// The next event, once there is one; none when the call has told all.
    pub async fn recv(&mut self) -> Option<LegEvent> {
        self.0.recv().await.map(|event| *event)
    }

    /// The next event if it is there already.
    pub fn try_recv(&mut self) -> Result<LegEvent, TryRecvError> {
        self.0.try_recv().map(|event| *event)
    }
}
