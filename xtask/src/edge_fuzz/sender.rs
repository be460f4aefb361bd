//! One client among several: sends random messages on its connection and judges the answers.

use std::collections::BTreeMap;
use std::io::{BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

use super::message::{self, Message};
use crate::failure::{Explain, Failure, Outcome};
use crate::http::{self, Response};
use crate::seed::Seed;
use crate::server::{ProvisionedConnection, RunningServer};

/// By default the server gives up a request after 60 s (`request_timeout`) and closes a silent connection after 75 s;
/// whoever waits longer waits for nothing.
const HANGS_AFTER: Duration = Duration::from_secs(90);
/// Not so many that new ones are never met again.
const MOST_KNOWN: usize = 64;

/// One connection of the installation, in one version of SCIM.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) base_path: String,
    pub(super) token: String,
}

/// What answers taught: ids and cursors that are real.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    pub(super) users: Vec<String>,
    pub(super) groups: Vec<String>,
    pub(super) cursors: Vec<String>,
}

pub(super) struct Sender {
    address: SocketAddr,
    /// A connection's ids mean nothing to another, so each has its own.
    places: Vec<(Place, Known)>,
    seed: Seed,
    stream: Option<BufReader<TcpStream>>,
    /// How long an answer is waited for.
    patience: Duration,
    /// How often each status was answered; 0 where the connection was closed instead.
    answers: BTreeMap<u16, usize>,
}

impl Sender {
    pub(super) fn new(server: &RunningServer, connections: &[ProvisionedConnection], seed: Seed) -> Outcome<Self> {
        let mut places = Vec::new();
        for connection in connections {
            for base_path in connection.base_paths()? {
                places.push((Place { base_path, token: connection.token.clone() }, Known::default()));
            }
        }
        Ok(Self::at(server.address, places, seed, HANGS_AFTER))
    }

    fn at(address: SocketAddr, places: Vec<(Place, Known)>, seed: Seed, patience: Duration) -> Self {
        Self { address, places, seed, stream: None, patience, answers: BTreeMap::new() }
    }

    pub(super) fn send_one(&mut self) -> Outcome<()> {
        let number = self.seed.between(0, self.places.len().saturating_sub(1));
        let Some((place, known)) = self.places.get(number) else { return Ok(()) };
        let message = message::random(&mut self.seed, place, known);
        let answer = self.exchange(&message)?;
        *self.answers.entry(answer.as_ref().map_or(0, |answer| answer.status)).or_default() += 1;
        let Some(answer) = answer else { return Ok(()) };
        // `/Me` is not implemented, which the standard answers so (RFC 7644 section 3.11).
        if answer.status >= 500 && answer.status != 501 {
            return Err(Failure::new(format!(
                "answered with {}: {}\nto the request:\n{}",
                answer.status,
                String::from_utf8_lossy(&answer.body),
                message.shown()
            )));
        }
        if let Some((_, known)) = self.places.get_mut(number) {
            known.learn(&mut self.seed, &answer);
        }
        Ok(())
    }

    pub(super) fn into_answers(self) -> BTreeMap<u16, usize> {
        self.answers
    }

    /// `None`: the server closed the connection, as it may when the message was not HTTP.
    fn exchange(&mut self, message: &Message) -> Outcome<Option<Response>> {
        let is_fresh = self.stream.is_none();
        match self.try_exchange(message) {
            Ok(answer) => {
                if answer.is_last || !message.leaves_connection_usable {
                    self.stream = None;
                }
                Ok(Some(answer))
            }
            Err(failure) => {
                self.stream = None;
                // Whether the connection was new or not, and whatever was sent: a silence is no answer. A new connection
                // may be answered, and would hide it.
                if failure.to_string().contains(TIMED_OUT) {
                    return Err(hang(message, self.patience));
                }
                if !message.must_be_answered {
                    // A connection that is closed is an answer to what is not HTTP.
                    return Ok(None);
                }
                if is_fresh {
                    return Err(Failure::new(format!("{failure}\nto the request:\n{}", message.shown())));
                }
                // The server may close an idle connection at any time (RFC 9112 section 9.3.1); then a new one must do.
                self.exchange(message)
            }
        }
    }

