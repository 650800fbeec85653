//! A ladder as a capture file: what SIP analysers read. The packets are built anew around the messages, with the
//! addresses and times they had; what went through TLS is shown as plain TCP, so that it can be read.

use std::borrow::Cow;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use pcap_file::pcap::{PcapHeader, PcapPacket, PcapWriter};
use pcap_file::{DataLink, PcapError};
use trace::{Direction, Ladder};
use uac::Transport;

/// Payload of one packet: with its headers it stays below the 65,535 octets of an IP packet.
const PAYLOAD: usize = 65_000;
const TCP: u8 = 6;
const UDP: u8 = 17;

/// The file.
pub(crate) fn capture(ladder: &Ladder) -> Result<Vec<u8>, PcapError> {
    let header = PcapHeader { datalink: DataLink::RAW, ..PcapHeader::default() };
    let mut file = PcapWriter::with_header(Vec::new(), header)?;
    let mut streams = Streams::default();
    for rung in ladder.rungs() {
        let envelope = rung.message.envelope;
        let at = Duration::from_micros(envelope.at.timestamp_micros().unsigned_abs());
        let (local, peer) =
            (plain(envelope.local, envelope.transport), plain(envelope.peer, envelope.transport));
        let (from, to) = match envelope.direction {
            Direction::Sent => (local, peer),
            Direction::Received => (peer, local),
        };
        for part in rung.message.bytes().chunks(PAYLOAD) {
            let packet = match envelope.transport {
                Transport::Udp => packet(UDP, from, to, &udp(from, to, part)),
                Transport::Tcp | Transport::Tls => packet(TCP, from, to, &streams.tcp(from, to, part)),
            };
            let length = packet.len() as u32;
            file.write_packet(&PcapPacket { timestamp: at, orig_len: length, data: Cow::Owned(packet) })?;
        }
    }
    Ok(file.into_writer())
}

/// On the port of SIP over TLS an analyser would look for TLS.
fn plain(address: SocketAddr, transport: Transport) -> SocketAddr {
    match (transport, address.port()) {
        (Transport::Tls, 5061) => SocketAddr::new(address.ip(), 5060),
        _ => address,
    }
}

fn udp(from: SocketAddr, to: SocketAddr, payload: &[u8]) -> Vec<u8> {
    let mut segment = Vec::with_capacity(8 + payload.len());
    segment.extend(from.port().to_be_bytes());
    segment.extend(to.port().to_be_bytes());
    segment.extend(((8 + payload.len()) as u16).to_be_bytes());
    segment.extend([0, 0]);
    segment.extend(payload);
    // A sum of zero stands for "no sum" (RFC 768).
    let sum = transport_sum(UDP, from, to, &segment).max(1);
    segment[6..8].copy_from_slice(&sum.to_be_bytes());
    segment
}

/// The sequence numbers of the streams, by direction.
#[derive(Default)]
struct Streams(HashMap<(SocketAddr, SocketAddr), u32>);

impl Streams {
    fn tcp(&mut self, from: SocketAddr, to: SocketAddr, payload: &[u8]) -> Vec<u8> {
        const DATA_OFFSET: u8 = 5 << 4;
        const PUSH_AND_ACK: u8 = 0x18;
        let acknowledged = *self.0.entry((to, from)).or_insert(1);
        let next = self.0.entry((from, to)).or_insert(1);
        let mut segment = Vec::with_capacity(20 + payload.len());
        segment.extend(from.port().to_be_bytes());
        segment.extend(to.port().to_be_bytes());
        segment.extend(next.to_be_bytes());
        segment.extend(acknowledged.to_be_bytes());
        segment.extend([DATA_OFFSET, PUSH_AND_ACK, 0xff, 0xff, 0, 0, 0, 0]);
        segment.extend(payload);
        let sum = transport_sum(TCP, from, to, &segment);
        segment[16..18].copy_from_slice(&sum.to_be_bytes());
        *next = next.wrapping_add(payload.len() as u32);
        segment
    }
}

/// An IPv4 packet, or an IPv6 packet where one of the addresses is one.
fn packet(protocol: u8, from: SocketAddr, to: SocketAddr, segment: &[u8]) -> Vec<u8> {
    let mut packet = Vec::with_capacity(40 + segment.len());
    if let (IpAddr::V4(from), IpAddr::V4(to)) = (from.ip(), to.ip()) {
        packet.extend([0x45, 0]);
        packet.extend(((20 + segment.len()) as u16).to_be_bytes());
        packet.extend([0, 0, 0x40, 0, 64, protocol, 0, 0]);
        packet.extend(from.octets());
        packet.extend(to.octets());
        let sum = checksum(&packet);
        packet[10..12].copy_from_slice(&sum.to_be_bytes());
    } else {
        packet.extend([0x60, 0, 0, 0]);
        packet.extend((segment.len() as u16).to_be_bytes());
        packet.extend([protocol, 64]);
        packet.extend(v6(from).octets());
        packet.extend(v6(to).octets());
    }
    packet.extend(segment);
    packet
}

fn v6(address: SocketAddr) -> Ipv6Addr {
    match address.ip() {
        IpAddr::V4(v4) => v4.to_ipv6_mapped(),
        IpAddr::V6(v6) => v6,
    }
}

/// Over the pseudo header and the segment (RFC 768, RFC 9293 section 3.1, RFC 8200 section 8.1).
fn transport_sum(protocol: u8, from: SocketAddr, to: SocketAddr, segment: &[u8]) -> u16 {
    let mut summed = Vec::with_capacity(40 + segment.len());
    if let (IpAddr::V4(from), IpAddr::V4(to)) = (from.ip(), to.ip()) {
        summed.extend(from.octets());
        summed.extend(to.octets());
    } else {
        summed.extend(v6(from).octets());
        summed.extend(v6(to).octets());
    }
    summed.extend((segment.len() as u32).to_be_bytes());
    summed.extend([0, 0, 0, protocol]);
    summed.extend(segment);
    checksum(&summed)
}

/// The Internet checksum (RFC 1071).
fn checksum(bytes: &[u8]) -> u16 {
    let words =
        bytes.chunks(2).map(|pair| u32::from(pair[0]) << 8 | pair.get(1).map_or(0, |b| u32::from(*b)));
    let mut sum: u32 = words.sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}
