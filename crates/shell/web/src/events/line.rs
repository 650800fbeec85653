//! The line on which events go to all listeners: bounded, so that a listener who is slow misses some and is told so.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use tokio::sync::{broadcast, watch};

use super::Happening;

/// Events a listener may be behind, and those kept for one who comes back.
const KEPT: usize = 256;
/// Listeners at one time.
const LISTENERS: usize = 256;

/// An event and its id.
#[derive(Clone, Debug)]
pub struct Event {
    pub id: String,
    pub happening: Arc<Happening>,
}

/// The line. Cloning gives another handle to it.
#[derive(Clone)]
pub struct Events(Arc<Line>);

struct Line {
    /// Tells this process from the one before: its numbers begin anew.
    epoch: String,
    said: Mutex<Said>,
    listeners: AtomicUsize,
    closed: watch::Sender<bool>,
}

struct Said {
    next: u64,
    last: VecDeque<Event>,
    to: broadcast::Sender<Event>,
}

/// One who listens.
pub struct Listener {
    line: Arc<Line>,
    from: broadcast::Receiver<Event>,
    /// What happened since it was here last.
    before: VecDeque<Event>,
    closed: watch::Receiver<bool>,
    /// Whether something was missed that nobody can tell any more.
    pub missed_some: bool,
}

/// What a listener hears.
#[derive(Clone, Debug)]
pub enum Heard {
    Event(Event),
    /// So many were missed.
    Missed(u64),
}

impl Default for Events {
    fn default() -> Self {
        let to = broadcast::Sender::new(KEPT);
        Self(Arc::new(Line {
            epoch: uuid::Uuid::now_v7().simple().to_string(),
            said: Mutex::new(Said { next: 1, last: VecDeque::with_capacity(KEPT), to }),
            listeners: AtomicUsize::new(0),
            closed: watch::Sender::new(false),
        }))
    }
}

impl Events {
    /// Tells all listeners; never waits.
    pub fn tell(&self, happening: Happening) {
        let mut said = self.0.said.lock();
        let event = Event { id: format!("{}-{}", self.0.epoch, said.next), happening: Arc::new(happening) };
        said.next += 1;
        if said.last.len() == KEPT {
            said.last.pop_front();
        }
        said.last.push_back(event.clone());
        // Without listeners nobody needs to hear it.
        let _ = said.to.send(event);
    }

    /// Listens from now on; `after` is the id of the event heard last, from which on those still kept are told first.
    /// None when too many listen, or the line is closed.
    pub fn listen(&self, after: Option<&str>) -> Option<Listener> {
        let taken = self.0.listeners.fetch_update(Ordering::AcqRel, Ordering::Acquire, |count| {
            (count < LISTENERS).then_some(count + 1)
        });
        taken.ok()?;
        let said = self.0.said.lock();
        let place = after.and_then(|id| said.last.iter().position(|event| event.id == id));
        let before =
            place.map_or_else(VecDeque::new, |place| said.last.iter().skip(place + 1).cloned().collect());
        let listener = Listener {
            from: said.to.subscribe(),
            before,
            closed: self.0.closed.subscribe(),
            missed_some: after.is_some() && place.is_none(),
            line: Arc::clone(&self.0),
        };
        drop(said);
        if *self.0.closed.borrow() { None } else { Some(listener) }
    }

    /// How many listen.
    pub fn listeners(&self) -> usize {
        self.0.listeners.load(Ordering::Acquire)
    }

    /// Ends every listener's line; for shutdown, it cannot be undone.
    pub fn close(&self) {
        self.0.closed.send_replace(true);
    }

    /// Ready once the line is closed.
    pub async fn closed(&self) {
        let mut closed = self.0.closed.subscribe();
        // The sender lives as long as the line does.
        let _ = closed.wait_for(|closed| *closed).await;
    }
}

impl Listener {
    /// The next thing to be told; `None` at the end of the line.
    pub async fn next(&mut self) -> Option<Heard> {
        if let Some(event) = self.before.pop_front() {
            return Some(Heard::Event(event));
        }
        tokio::select! {
            biased;
            _ = self.closed.wait_for(|closed| *closed) => None,
            heard = self.from.recv() => match heard {
                Ok(event) => Some(Heard::Event(event)),
                Err(broadcast::error::RecvError::Lagged(missed)) => Some(Heard::Missed(missed)),
                Err(broadcast::error::RecvError::Closed) => None,
            },
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.line.listeners.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use records::{CallbackId, TaskId};
    use uuid::Uuid;

    use super::*;

    fn taken(n: u128) -> Happening {
        Happening::CallbackTaken { callback: CallbackId(Uuid::from_u128(n)), task: TaskId(Uuid::nil()) }
    }

    async fn hear(listener: &mut Listener) -> Event {
        match listener.next().await {
            Some(Heard::Event(event)) => event,
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn who_comes_back_hears_what_happened_meanwhile() {
        let events = Events::default();
        let mut first = events.listen(None).unwrap();
        for n in 1..=3 {
            events.tell(taken(n));
        }
        let heard = hear(&mut first).await;
        drop(first);
        let mut again = events.listen(Some(&heard.id)).unwrap();
        assert!(!again.missed_some);
        assert_eq!(*hear(&mut again).await.happening, taken(2));
        assert_eq!(*hear(&mut again).await.happening, taken(3));
        events.tell(taken(4));
        assert_eq!(*hear(&mut again).await.happening, taken(4));
        let elsewhere = events.listen(Some("another-process-7")).unwrap();
        assert!(elsewhere.missed_some, "nobody can tell what was missed");
    }

    #[tokio::test]
    async fn who_is_slow_is_told_how_many_were_missed() {
        let events = Events::default();
        let mut slow = events.listen(None).unwrap();
        let mut quick = events.listen(None).unwrap();
        for n in 0..(KEPT as u128 + 10) {
            events.tell(taken(n));
            assert_eq!(*hear(&mut quick).await.happening, taken(n));
        }
        assert!(matches!(slow.next().await, Some(Heard::Missed(10))));
        assert_eq!(*hear(&mut slow).await.happening, taken(10));
    }

    #[tokio::test]
    async fn the_line_has_an_end_and_room_for_so_many() {
        let events = Events::default();
        let mut all: Vec<Listener> = (0..LISTENERS).map(|_| events.listen(None).unwrap()).collect();
        assert!(events.listen(None).is_none());
        all.pop();
        assert_eq!(events.listeners(), LISTENERS - 1);
        let mut last = events.listen(None).unwrap();
        events.close();
        assert!(last.next().await.is_none());
        assert!(events.listen(None).is_none());
    }
}
