//! The thread that carries all RTP: absolute deadlines each millisecond, a twentieth of the calls at each.

use std::io::{self, IoSliceMut};
use std::net::UdpSocket;
use std::os::fd::AsRawFd as _;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg, setsockopt, sockopt::ReceiveTimestampns};
use nix::sys::time::TimeSpec;

use super::Counts;
use super::journal::CallReport;
use super::script::Script;
use crate::report::Tally;
use crate::rtp::{Listener, PACKET, Speaker};

/// Calls are spread over so many moments of the 20 ms between their packets.
const SLOTS: usize = 20;
const SLOT: Duration = Duration::from_millis(1);
/// A packet sent this long after it was due is counted.
const LATE: Duration = Duration::from_millis(5);
/// A packet older than this when it is read has others behind it.
const BACKLOG: i64 = 20_000_000;
/// Even without a sign of a backlog, all that waits is read each so many packets.
const SWEEP: u32 = 25;
/// Longer than any packet that is right.
const LONGEST: usize = 512;

/// The thread, seen from those who take calls.
#[derive(Clone, Debug)]
pub(super) struct Media(Sender<Order>);

#[derive(Debug)]
enum Order {
    Carry(Box<Carried>),
    End { call_id: String, up: Duration, by_us: bool },
}

/// A call whose sound is over.
#[derive(Debug)]
pub(super) struct Finished {
    call: Carried,
    up: Duration,
    by_us: bool,
}

/// One call on the thread.
#[derive(Debug)]
pub(super) struct Carried {
    call_id: String,
    number: String,
    socket: UdpSocket,
    speaker: Speaker,
    listener: Listener,
    script: Script,
    /// When it began, in nanoseconds of kernel time.
    since: i64,
    pressed: String,
    prompts: Vec<u64>,
    ticks: u32,
}

impl Media {
    /// Starts the thread; calls that are over go to `finished`.
    pub(super) fn start(counts: Counts, finished: Sender<Finished>) -> io::Result<Self> {
        let (sender, orders) = channel();
        let carrier = Carrier { orders, finished, counts, slots: Default::default(), next_slot: 0 };
        thread::Builder::new().name("rtp".to_owned()).spawn(move || carrier.run())?;
        Ok(Self(sender))
    }

    /// Lets a call speak and hear from now on.
    pub(super) fn carry(&self, call: Carried) {
        self.order(Order::Carry(Box::new(call)));
    }

    /// Ends the sound of a call that was up for so long.
    pub(super) fn end(&self, call_id: &str, up: Duration, by_us: bool) {
        self.order(Order::End { call_id: call_id.to_owned(), up, by_us });
    }

    fn order(&self, order: Order) {
        self.0.send(order).expect("the RTP thread lives as long as the process");
    }
}

impl Carried {
    /// A call over a socket that is connected to the other side.
    pub(super) fn new(
        call_id: String,
        number: String,
        socket: UdpSocket,
        script: Script,
        seed: u64,
    ) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        setsockopt(&socket, ReceiveTimestampns, &true)?;
        Ok(Self {
            call_id,
            number,
            socket,
            speaker: Speaker::new(seed),
            listener: Listener::default(),
            script,
            since: kernel_now(),
            pressed: String::new(),
            prompts: Vec::new(),
            ticks: 0,
        })
    }

    fn tick(&mut self, now: i64, room: &mut Room) {
        self.ticks += 1;
        self.hear(now, self.ticks.is_multiple_of(SWEEP), room);
        if let Some(key) = self.script.tick() {
            self.speaker.press(key);
            self.pressed.push(char::from(b'0' + key));
            self.listener.tally.keys += 1;
        }
        let length = self.speaker.next(&mut room.packet);
        // Nobody there yet, or no more: what is missing is counted by who misses it.
        let _ = self.socket.send(&room.packet[..length]);
        self.listener.tally.sent += 1;
    }

    /// Reads the packet that has come since the last time; all that wait when there are more, or in a `sweep`.
    fn hear(&mut self, now: i64, sweep: bool, room: &mut Room) {
        while let Some((length, arrival)) = receive(&self.socket, room) {
            if let Some(prompt) = self.listener.hear(&room.heard[..length], arrival) {
                self.listener.tally.prompts += 1;
                self.prompts.push(prompt.hash);
                self.script.prompt_ended();
            }
            if !sweep && now - arrival < BACKLOG {
                return;
            }
        }
    }
}

