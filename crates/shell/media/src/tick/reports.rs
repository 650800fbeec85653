//! RTCP of one leg: reports leave every few seconds, and what came meanwhile is read as seldom. The kernel keeps the
//! time of each arrival, so that reading late falsifies no round trip. Where the media is secret so are the reports.

use super::{guard::Guard, wire::Wire};
use crate::{
    Rtcp,
    fact::Facts,
    srtp::{MOST_TRAILER, Opened},
};
use audio::StreamReceiver;
use audio::rtcp::{Control, Moment, Quality, Sent, is_rtcp};
use nix::sys::socket::{
    ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt, sockopt::ReceiveTimestampns,
};
use nix::sys::time::TimeSpec;
use std::{
    io::IoSliceMut,
    net::{IpAddr, UdpSocket},
    os::fd::AsRawFd,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Between two looks at the socket, in samples: a second.
const LOOK: i64 = audio::RATE as i64;
/// Datagrams read at one look; an honest peer sends one in several seconds.
const MOST_PER_LOOK: usize = 8;
/// From 1900, where NTP's time begins, to 1970.
const EPOCHS: Duration = Duration::from_secs(2_208_988_800);
/// A report of ours, with room to spare.
const ROOM: usize = 256;

pub(super) struct Reports {
    control: Control,
    /// On the port above the media's.
    socket: UdpSocket,
    to: Option<Rtcp>,
    next: i64,
    strangers: u64,
    /// Room for a time of arrival.
    stamp: Vec<u8>,
}

/// What reports pass on their way.
pub(super) struct Path<'a> {
    pub(super) wire: &'a Wire,
    pub(super) guard: &'a mut Guard,
    pub(super) facts: &'a Facts,
}

impl Reports {
    pub(super) fn new(socket: UdpSocket, ssrc: u32, seed: u64) -> Self {
        if let Err(error) = setsockopt(&socket, ReceiveTimestampns, &true) {
            tracing::debug!(%error, "the kernel tells no time of arrival; round trips are overstated");
        }
        // RFC 7022 section 4.2: random, so that it names nobody.
        let cname = format!("{seed:016x}");
        Self {
            control: Control::new(ssrc, &cname, seed),
            socket,
            to: None,
            next: i64::MAX,
            strangers: 0,
            stamp: nix::cmsg_space!(TimeSpec),
        }
    }

    /// Where reports go from now on.
    pub(super) fn connect(&mut self, to: Option<Rtcp>, now: i64) {
        self.to = to;
        if to.is_some() {
            self.control.start(now);
            self.next = now;
        } else {
            self.next = i64::MAX;
        }
    }

    /// Whether there is something to do.
    pub(super) fn is_due(&self, now: i64) -> bool {
        now >= self.next
    }

    /// Reads what came and reports if it is time.
    pub(super) fn run(
        &mut self,
        now: i64,
        path: Path<'_>,
        sent: Sent,
        stream: &mut StreamReceiver,
        room: &mut [u8],
    ) {
        self.look(path.guard, path.facts, room);
        self.next = now + LOOK;
        if self.control.is_due(now) {
            let moment = Moment { at: now, ntp: ntp(SystemTime::now()) };
            let mut room = [0; ROOM + MOST_TRAILER];
            let report = self.control.report(moment, sent, stream, &mut room[..ROOM]).map(<[u8]>::len);
            self.send(report, &mut room, path);
        }
    }

    /// Says goodbye.
    pub(super) fn end(
        &mut self,
        now: i64,
        path: Path<'_>,
        sent: Sent,
        stream: &mut StreamReceiver,
        room: &mut [u8],
    ) {
        if self.to.is_none() {
            return;
        }
        self.look(path.guard, path.facts, room);
        let moment = Moment { at: now, ntp: ntp(SystemTime::now()) };
        let mut room = [0; ROOM + MOST_TRAILER];
        let report = self.control.goodbye(moment, sent, stream, &mut room[..ROOM]).map(<[u8]>::len);
        self.send(report, &mut room, path);
    }

