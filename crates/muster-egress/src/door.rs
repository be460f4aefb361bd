//! One client, one request, one answer.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Url};

use crate::error::EgressError;
use crate::policy::AddressPolicy;
use crate::resolver::JudgingResolver;

/// Bounds of one request.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For the connection.
    pub connect: Duration,
    /// For everything until the last byte of the answer.
    pub total: Duration,
    /// For the body of the answer.
    pub max_body_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), total: Duration::from_mins(1), max_body_bytes: 32 * 1024 * 1024 }
    }
}

/// A request as it goes out.
#[derive(Debug, Clone, Copy)]
pub struct Outgoing<'a> {
    /// An HTTP method.
    pub method: &'a str,
    /// An absolute URL.
    pub url: &'a str,
    /// In this order; a name may stand several times.
    pub headers: &'a [(String, String)],
    /// The body, if there is one.
    pub body: Option<&'a [u8]>,
}

/// An answer as it came back.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Names in lower case. Bytes that are not UTF-8 are replaced.
    pub headers: Vec<(String, String)>,
    /// The body, whole.
    pub body: Vec<u8>,
    /// From the first byte sent to the last byte read.
    pub elapsed: Duration,
}

/// The door: a client with a policy and limits.
#[derive(Debug)]
pub struct Egress {
    client: Client,
    policy: AddressPolicy,
    limits: Limits,
}

impl Egress {
    /// A door with the platform's certificate authorities, and those of a PEM file beside them.
    pub fn new(policy: AddressPolicy, limits: Limits, more_authorities: Option<&[u8]>) -> Result<Self, EgressError> {
        let authorities = match more_authorities {
            Some(pem) => Certificate::from_pem_bundle(pem).map_err(EgressError::Certificate)?,
            None => Vec::new(),
        };
        let client = builder()
            .redirect(Policy::none())
            .no_proxy()
            .http1_only()
            .connect_timeout(limits.connect)
            .timeout(limits.total)
            .tcp_nodelay(true)
            .dns_resolver(Arc::new(JudgingResolver { policy }))
            .tls_certs_merge(authorities)
            .build()
            .map_err(EgressError::Client)?;
        Ok(Self { client, policy, limits })
    }

    /// Sends one request and reads the whole answer. Nothing is repeated.
    pub async fn send(&self, outgoing: Outgoing<'_>) -> Result<Answer, EgressError> {
        let url = self.judged(outgoing.url)?;
        let method = Method::from_bytes(outgoing.method.as_bytes())
            .map_err(|_| EgressError::Unsendable("the method".to_owned()))?;
        let mut request = self.client.request(method, url).headers(headers(outgoing.headers)?);
        if let Some(body) = outgoing.body {
            request = request.body(body.to_vec());
        }
        let begun = Instant::now();
        let mut response = request.send().await.map_err(|error| self.failed(error))?;
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.failed(error))? {
            if body.len().saturating_add(chunk.len()) > self.limits.max_body_bytes {
                return Err(EgressError::TooLarge(self.limits.max_body_bytes));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, headers, body, elapsed: begun.elapsed() })
    }

    /// Whether the address may be called, as far as can be said without resolving its name.
    pub fn check_address(&self, url: &str) -> Result<(), EgressError> {
        self.judged(url).map(drop)
    }

    /// Judges what the resolver never sees: scheme, and literal addresses.
    fn judged(&self, text: &str) -> Result<Url, EgressError> {
        let address = || EgressError::Address(without_secrets(text));
        let url = Url::parse(text).map_err(|_| address())?;
        let host = url.host_str().ok_or_else(address)?;
        match url.scheme() {
            "https" => {}
            "http" if self.policy.allows_plain_http() => {}
            _ => return Err(address()),
        }
        // Credentials in a URL end up in logs (RFC 7644 section 7.1).
        if !url.username().is_empty() || url.password().is_some() {
            return Err(address());
        }
        if let Ok(literal) = host.trim_matches(['[', ']']).parse::<IpAddr>()
            && !self.policy.allows(literal)
        {
            return Err(EgressError::Forbidden(literal.to_string()));
        }
        Ok(url)
    }

    fn failed(&self, error: reqwest::Error) -> EgressError {
        if error.is_timeout() {
            EgressError::TimedOut(self.limits.total)
        } else {
            // The URL may carry a filter with personal values.
            EgressError::Failed(error.without_url())
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place through which everybody else calls out")]
fn builder() -> reqwest::ClientBuilder {
    Client::builder()
}

fn headers(sent: &[(String, String)]) -> Result<HeaderMap, EgressError> {
    let mut headers = HeaderMap::with_capacity(sent.len());
    for (name, value) in sent {
        let unsendable = || EgressError::Unsendable(format!("the header {name}"));
        let is_secret = name.eq_ignore_ascii_case("authorization");
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unsendable())?;
        let mut value = HeaderValue::from_str(value).map_err(|_| unsendable())?;
        value.set_sensitive(is_secret);
        headers.append(name, value);
    }
    Ok(headers)
}

/// The address for an error: without user information, query and fragment.
fn without_secrets(text: &str) -> String {
    let text = text.split(['?', '#']).next().unwrap_or_default();
    match (text.split_once("://"), text.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, after))) => format!("{scheme}://…@{after}"),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
