//! `make bench`: the built service under calls that arrive and leave, beside a bare program that carries as many
//! RTP streams and does nothing else. A tool, no part of the service.
//!
//! Three programs, each a process of its own, so that the CPU of each is its own `utime` + `stime`:
//!
//! - `bench` runs everything and writes the table;
//! - `called` plays the called parties of both sides: it keeps exact time, stamps what it receives by kernel time,
//!   and checks what it hears;
//! - `bare` is the floor that the service is compared with.
//!
//! # What `bare` and `called` agree on
//!
//! ```text
//! called --rtp-only N --port-base P
//! bare --calls N --port-base P --seconds S --recordings DIR --model NAME
//! ```
//!
//! Call `n` of `0..N` is RTP between `127.0.0.1:P+2n`, which is `bare`'s, and `127.0.0.2:P+2n`, which is `called`'s;
//! nothing is negotiated. Both send PCMA (payload type 8) in packets of 172 octets each 20 ms from the moment their
//! sockets are bound, and take no notice of a peer that is not there yet. One SSRC a call, sequence number and
//! timestamp (160 a packet) unbroken, the calls spread evenly over the 20 ms.
//!
//! `bare` records both legs of each call into one file below `DIR`: 16-bit stereo at 8 kHz, left what came, right what
//! was sent, written in one-second pieces. It ends by itself after `S` seconds, prints one [`report::BareReport`] as a
//! line of JSON on standard output, and exits with 0. `NAME` names its way of using sockets (such as `connected`,
//! `unconnected`, `batched`); `bare --model list` prints the names, one a line, the one to measure against first.
//!
//! `called` prints one [`report::Ready`] line when its sockets are bound, then one [`report::Tally`] line for each line
//! that it reads from standard input, and ends when its standard input does.

pub mod bare;
pub mod called;
pub mod dialer;
pub mod engine;
mod folder;
pub mod report;
pub mod rtp;
pub mod run;
pub mod simulate;
