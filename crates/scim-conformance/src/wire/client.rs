//! Speaks to one base address as one client, and keeps what was said.

use std::time::Duration;

use super::answer::Answer;
use super::ask::Ask;
use super::exchange::Exchange;
use super::transport::{Request, Response, Transport, TransportError};

/// A server that says 429 for longer than this is not waited for.
const LONGEST_PAUSE: Duration = Duration::from_mins(2);
const MAX_PAUSES: usize = 10;
/// More exchanges of one check would make no report clearer.
const KEPT_EXCHANGES: usize = 24;

/// A client with its habits: base address, credentials, headers.
pub(crate) struct Client<'t> {
    transport: &'t mut dyn Transport,
    base: String,
    /// Sent with every request unless the request says otherwise.
    headers: Vec<(String, String)>,
    media_type: String,
    secrets: Vec<String>,
    /// Resources without this text are somebody's own, and are not shown.
    marker: Option<String>,
    exchanges: Vec<Exchange>,
    /// Long runs keep only the last exchange, as it was.
    last: Option<(Request, Result<Response, String>)>,
    is_recording: bool,
    pub(crate) sent: u64,
    pub(crate) pauses: u64,
}

impl<'t> Client<'t> {
    pub(crate) fn new(transport: &'t mut dyn Transport, base: &str, token: Option<&str>, media_type: &str) -> Self {
        let mut headers = vec![("Accept".to_owned(), media_type.to_owned())];
        if let Some(token) = token {
            headers.push(("Authorization".to_owned(), format!("Bearer {token}")));
        }
        Self {
            transport,
            base: base.trim_end_matches('/').to_owned(),
            headers,
            media_type: media_type.to_owned(),
            secrets: token.map(str::to_owned).into_iter().collect(),
            marker: None,
            exchanges: Vec::new(),
            last: None,
            is_recording: true,
            sent: 0,
            pauses: 0,
        }
    }

    /// Sends this header from now on, in place of one of the same name.
    pub(crate) fn always(&mut self, name: &str, value: &str) {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    /// Bodies are of this media type from now on.
    pub(crate) fn speak(&mut self, media_type: &str) {
        media_type.clone_into(&mut self.media_type);
    }

    /// Keeps the last exchange only; for long runs of which few are looked at.
    pub(crate) fn without_recording(&mut self) {
        self.is_recording = false;
    }

    /// The last exchange of a client without recording, fit to be shown.
    pub(crate) fn last_exchange(&self) -> Option<Exchange> {
        let (request, outcome) = self.last.as_ref()?;
        let outcome = outcome.as_ref().map_err(Clone::clone);
        Some(Exchange::record(request, outcome, &self.secrets, self.marker.as_deref()))
    }

    /// Keeps resources out of the record that do not hold the text: they are people of the server's owner.
    pub(crate) fn show_only_what_holds(&mut self, marker: &str) {
        self.marker = Some(marker.to_owned());
    }

    pub(crate) fn has_token(&self) -> bool {
        self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization"))
    }

    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// What was said since the last call.
    pub(crate) fn take_exchanges(&mut self) -> Vec<Exchange> {
        std::mem::take(&mut self.exchanges)
    }

    /// Sends the request; waits and repeats when the server says 429 with a `Retry-After` in whole seconds.
    pub(crate) fn send(&mut self, ask: &Ask) -> Result<Answer, TransportError> {
        let request = self.request(ask);
        let mut pauses = 0;
        loop {
            let outcome = self.transport.send(&request);
            self.sent += 1;
            if self.is_recording && self.exchanges.len() < KEPT_EXCHANGES {
                let outcome = outcome.as_ref().map_err(ToString::to_string);
                self.exchanges.push(Exchange::record(&request, outcome, &self.secrets, self.marker.as_deref()));
            }
            let answer = outcome.as_ref().map(Answer::read).map_err(Clone::clone);
            if !self.is_recording {
                self.last = Some((request.clone(), outcome.map_err(|error| error.to_string())));
            }
            let answer = answer?;
            match requested_pause(&answer) {
                Some(pause) if pauses < MAX_PAUSES => {
                    pauses += 1;
                    self.pauses += 1;
                    self.transport.pause(pause);
                }
                _ => return Ok(answer),
            }
        }
    }

    /// Lets time pass, for checks of what a clock shows.
    pub(crate) fn wait(&mut self, duration: Duration) {
        self.transport.pause(duration);
    }

    fn request(&self, ask: &Ask) -> Request {
        let is_replaced = |name: &str| ask.headers.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
        let mut headers: Vec<(String, String)> =
            self.headers.iter().filter(|(name, _)| !is_replaced(name)).cloned().collect();
        if ask.body.is_some() && !is_replaced("Content-Type") {
            headers.push(("Content-Type".to_owned(), self.media_type.clone()));
        }
        headers.extend(ask.headers.iter().filter(|(_, value)| !value.is_empty()).cloned());
        let separator = if ask.query.is_empty() { "" } else { "?" };
        Request {
            method: ask.method,
            url: format!("{}{}{separator}{}", self.base, ask.path, ask.query),
            headers,
            body: ask.body.as_ref().map(|body| body.clone().into_bytes()),
        }
    }
}

fn requested_pause(answer: &Answer) -> Option<Duration> {
    if answer.status != 429 {
        return None;
    }
    let seconds = answer.header("retry-after")?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds)).filter(|pause| *pause <= LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Scripted {
        statuses: Vec<u16>,
        requests: Vec<Request>,
        paused: Duration,
    }

    impl Transport for Scripted {
        fn send(&mut self, request: &Request) -> Result<Response, TransportError> {
            self.requests.push(request.clone());
            let status = self.statuses.remove(0);
            let headers = vec![("retry-after".to_owned(), "2".to_owned())];
            Ok(Response { status, headers, body: b"{}".to_vec(), elapsed: Duration::ZERO })
        }

        fn pause(&mut self, duration: Duration) {
            self.paused += duration;
        }
    }

    #[test]
    fn a_busy_server_is_waited_for_as_long_as_it_asks() {
        let mut scripted = Scripted { statuses: vec![429, 429, 200], requests: Vec::new(), paused: Duration::ZERO };
        let mut client = Client::new(&mut scripted, "http://x/", Some("t"), "application/scim+json");
        assert_eq!(client.send(&Ask::get("/Users")).unwrap().status, 200);
        assert_eq!((client.sent, client.pauses), (3, 2));
        assert_eq!(scripted.paused, Duration::from_secs(4));
    }

    #[test]
    fn headers_of_the_request_replace_those_of_the_client() {
        let mut scripted = Scripted { statuses: vec![200], requests: Vec::new(), paused: Duration::ZERO };
        let mut client = Client::new(&mut scripted, "http://x", Some("t"), "application/scim+json");
        let ask = Ask::get("/Users").header("authorization", "").header("Accept", "text/xml").text("{}");
        client.send(&ask).unwrap();
        let headers = &scripted.requests[0].headers;
        assert_eq!(
            headers,
            &[
                ("Content-Type".to_owned(), "application/scim+json".to_owned()),
                ("Accept".to_owned(), "text/xml".to_owned()),
            ]
        );
    }
}
