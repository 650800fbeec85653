//! Ranges of addresses.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::Deserialize;

/// An address and how many of its leading bits count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// One party: an IPv4 address, or the /64 in which a party has all IPv6 addresses it wants.
    pub fn host(address: IpAddr) -> Self {
        Self::within(address, 32, 64)
    }

    /// The party's surroundings, an IPv4 /24 or IPv6 /48: what one customer of a network may own.
    pub fn neighbourhood(address: IpAddr) -> Self {
        Self::within(address, 24, 48)
    }

    /// That one address.
    pub fn single(address: IpAddr) -> Self {
        Self::within(address, 32, 128)
    }

    /// IPv4 written as IPv6 is IPv4.
    fn within(address: IpAddr, four: u8, six: u8) -> Self {
        let address = address.to_canonical();
        let bits = if address.is_ipv4() { four } else { six };
        Self { address: leading(address, bits), bits }
    }

    /// Whether the address is one of them.
    pub fn contains(self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.address.is_ipv4() && leading(address, self.bits) == self.address
    }
}

fn leading(address: IpAddr, bits: u8) -> IpAddr {
    match address {
        IpAddr::V4(four) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
            IpAddr::V4((four.to_bits() & mask).into())
        }
        IpAddr::V6(six) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
            IpAddr::V6((six.to_bits() & mask).into())
        }
    }
}

/// Text that is no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write an address, or an address and its leading bits: 203.0.113.8, 203.0.113.0/28, 2001:db8::/64")]
pub struct NoNetwork;

impl FromStr for Network {
    type Err = NoNetwork;

    fn from_str(text: &str) -> Result<Self, NoNetwork> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u8>().map_err(|_| NoNetwork)?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| NoNetwork)?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        if bits > most { Err(NoNetwork) } else { Ok(Self { address: leading(address, bits), bits }) }
    }
}

impl TryFrom<String> for Network {
    type Error = NoNetwork;

    fn try_from(text: String) -> Result<Self, NoNetwork> {
        text.parse()
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_its_addresses_and_no_others() {
        let table = [
            ("203.0.113.0/28", "203.0.113.15", true),
            ("203.0.113.0/28", "203.0.113.16", false),
            ("203.0.113.8", "203.0.113.8", true),
            ("203.0.113.8", "::ffff:203.0.113.8", true),
            ("0.0.0.0/0", "198.51.100.1", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("2001:db8::/64", "2001:db8::9:1", true),
            ("2001:db8::/64", "2001:db8:0:1::1", false),
            ("::/0", "2001:db8::1", true),
        ];
        for (network, address, inside) in table {
            let parsed: Network = network.parse().unwrap();
            assert_eq!(parsed.contains(address.parse().unwrap()), inside, "{address} in {network}");
        }
    }

    #[test]
    fn what_is_no_network_is_refused_with_the_remedy() {
        for text in ["", "carrier.example", "203.0.113.0/33", "203.0.113.0/-1", "2001:db8::/129", "1.2.3.4/x"]
        {
            assert_eq!(text.parse::<Network>(), Err(NoNetwork), "{text}");
        }
        assert_eq!(Network::host("2001:db8::9:1".parse().unwrap()).to_string(), "2001:db8::/64");
        assert_eq!(Network::neighbourhood("::ffff:192.0.2.77".parse().unwrap()).to_string(), "192.0.2.0/24");
    }
}