    /// Takes a datagram of the media's port if it is RTCP, and that was agreed on there. Told by its second octet, which
    /// SRTCP leaves as it is: nobody has opened it yet.
    pub(super) fn muxed(&mut self, datagram: &mut [u8], guard: &mut Guard, facts: &Facts) -> bool {
        if !matches!(self.to, Some(Rtcp::Muxed(_))) || !is_rtcp(datagram) {
            return false;
        }
        let came = ntp(SystemTime::now());
        match guard.open_control(datagram, facts) {
            // It is counted.
            None => true,
            // What is no report may be media of a type that looks like one.
            Some(Opened::Clear(length)) => self.control.take(&datagram[..length], came).is_ok(),
            Some(Opened::Proven(length)) => {
                self.take_proven(&datagram[..length], came);
                true
            }
        }
    }

    pub(super) fn quality(&self) -> Quality {
        self.control.quality()
    }

    /// Datagrams in the clear that were no reports, or not the peer's.
    pub(super) fn strangers(&self) -> u64 {
        self.strangers
    }

    fn look(&mut self, guard: &mut Guard, facts: &Facts, room: &mut [u8]) {
        let Some(Rtcp::At(peer)) = self.to else { return };
        for _ in 0..MOST_PER_LOOK {
            let Some((length, from, came)) = receive(&self.socket, room, &mut self.stamp) else {
                return;
            };
            match guard.open_control(&mut room[..length], facts) {
                Some(Opened::Clear(length)) => {
                    let heard =
                        from == Some(peer.ip()) && self.control.take(&room[..length], ntp(came)).is_ok();
                    self.strangers += u64::from(!heard);
                }
                Some(Opened::Proven(length)) => self.take_proven(&room[..length], ntp(came)),
                // It is counted.
                None => {}
            }
        }
    }

    /// What is no report is the peer's all the same: some send RTCP of other kinds alone.
    fn take_proven(&mut self, datagram: &[u8], came: u64) {
        if let Err(error) = self.control.take(datagram, came) {
            tracing::debug!(%error, "SRTCP without a report");
        }
    }

    /// Sends a report of that length in the room. One that does not leave is no matter: the next one tells more.
    fn send(&self, report: Option<usize>, room: &mut [u8], path: Path<'_>) {
        let Path { wire, guard, .. } = path;
        let Some(report) = report.and_then(|length| guard.shield.seal_control(room, length)) else { return };
        let sent = match self.to {
            Some(Rtcp::At(to)) => self.socket.send_to(report, to),
            Some(Rtcp::Muxed(to)) => wire.send(report, to),
            None => return,
        };
        if let Err(error) = sent {
            tracing::debug!(%error, "an RTCP report did not leave");
        }
    }
}

fn receive(
    socket: &UdpSocket,
    room: &mut [u8],
    stamp: &mut [u8],
) -> Option<(usize, Option<IpAddr>, SystemTime)> {
    let mut parts = [IoSliceMut::new(room)];
    let message =
        recvmsg::<SockaddrStorage>(socket.as_raw_fd(), &mut parts, Some(stamp), MsgFlags::MSG_DONTWAIT)
            .ok()?;
    let stamped = message.cmsgs().ok()?.find_map(|control| match control {
        ControlMessageOwned::ScmTimestampns(time) => Some(UNIX_EPOCH + Duration::from(time)),
        _ => None,
    });
    let from = message.address.and_then(|address| {
        let v4 = address.as_sockaddr_in().map(|v4| IpAddr::V4(v4.ip()));
        v4.or_else(|| address.as_sockaddr_in6().map(|v6| IpAddr::V6(v6.ip())))
    });
    Some((message.bytes, from, stamped.unwrap_or_else(SystemTime::now)))
}

/// NTP time: 2^-32 s since 1900 (RFC 3550 section 4).
fn ntp(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default() + EPOCHS;
    let fraction = (u64::from(since.subsec_nanos()) << 32) / 1_000_000_000;
    (since.as_secs() << 32) | fraction
}
