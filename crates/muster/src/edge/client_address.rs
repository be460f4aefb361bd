//! Who is calling: the peer of the connection, or what a proxy that we trust says.

use std::net::IpAddr;

use http::header::FORWARDED;
use http::{HeaderMap, HeaderName};
use ipnet::IpNet;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The other end of the connection; in the extensions of every request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PeerAddress(pub(crate) IpAddr);

/// The client's address. Headers count only when the peer is a trusted proxy, because anybody can write them.
pub(crate) fn of(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let peer = peer.to_canonical();
    if !is_trusted(peer, trusted) {
        return peer;
    }
    let by_x_forwarded_for = nearest_stranger(x_forwarded_for(headers), trusted);
    let by_forwarded = nearest_stranger(forwarded(headers), trusted);
    match (by_x_forwarded_for, by_forwarded) {
        (Some(address), None) | (None, Some(address)) => address,
        // A proxy usually maintains one of the two headers and passes the other on as the client wrote it. When they
        // disagree, nobody knows which is which.
        (Some(one), Some(other)) if one == other => one,
        _ => peer,
    }
}

fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    trusted.iter().any(|network| network.contains(&address))
}

/// Each proxy adds its peer at the end, so from the end: the first address that is no proxy of ours. What stands before
/// it was written by strangers.
fn nearest_stranger(named: Vec<Option<IpAddr>>, trusted: &[IpNet]) -> Option<IpAddr> {
    for address in named.into_iter().rev() {
        let address = address?;
        if !is_trusted(address, trusted) {
            return Some(address);
        }
    }
    None
}

fn x_forwarded_for(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let lines = headers.get_all(X_FORWARDED_FOR).iter();
    lines.flat_map(|line| line.to_str().unwrap_or("?").split(',').map(address)).collect()
}

/// The `for` parameters (RFC 7239 section 5.2).
fn forwarded(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let lines = headers.get_all(FORWARDED).iter();
    let elements = lines.flat_map(|line| line.to_str().unwrap_or("?").split(','));
    let named = elements.map(|element| {
        element.split(';').find_map(|parameter| match parameter.trim().split_once('=') {
            Some((name, value)) if name.eq_ignore_ascii_case("for") => address(value.trim_matches('"')),
            _ => None,
        })
    });
    named.collect()
}

/// An address, with or without brackets and port (RFC 7239 section 6).
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = match text.strip_prefix('[') {
        Some(rest) => rest.split(']').next()?,
        None if text.matches(':').count() == 1 => text.split(':').next()?,
        None => text,
    };
    bare.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn client(peer: &str, headers: &[(HeaderName, &'static str)]) -> String {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name.clone(), HeaderValue::from_static(value));
        }
        let trusted = ["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
        of(peer.parse().unwrap(), &map, &trusted).to_string()
    }

    #[test]
    fn a_stranger_cannot_choose_his_address() {
        assert_eq!(client("192.0.2.1", &[(X_FORWARDED_FOR, "198.51.100.9")]), "192.0.2.1");
        assert_eq!(client("192.0.2.1", &[(FORWARDED, "for=198.51.100.9")]), "192.0.2.1");
    }

    #[test]
    fn behind_trusted_proxies_the_nearest_stranger_counts() {
        assert_eq!(client("10.0.0.1", &[(X_FORWARDED_FOR, "6.6.6.6, 198.51.100.9, 10.2.2.2")]), "198.51.100.9");
        let lines = [(X_FORWARDED_FOR, "6.6.6.6"), (X_FORWARDED_FOR, "198.51.100.9:4711")];
        assert_eq!(client("10.0.0.1", &lines), "198.51.100.9");
        let lines = [(FORWARDED, "for=6.6.6.6;proto=https, For=\"[2001:db8::7]:443\"; by=x")];
        assert_eq!(client("::ffff:10.0.0.1", &lines), "2001:db8::7");
        assert_eq!(client("::1", &[(X_FORWARDED_FOR, "10.1.1.1")]), "::1");
        assert_eq!(client("10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn what_cannot_be_read_or_contradicts_itself_names_nobody() {
        assert_eq!(client("10.0.0.1", &[(X_FORWARDED_FOR, "198.51.100.9, unknown")]), "10.0.0.1");
        let lines = [(X_FORWARDED_FOR, "198.51.100.9"), (FORWARDED, "for=6.6.6.6")];
        assert_eq!(client("10.0.0.1", &lines), "10.0.0.1");
    }
}
