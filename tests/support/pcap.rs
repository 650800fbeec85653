//! Captures made for SIPp to play: RTP with a key's two tones in it.

use audio::{Codec, Dbm0, FRAME, HEADER_LEN, Header, synth};

/// Ethernet and IPv4, of which SIPp reads lengths and protocol only.
const ETHERNET: [u8; 14] = [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 2, 8, 0];

/// 120 ms of a key's tones among silence, as A-law. `number` makes the stream another than that of the last capture.
pub(super) fn tone(key: char, number: u16) -> Vec<u8> {
    let tones = synth::key(key, Dbm0(-10.0), 120).expect("a key");
    let sound = [synth::silence(40), tones, synth::silence(100)].concat();
    let mut file = Vec::new();
    for word in [0xA1B2_C3D4_u32, 0x0004_0002, 0, 0, 65_535, 1] {
        file.extend(word.to_le_bytes());
    }
    for (n, frame) in (0..).zip(sound.chunks(FRAME)) {
        let packet = [&ETHERNET[..], &ip(&rtp(n, number, frame))].concat();
        let length = packet.len() as u32;
        for word in [1, n * 20_000, length, length] {
            file.extend(word.to_le_bytes());
        }
        file.extend(packet);
    }
    file
}

fn rtp(n: u32, number: u16, frame: &[i16]) -> Vec<u8> {
    let header = Header {
        marker: n == 0,
        payload_type: Codec::Pcma.payload_type(),
        sequence: n as u16,
        timestamp: n * FRAME as u32,
        ssrc: 0x0711_0000 + u32::from(number),
    };
    let mut octets = vec![0; HEADER_LEN];
    header.write((&mut octets[..]).try_into().unwrap());
    octets.extend(frame.iter().map(|&sample| Codec::Pcma.encode(sample)));
    octets
}

/// UDP over IPv4; SIPp writes addresses, ports and checksums of its own.
fn ip(payload: &[u8]) -> Vec<u8> {
    let udp = (payload.len() + 8) as u16;
    let mut octets = vec![0x45, 0];
    octets.extend((udp + 20).to_be_bytes());
    octets.extend([0, 0, 0, 0, 64, 17, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1]);
    octets.extend([0x4E, 0x20, 0x4E, 0x20]);
    octets.extend(udp.to_be_bytes());
    octets.extend([0, 0]);
    octets.extend(payload);
    octets
}
