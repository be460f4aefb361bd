//! A whole message: HTTP that is right, HTTP with something odd in it, or no HTTP at all.

use super::address;
use super::body;
use super::sender::{Known, Place};
use crate::seed::Seed;

pub(super) struct Message {
    pub(super) bytes: Vec<u8>,
    pub(super) is_head: bool,
    /// It is HTTP, so that no answer is a fault.
    pub(super) must_be_answered: bool,
    /// The next message can follow on the same connection.
    pub(super) leaves_connection_usable: bool,
    /// The client says that nothing more comes.
    pub(super) ends_the_stream: bool,
}

impl Message {
    /// For a person who wants to repeat it: long bodies are cut, and the token is that of a server that is gone.
    pub(super) fn shown(&self) -> String {
        let cut = self.bytes.get(..4000).unwrap_or(&self.bytes);
        cut.escape_ascii().to_string().replace("\\r\\n", "\n")
    }
}

/// A request that makes sense, before anything odd is done to it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    method: &'static str,
    pub(super) path: &'static str,
    /// The path goes on with an id.
    pub(super) names_one: bool,
    body: Body,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    None,
    User,
    Group,
    Patch,
    Search,
    Bulk,
}

const fn plan(method: &'static str, path: &'static str, names_one: bool, body: Body) -> Plan {
    Plan { method, path, names_one, body }
}

const PLANS: [Plan; 21] = [
    plan("GET", "/Users", false, Body::None),
    plan("GET", "/Users", false, Body::None),
    plan("GET", "/Groups", false, Body::None),
    plan("GET", "", false, Body::None),
    plan("GET", "/Users", true, Body::None),
    plan("GET", "/Groups", true, Body::None),
    plan("GET", "/Schemas", false, Body::None),
    plan("POST", "/Users", false, Body::User),
    plan("POST", "/Users", false, Body::User),
    plan("POST", "/Groups", false, Body::Group),
    plan("POST", "/Users/.search", false, Body::Search),
    plan("POST", "/.search", false, Body::Search),
    plan("POST", "/Bulk", false, Body::Bulk),
    plan("PUT", "/Users", true, Body::User),
    plan("PUT", "/Groups", true, Body::Group),
    plan("PATCH", "/Users", true, Body::Patch),
    plan("PATCH", "/Users", true, Body::Patch),
    plan("PATCH", "/Groups", true, Body::Patch),
    plan("PATCH", "/Groups", true, Body::Patch),
    plan("DELETE", "/Users", true, Body::None),
    plan("DELETE", "/Groups", true, Body::None),
];

impl Plan {
    fn random(seed: &mut Seed) -> Self {
        seed.choose(&PLANS).copied().unwrap_or(plan("GET", "", false, Body::None))
    }
}

const METHODS: &[&str] = &[
    "GET", "GET", "GET", "GET", "POST", "POST", "POST", "PUT", "PUT", "PATCH", "PATCH", "PATCH", "DELETE", "HEAD",
    "OPTIONS", "TRACE", "PROPFIND", "get", "PURGE", "X",
];
const MEDIA_TYPES: &[&str] = &[
    "application/scim+json",
    "application/scim+json",
    "application/scim+json",
    "application/json",
    "text/json",
    "application/json; charset=utf-16",
    "application/xml",
    "multipart/form-data; boundary=x",
    "text/plain",
    ";",
    "",
];
const ODD_HEADERS: &[&str] = &[
    "Accept: application/xml",
    "Accept: */*;q=0",
    "Accept: \u{1}",
    "Accept-Encoding: br;q=1, gzip;q=0.5",
    "Content-Encoding: gzip",
    "Content-Encoding: identity, deflate",
    "If-Match: *",
    "If-Match: W/\"1\"",
    "If-Match: \"1\", W/\"2\"",
    "If-Match: garbage",
    "If-None-Match: *",
    "If-None-Match: W/\"1\"",
    "X-HTTP-Method-Override: DELETE",
    "X-HTTP-Method-Override: CONNECT",
    "X-Forwarded-For: ::1, garbage",
    "X-Forwarded-Proto: gopher",
    "X-Request-Id: a b",
    "Range: bytes=0-0",
    "Expect: 200-maybe",
    "Upgrade: websocket",
    "TE: trailers",
    "Cookie: a=b",
    "Origin: null",
    "Prefer: return=minimal",
    "Content-Range: bytes 0-1/2",
    "Traceparent: 00-0-0-0",
];
const AUTHORIZATIONS: &[&str] =
    &["", "Bearer", "Bearer x", "Basic Og==", "Bearer msc_", "Digest a=b", "Bearer \u{fc}\u{fc}"];

