//! Which addresses may be called.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What a caller may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressPolicy {
    pub(crate) is_loopback_allowed: bool,
    pub(crate) is_private_allowed: bool,
    pub(crate) is_plain_http_allowed: bool,
}

impl AddressPolicy {
    /// Public addresses over TLS: for whatever came in over the network.
    pub const fn public_only() -> Self {
        Self { is_loopback_allowed: false, is_private_allowed: false, is_plain_http_allowed: false }
    }

    /// Also this machine and private networks, also without TLS: for a person at the machine's own terminal, who could
    /// call all of them with any other program. Link-local addresses stay closed, because what answers there in a cloud
    /// hands out credentials, and no SCIM server lives there.
    pub const fn of_local_administrator() -> Self {
        Self { is_loopback_allowed: true, is_private_allowed: true, is_plain_http_allowed: true }
    }

    pub(crate) const fn allows_plain_http(self) -> bool {
        self.is_plain_http_allowed
    }

    /// Whether the address may be called.
    pub fn allows(self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => self.allows_v4(address),
            IpAddr::V6(address) => self.allows_v6(address),
        }
    }

    fn allows_v4(self, address: Ipv4Addr) -> bool {
        if address.is_loopback() {
            return self.is_loopback_allowed;
        }
        if address.is_private() || is_shared(address) {
            return self.is_private_allowed;
        }
        let [first, second, third, _] = address.octets();
        let is_special = address.is_unspecified()
            || address.is_link_local()
            || address.is_multicast()
            || address.is_broadcast()
            || address.is_documentation()
            || first == 0
            || first >= 240
            // 192.0.0.0/24 (protocol assignments) and 198.18.0.0/15 (measurements).
            || (first, second, third) == (192, 0, 0)
            || (first == 198 && (second & 0xfe) == 18);
        !is_special
    }

    fn allows_v6(self, address: Ipv6Addr) -> bool {
        if address.is_loopback() {
            return self.is_loopback_allowed;
        }
        // An IPv4 address in IPv6 clothes is judged as what it is.
        if let Some(inner) = embedded_v4(address) {
            return self.allows_v4(inner);
        }
        if address.is_unique_local() {
            return self.is_private_allowed;
        }
        let [first, second, ..] = address.segments();
        // 2001:db8::/32 is for documentation.
        let is_special = address.is_unspecified()
            || address.is_multicast()
            || address.is_unicast_link_local()
            || (first, second) == (0x2001, 0xdb8);
        !is_special
    }
}

/// 100.64.0.0/10, shared by the customers of a carrier.
fn is_shared(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    first == 100 && (second & 0xc0) == 64
}

/// Mapped (`::ffff:0:0/96`), compatible (`::/96`), NAT64 (`64:ff9b::/96`) and 6to4 (`2002::/16`) addresses.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let from = |high: u16, low: u16| {
        let ([first, second], [third, fourth]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(first, second, third, fourth)
    };
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff | 0, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            Some(from(high, low))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(policy: AddressPolicy, address: &str) -> bool {
        policy.allows(address.parse().unwrap())
    }

    #[test]
    fn nothing_special_is_reached_from_outside() {
        for address in [
            "127.0.0.1",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "169.254.169.254",
            "224.0.0.1",
            "255.255.255.255",
            "0.1.2.3",
            "198.18.0.1",
            "192.0.0.8",
            "240.0.0.1",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::10.0.0.1",
            "2002:7f00:1::",
            "2001:db8::1",
        ] {
            assert!(!allows(AddressPolicy::public_only(), address), "{address}");
        }
        for address in ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:93.184.215.14"] {
            assert!(allows(AddressPolicy::public_only(), address), "{address}");
        }
    }

    #[test]
    fn a_local_administrator_reaches_their_own_networks_but_no_metadata_service() {
        let policy = AddressPolicy::of_local_administrator();
        for address in ["127.0.0.1", "::1", "10.1.2.3", "fd00::1", "::ffff:127.0.0.1", "93.184.215.14"] {
            assert!(allows(policy, address), "{address}");
        }
        for address in ["169.254.169.254", "fe80::1", "::ffff:169.254.169.254", "0.0.0.0", "224.0.0.1"] {
            assert!(!allows(policy, address), "{address}");
        }
    }
}
