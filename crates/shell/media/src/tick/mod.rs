//! The thread that carries legs: it sleeps to each deadline, takes the orders that came, and lets every
//! leg receive and send.

mod clock;
mod command;
mod ear;
mod keys;
mod leg;
mod voice;

pub(crate) use command::{Command, Order};
pub(crate) use leg::Leg;

use crate::recorder::Job;
use clock::Clock;
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use leg::Scratch;
use std::{
    collections::HashMap,
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::JoinHandle,
    time::Instant,
};

/// Orders that may wait for the next tick; ten for each of 800 legs.
const ORDERS: usize = 8192;

/// The engine's hold on one tick thread.
pub(crate) struct TickThread {
    orders: Sender<Order>,
    legs: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl TickThread {
    pub(crate) fn start(number: usize, jobs: Sender<Job>) -> io::Result<Self> {
        let (sender, orders) = bounded(ORDERS);
        let legs = Arc::new(AtomicUsize::new(0));
        let carrier = Carrier::new(orders, jobs, Arc::clone(&legs));
        let thread =
            std::thread::Builder::new().name(format!("media-{number}")).spawn(move || carrier.run())?;
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
    legs: HashMap<u64, Box<Leg>>,
    count: Arc<AtomicUsize>,
    /// Closings that the recorder's full queue has not taken yet.
    endings: Vec<Job>,
    scratch: Scratch,
    shutdown: bool,
}

impl Carrier {
    fn new(orders: Receiver<Order>, jobs: Sender<Job>, count: Arc<AtomicUsize>) -> Self {
        Self {
            orders,
            jobs,
            legs: HashMap::new(),
            count,
            endings: Vec::new(),
            scratch: Scratch::default(),
            shutdown: false,
        }
    }

    fn run(mut self) {
        let mut clock = Clock::start();
        while !self.shutdown {
            if self.legs.is_empty() && self.endings.is_empty() {
                let Ok(order) = self.orders.recv() else { break };
                self.take(order);
                clock.restart();
            }
            let tick = clock.wait();
            while let Ok(order) = self.orders.try_recv() {
                self.take(order);
            }
            for leg in self.legs.values_mut() {
                leg.tick(&tick, &mut self.scratch);
            }
            self.sweep();
        }
        self.close_all();
    }

    fn take(&mut self, order: Order) {
        match order.command {
            Command::Open(leg) => {
                self.legs.insert(order.leg, leg);
                self.counted();
            }
            Command::Close => self.close(order.leg, order.at),
            Command::Shutdown => self.shutdown = true,
            command => {
                if let Some(leg) = self.legs.get_mut(&order.leg) {
                    leg.obey(command, order.at);
                }
            }
        }
    }

    fn close(&mut self, id: u64, at: Instant) {
        if let Some(leg) = self.legs.remove(&id) {
            self.endings.extend(leg.close(at, &mut self.scratch));
            self.counted();
        }
    }

    /// Hands closings over, and closes legs whose order to close was lost.
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
        if let Some(id) = self.legs.iter().find_map(|(id, leg)| leg.is_closed().then_some(*id))
            && self.orders.is_empty()
        {
            self.close(id, Instant::now());
        }
    }

    fn close_all(&mut self) {
        let now = Instant::now();
        let ids: Vec<u64> = self.legs.keys().copied().collect();
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
        self.count.store(self.legs.len(), Ordering::Relaxed);
    }
}
