//! What went over the wire, fit to be shown to others.

use serde::Serialize;

use super::masking::{hide_foreign_resources, mask_members, masked_header, masked_text};
use super::transport::{Request, Response};

/// Longer bodies are cut: a report is read by people.
const SHOWN_BODY_BYTES: usize = 6 * 1024;

/// One request and what came back. Credentials are masked.
#[derive(Debug, Clone, Serialize)]
pub struct Exchange {
    /// Method and URL.
    pub request_line: String,
    /// What was sent.
    pub request: RecordedMessage,
    /// The status; `None` when nothing came back.
    pub status: Option<u16>,
    /// What came back.
    pub response: RecordedMessage,
    /// How long it took.
    pub milliseconds: u64,
}

/// Headers and body.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RecordedMessage {
    /// Name and value.
    pub headers: Vec<(String, String)>,
    /// As text; JSON is laid out for reading. `None` when there was no body.
    pub body: Option<String>,
}

impl Exchange {
    pub(super) fn record(
        request: &Request,
        outcome: Result<&Response, String>,
        secrets: &[String],
        marker: Option<&str>,
    ) -> Self {
        let sent = message(&request.headers, request.body.as_deref().unwrap_or_default(), secrets, None);
        let request_line = masked_text(&format!("{} {}", request.method, request.url), secrets);
        match outcome {
            Ok(response) => Self {
                request_line,
                request: sent,
                status: Some(response.status),
                response: message(&response.headers, &response.body, secrets, marker),
                milliseconds: u64::try_from(response.elapsed.as_millis()).unwrap_or(u64::MAX),
            },
            Err(reason) => Self {
                request_line,
                request: sent,
                status: None,
                response: RecordedMessage { headers: Vec::new(), body: Some(reason) },
                milliseconds: 0,
            },
        }
    }
}

fn message(headers: &[(String, String)], body: &[u8], secrets: &[String], marker: Option<&str>) -> RecordedMessage {
    let headers = headers.iter().map(|(name, value)| (name.clone(), masked_header(name, value, secrets)));
    let body = (!body.is_empty()).then(|| shown_body(body, secrets, marker));
    RecordedMessage { headers: headers.collect(), body }
}

fn shown_body(body: &[u8], secrets: &[String], marker: Option<&str>) -> String {
    let text = match serde_json::from_slice(body) {
        Ok(mut value) => {
            mask_members(&mut value);
            if let Some(marker) = marker {
                hide_foreign_resources(&mut value, marker);
            }
            format!("{value:#}")
        }
        Err(_) => String::from_utf8_lossy(body).into_owned(),
    };
    let text = masked_text(&text, secrets);
    if text.len() <= SHOWN_BODY_BYTES {
        return text;
    }
    let mut end = SHOWN_BODY_BYTES;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let shown = text.get(..end).unwrap_or_default();
    format!("{shown}\n… {} more bytes", text.len() - end)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn no_secret_is_recorded_wherever_it_stands() {
        let request = Request {
            method: "POST",
            url: "https://x/Users?t=tok-123".to_owned(),
            headers: vec![("Authorization".to_owned(), "Bearer tok-123".to_owned())],
            body: Some(br#"{"userName":"a","password":"open sesame","nested":[{"Password":"two"}]}"#.to_vec()),
        };
        let response = Response {
            status: 401,
            headers: vec![("set-cookie".to_owned(), "sid=9".to_owned())],
            body: b"tok-123 is no token".to_vec(),
            elapsed: Duration::from_millis(3),
        };
        let exchange = Exchange::record(&request, Ok(&response), &["tok-123".to_owned()], None);
        let text = format!("{exchange:?}");
        for secret in ["tok-123", "open sesame", "two", "sid=9"] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
        assert!(text.contains("Bearer ***") && text.contains("userName"));
    }

    #[test]
    fn a_long_body_is_cut_between_characters() {
        let shown = shown_body("é".repeat(SHOWN_BODY_BYTES).as_bytes(), &[], None);
        assert!(shown.ends_with(&format!("… {SHOWN_BODY_BYTES} more bytes")), "{}", shown.len());
    }
}
