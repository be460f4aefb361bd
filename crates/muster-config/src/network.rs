//! Addresses: where the server listens, how others call it, and which proxies it believes.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use http::Uri;
use ipnet::IpNet;

/// The address under which identity providers reach this server, without a slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicUrl {
    Given(String),
    /// Nobody said; it follows from the address the server listens on.
    Derived,
}

impl PublicUrl {
    /// The address when the server listens on `local`.
    pub fn resolve(&self, local: SocketAddr, has_tls: bool) -> String {
        match self {
            Self::Given(url) => url.clone(),
            Self::Derived => local_url(local, has_tls),
        }
    }
}

/// How a program on this machine calls a server that listens on `local`.
pub fn local_url(local: SocketAddr, has_tls: bool) -> String {
    let scheme = if has_tls { "https" } else { "http" };
    // "Any address" can be listened on but not called.
    let callable = match local.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    format!("{scheme}://{}", SocketAddr::new(callable, local.port()))
}

/// Whether a URL reaches only the machine it is used on.
pub fn is_loopback(url: &str) -> bool {
    let host = url.parse::<Uri>().ok().and_then(|uri| uri.host().map(str::to_owned)).unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

/// Reads `ADDRESS:PORT`; `localhost` is accepted as an address.
pub fn parse_listen(text: &str) -> Result<SocketAddr, String> {
    let numeric = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    numeric
        .as_deref()
        .unwrap_or(text)
        .parse()
        .map_err(|_| "write ADDRESS:PORT with a numeric address, for example 127.0.0.1:8080 or [::]:8080".to_owned())
}

/// Reads and checks a public URL: http or https, a host, and no more than a path.
pub fn parse_public_url(text: &str) -> Result<String, String> {
    let problem = "write http:// or https:// and a host name, for example https://scim.example.com";
    let uri: Uri = text.parse().map_err(|_| problem.to_owned())?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) {
        return Err(problem.to_owned());
    }
    let authority = uri.authority().ok_or_else(|| problem.to_owned())?;
    if authority.host().is_empty() || authority.as_str().contains('@') {
        return Err("it needs a host and may have no user name or password in it".to_owned());
    }
    if uri.query().is_some() || text.contains('#') {
        return Err("it may have no parameters (\"?\") and no fragment (\"#\")".to_owned());
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// Reads one network (`10.0.0.0/8`) or one address (`10.1.2.3`).
pub fn parse_network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    text.parse::<IpNet>()
        .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
        .map_err(|_| "write addresses or networks, separated by commas, for example 10.0.0.0/8,192.168.1.7".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_url_follows_from_the_address_unless_it_is_given() {
        let local: SocketAddr = "0.0.0.0:8080".parse().unwrap();
        assert_eq!(PublicUrl::Derived.resolve(local, false), "http://127.0.0.1:8080");
        assert_eq!(PublicUrl::Derived.resolve("[::]:1".parse().unwrap(), true), "https://[::1]:1");
        assert_eq!(
            PublicUrl::Given("https://scim.example.com".into()).resolve(local, false),
            "https://scim.example.com"
        );
    }

    /// Rows: 1.1-api-1.3-01, 7644-1.3-01, 7644-7.1-01
    #[test]
    fn a_public_url_is_an_address_and_nothing_else() {
        assert_eq!(parse_public_url("https://scim.example.com/"), Ok("https://scim.example.com".to_owned()));
        assert_eq!(parse_public_url("http://localhost:8080/muster/"), Ok("http://localhost:8080/muster".to_owned()));
        for wrong in
            ["scim.example.com", "ftp://a", "https://", "https://u:p@a", "https://a?b=c", "https://a#b", "/x", ""]
        {
            assert!(parse_public_url(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn listening_needs_a_numeric_address_and_a_port() {
        assert_eq!(parse_listen("localhost:80"), Ok("127.0.0.1:80".parse().unwrap()));
        assert!(parse_listen(":8080").is_err());
        assert!(parse_listen("127.0.0.1").is_err());
    }

    #[test]
    fn a_loopback_url_is_known_by_its_host() {
        for url in ["http://127.0.0.1:8080", "https://localhost", "http://[::1]:1/a", "http://127.9.9.9"] {
            assert!(is_loopback(url), "{url}");
        }
        for url in
            ["http://127.0.0.1.example.com", "http://localhost.example.com", "http://10.0.0.1", "http://[fe80::1]"]
        {
            assert!(!is_loopback(url), "{url}");
        }
    }

    #[test]
    fn a_proxy_is_an_address_or_a_network() {
        assert_eq!(parse_network("10.1.2.3"), Ok("10.1.2.3/32".parse().unwrap()));
        assert_eq!(parse_network(" fd00::/8 "), Ok("fd00::/8".parse().unwrap()));
        assert!(parse_network("proxy.example.com").is_err());
    }
}
