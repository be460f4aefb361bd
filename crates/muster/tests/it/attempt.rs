//! A request that may stay without an answer, because its server is killed.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

use crate::web;

/// Where requests go, and by which right.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) base: String,
    pub(crate) token: String,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// `None`: nobody knows whether it was done.
pub(crate) fn attempt(target: &Target, method: &str, rest: &str, if_match: Option<&str>, body: &str) -> Option<Answer> {
    let (url, path) = web::split(&target.base);
    let mut stream = TcpStream::connect(url.split_once("://").unwrap().1).ok()?;
    stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    let condition = if_match.map(|tag| format!("If-Match: {tag}\r\n")).unwrap_or_default();
    let text = format!(
        "{method} {path}{rest} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/scim+json\r\n{condition}Content-Length: {}\r\n\r\n{body}",
        target.token,
        body.len()
    );
    stream.write_all(text.as_bytes()).ok()?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let lower = head.to_ascii_lowercase();
    let length = lower.lines().find_map(|line| line.strip_prefix("content-length: ")).map(str::trim);
    // A body that was cut off is no answer.
    if length.is_some_and(|length| length.parse() != Ok(body.len())) {
        return None;
    }
    Some(Answer { status, head: lower, body: body.to_owned() })
}