impl Finished {
    pub(super) fn report(&self) -> CallReport {
        let call = &self.call;
        CallReport {
            call_id: call.call_id.clone(),
            number: call.number.clone(),
            seconds: self.up.as_secs_f64(),
            by_us: self.by_us,
            keys: call.pressed.clone(),
            prompts: call.prompts.clone(),
            tally: call.listener.tally,
            latest_ms: call.listener.latest as f64 / 1e6,
        }
    }
}

/// What runs on the thread.
struct Carrier {
    orders: Receiver<Order>,
    finished: Sender<Finished>,
    counts: Counts,
    slots: [Vec<Carried>; SLOTS],
    next_slot: usize,
}

impl Carrier {
    fn run(mut self) {
        let mut room = Room::default();
        let mut due = Instant::now();
        for slot in (0..SLOTS).cycle() {
            due += SLOT;
            thread::sleep(due.saturating_duration_since(Instant::now()));
            while let Ok(order) = self.orders.try_recv() {
                self.obey(order, &mut room);
            }
            self.tick(slot, due, &mut room);
        }
    }

    fn tick(&mut self, slot: usize, due: Instant, room: &mut Room) {
        let (mut counted, now) = (Tally::default(), kernel_now());
        for call in &mut self.slots[slot] {
            let before = call.listener.tally;
            call.tick(now, room);
            counted = counted + (call.listener.tally - before);
        }
        if due.elapsed() > LATE {
            counted.sent_late = counted.sent;
        }
        self.counts.change(|tally| *tally = *tally + counted);
    }

    fn obey(&mut self, order: Order, room: &mut Room) {
        match order {
            Order::Carry(call) => {
                self.slots[self.next_slot].push(*call);
                self.next_slot = (self.next_slot + 1) % SLOTS;
            }
            Order::End { call_id, up, by_us } => self.end(&call_id, up, by_us, room),
        }
    }

    fn end(&mut self, call_id: &str, up: Duration, by_us: bool, room: &mut Room) {
        let found = self.slots.iter_mut().find_map(|calls| {
            let place = calls.iter().position(|call| call.call_id == call_id)?;
            Some(calls.swap_remove(place))
        });
        let Some(mut call) = found else { return };
        let (before, now) = (call.listener.tally, kernel_now());
        call.hear(now, true, room);
        if by_us {
            // Who hangs up first need not speak to the end.
            call.listener.end(call.since, now);
        }
        let counted = call.listener.tally - before;
        self.counts.change(|tally| *tally = *tally + counted);
        // The journal is gone only when the process ends.
        let _ = self.finished.send(Finished { call, up, by_us });
    }
}

/// Room that all calls use in turn.
struct Room {
    packet: [u8; PACKET],
    heard: [u8; LONGEST],
    control: Vec<u8>,
}

impl Default for Room {
    fn default() -> Self {
        Self { packet: [0; PACKET], heard: [0; LONGEST], control: nix::cmsg_space!(TimeSpec) }
    }
}

/// The next datagram's length, and when the kernel received it; none waits.
fn receive(socket: &UdpSocket, room: &mut Room) -> Option<(usize, i64)> {
    loop {
        let mut into = [IoSliceMut::new(&mut room.heard)];
        match recvmsg::<()>(socket.as_raw_fd(), &mut into, Some(&mut room.control), MsgFlags::empty()) {
            Ok(message) => {
                let stamp = message.cmsgs().ok()?.find_map(|control| match control {
                    ControlMessageOwned::ScmTimestampns(stamp) => Some(nanoseconds(stamp)),
                    _ => None,
                });
                return Some((message.bytes, stamp.unwrap_or_else(kernel_now)));
            }
            // What we sent found nobody: the error is taken, what waits behind it is read.
            Err(nix::errno::Errno::ECONNREFUSED | nix::errno::Errno::EINTR) => {}
            Err(_) => return None,
        }
    }
}

fn nanoseconds(stamp: TimeSpec) -> i64 {
    stamp.tv_sec() * 1_000_000_000 + stamp.tv_nsec()
}

/// By the clock that the kernel stamps with.
fn kernel_now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as i64)
}
