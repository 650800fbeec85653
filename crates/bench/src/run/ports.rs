//! Ports that are free now, below those that the system gives to outgoing connections.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};

use super::BenchError;
use crate::called::HERE;

/// Single ports, and behind them the ranges of RTP.
const SINGLE: std::ops::Range<u16> = 15_000..16_000;
const RANGES: std::ops::Range<u16> = 16_000..32_700;
/// Ranges begin at multiples of this.
const STEP: usize = 100;

/// A port that is free for TCP and UDP.
pub(super) fn free(host: Ipv4Addr) -> Result<SocketAddr, BenchError> {
    let mut candidates = SINGLE.map(|port| SocketAddr::from((host, port)));
    let free = |address: &SocketAddr| TcpListener::bind(address).is_ok() && UdpSocket::bind(address).is_ok();
    candidates.find(free).ok_or(BenchError::Ports { wanted: 1 })
}

/// The first of a range of `wanted` ports whose even ones are free on our side and the called parties'.
pub(super) fn range(wanted: u16) -> Result<u16, BenchError> {
    let free =
        |port: u16| [Ipv4Addr::LOCALHOST, HERE].iter().all(|host| UdpSocket::bind((*host, port)).is_ok());
    let all_free = |first: &u16| (*first..first + wanted).step_by(2).all(free);
    let firsts = RANGES.start..RANGES.end.saturating_sub(wanted);
    firsts.step_by(STEP).find(all_free).ok_or(BenchError::Ports { wanted })
}
