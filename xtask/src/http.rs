//! A blocking HTTP/1.1 client for one server on this machine: one connection, kept alive, no redirects.
//!
//! It measures and hammers our own server, so it must cost next to nothing itself and must show a broken connection
//! instead of hiding it behind a retry. It is no client for anything that a person typed.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

use crate::failure::{Explain, Failure, Outcome};

const TIMEOUT: Duration = Duration::from_mins(1);

/// A connection to one SCIM base address with one token.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
    host: SocketAddr,
    base_path: String,
    token: String,
}

#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    /// The server closes the connection after it.
    pub(crate) is_last: bool,
}

impl Response {
    pub(crate) fn json(&self) -> Outcome<Value> {
        serde_json::from_slice(&self.body).explain(|| format!("the answer with status {} is no JSON", self.status))
    }

    /// Fails unless the status is one of those expected. The body is ours, so it may be shown.
    pub(crate) fn expect_status(self, expected: &[u16], request: &str) -> Outcome<Self> {
        if expected.contains(&self.status) {
            return Ok(self);
        }
        let body = String::from_utf8_lossy(&self.body);
        Err(Failure::new(format!("{request} was answered with {}: {}", self.status, body.trim_end())))
    }
}

impl Connection {
    pub(crate) fn open(host: SocketAddr, base_path: &str, token: &str) -> Outcome<Self> {
        let stream = TcpStream::connect_timeout(&host, TIMEOUT).explain(|| format!("could not connect to {host}"))?;
        // Without it, a request of two segments waits for the other side's delayed acknowledgement.
        stream.set_nodelay(true).explain(|| "could not prepare the connection".to_owned())?;
        stream.set_read_timeout(Some(TIMEOUT)).explain(|| "could not prepare the connection".to_owned())?;
        Ok(Self { stream: BufReader::new(stream), host, base_path: base_path.to_owned(), token: token.to_owned() })
    }

    /// Sends one request and reads its answer; `path` comes after the base path.
    pub(crate) fn request(&mut self, method: &str, path: &str, body: Option<&[u8]>) -> Outcome<Response> {
        let mut message = format!(
            "{method} {}{path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nAccept: application/scim+json\r\n",
            self.base_path, self.host, self.token
        )
        .into_bytes();
        if let Some(body) = body {
            let headers = format!("Content-Type: application/scim+json\r\nContent-Length: {}\r\n", body.len());
            message.extend_from_slice(headers.as_bytes());
        }
        message.extend_from_slice(b"\r\n");
        message.extend_from_slice(body.unwrap_or_default());
        self.stream.get_mut().write_all(&message).explain(|| format!("could not send {method} {path}"))?;
        read_response(&mut self.stream, method == "HEAD").explain(|| format!("no answer to {method} {path}"))
    }

    /// Sends a JSON document and fails unless the answer has an expected status.
    pub(crate) fn send(&mut self, method: &str, path: &str, body: &Value, expected: &[u16]) -> Outcome<Response> {
        let response = self.request(method, path, Some(body.to_string().as_bytes()))?;
        response.expect_status(expected, &format!("{method} {path}"))
    }

    /// Reads a JSON document.
    pub(crate) fn get(&mut self, path: &str) -> Outcome<Value> {
        self.request("GET", path, None)?.expect_status(&[200], &format!("GET {path}"))?.json()
    }
}

/// RFC 9112: a status line, fields, and a body whose length is given or which comes in chunks. An answer to HEAD has none.
pub(crate) fn read_response(stream: &mut impl BufRead, is_to_head: bool) -> Outcome<Response> {
    let status_line = read_line(stream)?;
    let status = status_line.split(' ').nth(1).and_then(|code| code.parse::<u16>().ok());
    let status = status.explain(|| "the status line is no status line".to_owned())?;
    let mut length = 0;
    let mut is_chunked = false;
    // RFC 9112 section 9.3: a server of the earlier version keeps no connection.
    let mut is_last = status_line.starts_with("HTTP/1.0");
    loop {
        let line = read_line(stream)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').explain(|| "a header field has no colon".to_owned())?;
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().explain(|| "the content length is no number".to_owned())?;
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            is_chunked = value.trim().eq_ignore_ascii_case("chunked");
        } else if name.eq_ignore_ascii_case("connection") {
            is_last = value.trim().eq_ignore_ascii_case("close");
        }
    }
    let body = match status {
        _ if is_to_head => Vec::new(),
        204 | 304 => Vec::new(),
        _ if is_chunked => read_chunks(stream)?,
        _ => read_exactly(stream, length)?,
    };
    Ok(Response { status, body, is_last })
}

fn read_chunks(stream: &mut impl BufRead) -> Outcome<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = read_line(stream)?;
        let digits = line.split(';').next().unwrap_or_default().trim();
        let length = usize::from_str_radix(digits, 16).explain(|| "a chunk has no length".to_owned())?;
        body.append(&mut read_exactly(stream, length)?);
        let end = read_line(stream)?;
        if !end.is_empty() {
            return Err(Failure::new("a chunk is longer than it says"));
        }
        if length == 0 {
            return Ok(body);
        }
    }
}

fn read_exactly(stream: &mut impl BufRead, length: usize) -> Outcome<Vec<u8>> {
    let mut body = vec![0; length];
    stream.read_exact(&mut body).explain(|| "the answer was cut short".to_owned())?;
    Ok(body)
}

fn read_line(stream: &mut impl BufRead) -> Outcome<String> {
    let mut line = String::new();
    let read = stream.read_line(&mut line).explain(|| "the answer could not be read".to_owned())?;
    if read == 0 {
        return Err(Failure::new("the server closed the connection"));
    }
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Percent-encodes what is not unreserved (RFC 3986 section 2.3), for a value in a query.
pub(crate) fn query_value(text: &str) -> String {
    let encode = |byte: u8| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    text.bytes().map(encode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(text: &str) -> Outcome<Response> {
        read_response(&mut text.as_bytes(), false)
    }

    #[test]
    fn a_body_with_a_length_is_read_to_its_end_and_no_further() {
        let read = response("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}HTTP/1.1").unwrap();
        assert_eq!((read.status, read.body.as_slice()), (200, &b"{}"[..]));
    }

    #[test]
    fn chunks_are_put_together() {
        let read = response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
        assert_eq!(read.unwrap().body, b"abcde");
    }

    #[test]
    fn an_answer_without_a_body_is_complete() {
        assert_eq!(response("HTTP/1.1 204 No Content\r\n\r\n").unwrap().body, b"");
    }

    #[test]
    fn a_cut_answer_is_a_failure() {
        assert!(response("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n{}").is_err());
        assert!(response("").is_err());
    }

    #[test]
    fn a_filter_survives_the_query() {
        assert_eq!(query_value("userName eq \"a+b\""), "userName%20eq%20%22a%2Bb%22");
    }
}
