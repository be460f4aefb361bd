//! A small HTTP/1.1 client: one request, one connection.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// The preface and an empty SETTINGS frame (RFC 9113 section 3.4); the answer begins with the server's SETTINGS.
pub(crate) const HTTP_2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

/// Opens a connection to the server.
pub(crate) fn connect(url: &str) -> TcpStream {
    let address = url.split_once("://").unwrap().1;
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    stream
}

/// Sends a request over a fresh connection. `path` begins with a slash.
pub(crate) fn request(url: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Response {
    exchange(connect(url), method, path, headers, body)
}

pub(crate) fn get(url: &str, path: &str) -> Response {
    request(url, "GET", path, &[], "")
}

/// Sends a SCIM request with a bearer token.
pub(crate) fn scim(base: &str, token: &str, method: &str, rest: &str, body: &str) -> Response {
    let (url, path) = split(base);
    let authorization = format!("Bearer {token}");
    let headers = [("Authorization", authorization.as_str()), ("Content-Type", "application/scim+json")];
    request(url, method, &format!("{path}{rest}"), &headers, body)
}

/// `http://host:port/path` → (`http://host:port`, `/path`).
pub(crate) fn split(url: &str) -> (&str, &str) {
    let authority = url.find("://").unwrap() + 3;
    let end = url[authority..].find('/').map_or(url.len(), |slash| authority + slash);
    url.split_at(end)
}

pub(crate) fn exchange(
    mut stream: impl Read + Write,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Response {
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
    for (name, value) in headers {
        text.extend([name, ": ", value, "\r\n"]);
    }
    text.extend(["Content-Length: ", &body.len().to_string(), "\r\n\r\n"]);
    stream.write_all(text.as_bytes()).unwrap();
    // A server that refuses a large body may close before it has read all of it.
    let _ = stream.write_all(body.as_bytes());
    let _ = stream.flush();
    read_response(stream)
}

/// Asks over HTTP/2, with the headers written plainly (RFC 7541 section 6.2.2), and waits for the answer's headers.
/// Every text must be shorter than 127 bytes.
pub(crate) fn get_by_http_2(url: &str, path: &str, headers: &[(&str, &str)]) {
    let text = |text: &str| [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
    // The static table has ":method GET" at 2, ":scheme http" at 6, and the names ":path" at 4 and ":authority" at 1.
    let mut block = [&[0x82, 0x86, 0x04][..], &text(path), &[0x01], &text("localhost")].concat();
    for (name, value) in headers {
        block.extend([&[0x00][..], &text(name), &text(value)].concat());
    }
    let [_, _, high, low] = u32::try_from(block.len()).unwrap().to_be_bytes();
    // END_STREAM and END_HEADERS, on stream 1.
    let head = [0, high, low, 1, 5, 0, 0, 0, 1];
    let mut stream = connect(url);
    stream.write_all(&[HTTP_2_PREFACE, &head, &block].concat()).unwrap();
    loop {
        let mut frame = [0; 9];
        stream.read_exact(&mut frame).unwrap();
        let mut payload = vec![0; usize::from(u16::from_be_bytes([frame[1], frame[2]]))];
        stream.read_exact(&mut payload).unwrap();
        assert_ne!(frame[3], 7, "the server gave the connection up");
        if frame[3] == 1 {
            return;
        }
    }
}

pub(crate) fn read_response(mut stream: impl Read) -> Response {
    let mut bytes = Vec::new();
    // A TLS peer may close without saying so; what came is complete by its length.
    let _ = stream.read_to_end(&mut bytes);
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no response: {text:?}"));
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers =
        lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_owned(), value.to_owned()));
    Response { status, headers: headers.collect(), body: body.to_owned() }
}