pub(super) fn random(seed: &mut Seed, place: &Place, known: &Known) -> Message {
    if seed.one_in(40) { no_http(seed) } else { http(seed, place, known) }
}

fn http(seed: &mut Seed, place: &Place, known: &Known) -> Message {
    let plan = Plan::random(seed);
    let method = if seed.one_in(25) { seed.word(METHODS) } else { plan.method };
    let target = address::random(seed, place, known, plan);
    let mut head =
        format!("{method} {target} HTTP/1.1\r\nHost: {}\r\n", seed.word(&["localhost", "a.example:80", "[::1]", "x"]));
    let authorization =
        if seed.one_in(50) { seed.word(AUTHORIZATIONS).to_owned() } else { format!("Bearer {}", place.token) };
    head = format!("{head}Authorization: {authorization}\r\n");
    while seed.one_in(6) {
        head = format!("{head}{}\r\n", seed.word(ODD_HEADERS));
    }
    if seed.one_in(400) {
        head = format!("{head}X-Long: {}\r\n", "x".repeat(seed.between(1, 100_000)));
    }
    let mut message = Message {
        bytes: Vec::new(),
        is_head: method == "HEAD",
        must_be_answered: true,
        leaves_connection_usable: true,
        ends_the_stream: false,
    };
    if plan.body == Body::None && !seed.one_in(30) {
        message.bytes = format!("{head}\r\n").into_bytes();
        return message;
    }
    let media_type = if seed.one_in(12) { seed.word(MEDIA_TYPES) } else { "application/scim+json" };
    head = format!("{head}Content-Type: {media_type}\r\n");
    let body = body::random(seed, plan.body, known);
    put_body(seed, &mut message, head, &body);
    message
}

/// Most bodies have their length, some come in chunks, a few are cut off.
fn put_body(seed: &mut Seed, message: &mut Message, mut head: String, body: &[u8]) {
    match seed.between(0, 60) {
        0..10 => {
            head.push_str("Transfer-Encoding: chunked\r\n\r\n");
            message.bytes = head.into_bytes();
            for chunk in body.chunks(seed.between(1, 5000)) {
                message.bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                message.bytes.extend_from_slice(chunk);
                message.bytes.extend_from_slice(b"\r\n");
            }
            message.bytes.extend_from_slice(b"0\r\n\r\n");
        }
        10 => {
            // Cut off: the client goes away in the middle.
            head = format!("{head}Content-Length: {}\r\n\r\n", body.len() + seed.between(1, 1000));
            message.bytes = head.into_bytes();
            message.bytes.extend_from_slice(body);
            message.must_be_answered = false;
            message.leaves_connection_usable = false;
            message.ends_the_stream = true;
        }
        _ => {
            head = format!("{head}Content-Length: {}\r\n\r\n", body.len());
            message.bytes = head.into_bytes();
            message.bytes.extend_from_slice(body);
        }
    }
}

const BROKEN_STARTS: &[&str] = &[
    "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
    "GET / HTTP/9.9\r\n\r\n",
    "GET  /  HTTP/1.1\r\n\r\n",
    "GET http://other.example/scim HTTP/1.1\r\n\r\n",
    "GET * HTTP/1.1\r\nHost: a\r\n\r\n",
    "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "\r\n\r\n\r\n",
    "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
    "GET / HTTP/1.1\r\n Host: a\r\n\r\n",
    "GET / HTTP/1.0\r\n\r\n",
    "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}",
];

/// Ends the stream, so that a server which waits for more knows that nothing comes.
fn no_http(seed: &mut Seed) -> Message {
    let mut bytes = seed.word(BROKEN_STARTS).as_bytes().to_vec();
    for _ in 0..seed.between(0, 8) {
        let place = seed.between(0, bytes.len());
        let byte = u8::try_from(seed.between(0, 255)).unwrap_or(0);
        match bytes.get_mut(place) {
            Some(old) if seed.one_in(2) => *old = byte,
            _ => bytes.insert(place, byte),
        }
    }
    Message { bytes, is_head: false, must_be_answered: false, leaves_connection_usable: false, ends_the_stream: true }
}
