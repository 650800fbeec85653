//! The thread that carries legs: it sleeps to each deadline, takes the orders that came, and lets every leg of the
//! group whose turn it is receive and send.

mod clock;
mod command;
mod ear;
mod guard;
mod keys;
mod leg;
mod listening;
mod reports;
mod urgency;
mod voice;
mod wire;

pub(crate) use command::{Command, Order};
pub(crate) use leg::{Leg, Terms};

use crate::recorder::Job;
use clock::{Clock, GROUPS};
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use hearing::Library;
use leg::Scratch;
use std::{
    collections::BTreeMap,
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::JoinHandle,
    time::Instant,
};

/// Orders that may wait for the next step; four for each of 2,000 legs.
const ORDERS: usize = 8192;
/// Steps between two looks for legs whose order to close was lost: a second.
const LOOK_FOR_LOST: u32 = 50 * GROUPS as u32;

/// The engine's hold on one tick thread.
pub(crate) struct TickThread {
    orders: Sender<Order>,
    legs: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl TickThread {
    pub(crate) fn start(
        number: usize,
        realtime: bool,
        jobs: Sender<Job>,
        announcements: Arc<Library>,
    ) -> io::Result<Self> {
        let (sender, orders) = bounded(ORDERS);
        let legs = Arc::new(AtomicUsize::new(0));
        let carrier = Carrier::new(orders, jobs, Arc::clone(&legs), Scratch::new(announcements));
        let thread = std::thread::Builder::new().name(format!("media-{number}")).spawn(move || {
            if realtime {
                urgency::come_first();
            }
            carrier.run();
        })?;
        Ok(Self { orders: sender, legs, thread: Some(thread) })
    }

    pub(crate) fn orders(&self) -> Sender<Order> {
        self.orders.clone()
    }

    pub(crate) fn legs(&self) -> usize {
        self.legs.load(Ordering::Relaxed)
    }

    /// Closes all legs and waits for the thread.
    pub(crate) fn end(&mut self) {
        let Some(thread) = self.thread.take() else { return };
        // An error here means that the thread is gone already, which is what is wanted.
        let _ = self.orders.send(Order { leg: 0, at: Instant::now(), command: Command::Shutdown });
        if thread.join().is_err() {
            tracing::error!("a media thread panicked; its calls lost their media");
        }
    }
}

/// What runs on the thread.
struct Carrier {
    orders: Receiver<Order>,
    jobs: Sender<Job>,
    /// By age, so that a leg sends at the same moment of each tick however others come and go.
    groups: [BTreeMap<u64, Box<Leg>>; GROUPS],
    count: Arc<AtomicUsize>,
    /// Closings that the recorder's full queue has not taken yet.
    endings: Vec<Job>,
    scratch: Scratch,
    steps: u32,
    shutdown: bool,
}

impl Carrier {
    fn new(orders: Receiver<Order>, jobs: Sender<Job>, count: Arc<AtomicUsize>, scratch: Scratch) -> Self {
        Self {
            orders,
            jobs,
            groups: Default::default(),
            count,
            endings: Vec::new(),
            scratch,
            steps: 0,
            shutdown: false,
        }
    }

    fn run(mut self) {
        let mut clock = Clock::start();
        while !self.shutdown {
            if self.open() == 0 && self.endings.is_empty() {
                let Ok(order) = self.orders.recv() else { break };
                self.take(order);
                clock.restart();
            }
            let tick = clock.wait();
            while let Ok(order) = self.orders.try_recv() {
                self.take(order);
            }
            for leg in self.groups[tick.group].values_mut() {
                leg.tick(&tick, &mut self.scratch);
            }
            self.sweep();
        }
        self.close_all();
    }

    fn take(&mut self, order: Order) {
        match order.command {
            Command::Open(leg) => self.open_leg(order.leg, leg),
            Command::Close => self.close(order.leg, order.at),
            Command::Shutdown => self.shutdown = true,
            command => {
                if let Some(leg) = self.groups.iter_mut().find_map(|group| group.get_mut(&order.leg)) {
                    leg.obey(command, order.at);
                }
            }
        }
    }

    fn open_leg(&mut self, id: u64, leg: Box<Leg>) {
        if let Some(group) = self.groups.iter_mut().min_by_key(|group| group.len()) {
            group.insert(id, leg);
        }
        self.counted();
    }

    fn close(&mut self, id: u64, at: Instant) {
        if let Some(leg) = self.groups.iter_mut().find_map(|group| group.remove(&id)) {
            self.endings.extend(leg.close(at, &mut self.scratch));
            self.counted();
        }
    }

    fn open(&self) -> usize {
        self.groups.iter().map(BTreeMap::len).sum()
    }

    /// Hands closings over, and now and then closes legs whose order to close was lost.
    fn sweep(&mut self) {
        while let Some(job) = self.endings.pop() {
            match self.jobs.try_send(job) {
                Ok(()) => {}
                Err(TrySendError::Full(job)) => {
                    self.endings.push(job);
                    break;
                }
                Err(TrySendError::Disconnected(job)) => job.abandon(),
            }
        }
        self.steps = (self.steps + 1) % LOOK_FOR_LOST;
        if self.steps == 0 && self.orders.is_empty() {
            let legs = self.groups.iter().flatten();
            let lost: Vec<u64> = legs.filter_map(|(id, leg)| leg.is_closed().then_some(*id)).collect();
            for id in lost {
                self.close(id, Instant::now());
            }
        }
    }

    fn close_all(&mut self) {
        let now = Instant::now();
        let ids: Vec<u64> = self.groups.iter().flat_map(BTreeMap::keys).copied().collect();
        for id in ids {
            self.close(id, now);
        }
        for job in self.endings.drain(..) {
            // At the end the tick has nothing else to do: wait for room.
            if let Err(lost) = self.jobs.send(job) {
                lost.0.abandon();
            }
        }
    }

    fn counted(&self) {
        self.count.store(self.open(), Ordering::Relaxed);
    }
}