    fn try_exchange(&mut self, message: &Message) -> Outcome<Response> {
        if self.stream.is_none() {
            let stream = TcpStream::connect(self.address).explain(|| "the server takes no connection".to_owned())?;
            stream.set_nodelay(true).explain(|| "could not prepare the connection".to_owned())?;
            stream.set_read_timeout(Some(self.patience)).explain(|| "could not prepare the connection".to_owned())?;
            stream.set_write_timeout(Some(self.patience)).explain(|| "could not prepare the connection".to_owned())?;
            self.stream = Some(BufReader::new(stream));
        }
        let stream = self.stream.as_mut().explain(|| "there is no connection".to_owned())?;
        stream.get_mut().write_all(&message.bytes).explain(|| "could not send".to_owned())?;
        if message.ends_the_stream {
            stream.get_mut().shutdown(std::net::Shutdown::Write).explain(|| "could not end the stream".to_owned())?;
        }
        loop {
            let answer = http::read_response(stream, message.is_head)?;
            // An interim answer, such as 100 Continue, is followed by the real one.
            if answer.status >= 200 {
                return Ok(answer);
            }
        }
    }
}

impl Known {
    fn learn(&mut self, seed: &mut Seed, answer: &Response) {
        let Ok(body) = serde_json::from_slice::<Value>(&answer.body) else { return };
        let resources = body.get("Resources").and_then(Value::as_array).into_iter().flatten();
        for resource in std::iter::once(&body).chain(resources) {
            let Some(id) = resource.get("id").and_then(Value::as_str) else { continue };
            let ids = if resource.get("userName").is_some() { &mut self.users } else { &mut self.groups };
            if !id.starts_with("urn:") {
                remember(seed, ids, id.to_owned());
            }
        }
        if let Some(cursor) = body.get("nextCursor").and_then(Value::as_str) {
            remember(seed, &mut self.cursors, cursor.to_owned());
        }
    }
}

/// What the standard library says of a read or a write that took too long, on Linux.
const TIMED_OUT: &str = "temporarily unavailable";

fn hang(message: &Message, patience: Duration) -> Failure {
    Failure::new(format!("no answer and no end within {} s to:\n{}", patience.as_secs(), message.shown()))
}

fn remember(seed: &mut Seed, known: &mut Vec<String>, text: String) {
    if known.len() < MOST_KNOWN {
        known.push(text);
        return;
    }
    let place = seed.between(0, MOST_KNOWN - 1);
    if let Some(old) = known.get_mut(place) {
        *old = text;
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, Read};
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// Answers the first request of each connection; what it does with the second is up to the test.
    fn server(second: fn(&mut TcpStream)) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for stream in listener.incoming() {
                thread::spawn(move || {
                    let mut stream = stream.unwrap();
                    let head = |stream: &mut TcpStream| {
                        BufReader::with_capacity(1, stream.try_clone().unwrap())
                            .lines()
                            .map_while(Result::ok)
                            .find(String::is_empty)
                    };
                    head(&mut stream);
                    stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
                    head(&mut stream);
                    second(&mut stream);
                });
            }
        });
        address
    }

    fn sender(address: SocketAddr) -> Sender {
        Sender::at(address, Vec::new(), Seed::new(1), Duration::from_millis(200))
    }

    fn message() -> Message {
        Message {
            bytes: b"GET / HTTP/1.1\r\n\r\n".to_vec(),
            is_head: false,
            must_be_answered: true,
            leaves_connection_usable: true,
            ends_the_stream: false,
        }
    }

    #[test]
    fn a_request_that_hangs_is_no_request_to_be_repeated_elsewhere() {
        // Waits until the sender has gone.
        let mut sender = sender(server(|stream| drop(stream.read_to_end(&mut Vec::new()))));
        assert_eq!(sender.exchange(&message()).unwrap().unwrap().status, 204);
        let failure = sender.exchange(&message()).unwrap_err();
        assert!(failure.to_string().contains("no answer and no end"), "{failure}");
    }

    #[test]
    fn a_kept_connection_that_was_closed_is_replaced() {
        let mut sender = sender(server(|_| {}));
        for _ in 0..3 {
            assert_eq!(sender.exchange(&message()).unwrap().unwrap().status, 204);
        }
    }
}
