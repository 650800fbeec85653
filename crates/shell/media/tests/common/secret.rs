//! A peer whose SRTP and SRTCP are the `webrtc-srtp` crate's.
#![allow(dead_code, reason = "each test file uses its part")]

use crate::common::{EVENT, Received};
use audio::{Codec, HEADER_LEN, Header};
use media::{MasterKey, Remote, SrtpKeys, Suite};
use std::{
    net::{Ipv4Addr, UdpSocket},
    time::{Duration, Instant},
};
use webrtc_srtp::{context::Context, protection_profile::ProtectionProfile};

/// Our suites, theirs, and the octets of their SRTP's tags.
pub(crate) const SUITES: [(Suite, ProtectionProfile, usize); 3] = [
    (Suite::AeadAes128Gcm, ProtectionProfile::AeadAes128Gcm, 16),
    (Suite::AesCm128HmacSha1Tag80, ProtectionProfile::Aes128CmHmacSha1_80, 10),
    (Suite::AesCm128HmacSha1Tag32, ProtectionProfile::Aes128CmHmacSha1_32, 4),
];
pub(crate) const LIMIT: Duration = Duration::from_secs(20);

/// A peer that seals and opens by other hands.
pub(crate) struct SecretPeer {
    pub(crate) socket: UdpSocket,
    pub(crate) to: (Ipv4Addr, u16),
    pub(crate) seals: Context,
    pub(crate) opens: Context,
    pub(crate) ssrc: u32,
    pub(crate) sequence: u16,
}

impl SecretPeer {
    /// `keys` as our side has them.
    pub(crate) fn new(port: u16, keys: &SrtpKeys) -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        socket.set_read_timeout(Some(LIMIT)).unwrap();
        let (seals, opens) = (context(&keys.receive), context(&keys.send));
        Self { socket, to: (Ipv4Addr::LOCALHOST, port), seals, opens, ssrc: 77, sequence: 100 }
    }

    pub(crate) fn remote(&self, keys: &SrtpKeys) -> Remote {
        Remote {
            addr: self.socket.local_addr().unwrap(),
            codec: Codec::Pcma,
            payload_type: 8,
            telephone_events: [Some(EVENT); 2],
            srtp: Some(keys.clone()),
            rtcp: None,
        }
    }

    /// The datagram of the next packet.
    pub(crate) fn sealed(&mut self, payload_type: u8, payload: &[u8]) -> Vec<u8> {
        let packet = self.packet(payload_type, payload);
        self.seals.encrypt_rtp(&packet).unwrap().to_vec()
    }

    pub(crate) fn packet(&mut self, payload_type: u8, payload: &[u8]) -> Vec<u8> {
        let header = Header {
            marker: false,
            payload_type,
            sequence: self.sequence,
            timestamp: u32::from(self.sequence) * 160,
            ssrc: self.ssrc,
        };
        self.sequence = self.sequence.wrapping_add(1);
        let mut head = [0; HEADER_LEN];
        header.write(&mut head);
        [&head, payload].concat()
    }

    pub(crate) fn send(&self, datagram: &[u8]) {
        self.socket.send_to(datagram, self.to).unwrap();
    }

    /// The end of a key press; each press has its own timestamp.
    pub(crate) fn press(&mut self, code: u8) {
        let press = self.sealed(EVENT, &[code, 0x8A, 3, 0x20]);
        self.send(&press);
    }

    pub(crate) fn receive(&mut self) -> (usize, Received) {
        let mut octets = [0; 2048];
        let (length, _) = self.socket.recv_from(&mut octets).expect("a packet within the limit");
        let clear = self.opens.decrypt_rtp(&octets[..length]).expect("sealed under the key agreed on");
        let packet = audio::Packet::parse(&clear).unwrap();
        let received =
            Received { at: Instant::now(), header: packet.header, payload: packet.payload.to_vec() };
        (length, received)
    }
}

pub(crate) fn context(key: &MasterKey) -> Context {
    let (_, profile, _) = SUITES.into_iter().find(|(suite, ..)| *suite == key.suite()).unwrap();
    Context::new(key.key(), key.salt(), profile, None, None).unwrap()
}

pub(crate) fn keys(suite: Suite, octet: u8) -> SrtpKeys {
    SrtpKeys { send: MasterKey::new(suite, [octet; 30]), receive: MasterKey::new(suite, [octet + 1; 30]) }
}
