//! How requests are told to people and programs.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use muster_app::requests::{RequestDetails, advice};
use muster_model::{Change, KeptBody, RequestEntry};
use serde_json::{Map, Value, json};

const LONGEST_PATH: usize = 60;
pub(super) const HEADINGS: [&str; 7] = ["TIME", "ID", "CONNECTION", "STATUS", "REQUEST", "CODE", "MS"];

fn milliseconds(entry: &RequestEntry) -> f64 {
    (entry.duration.as_secs_f64() * 1e6).round() / 1e3
}

fn status(entry: &RequestEntry) -> String {
    entry.status.map_or_else(|| "none".to_owned(), |status| status.to_string())
}

fn time(entry: &RequestEntry) -> String {
    format!("{:.3}", entry.at)
}

/// What somebody else chose must not move the cursor of a terminal.
fn plain(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).collect()
}

fn asked(entry: &RequestEntry, longest: usize) -> String {
    let path = plain(&entry.path);
    let shown: String = path.chars().take(longest).collect();
    let mark = if shown.len() < path.len() { "…" } else { "" };
    format!("{} {shown}{mark}", plain(&entry.method))
}

pub(super) fn row(entry: &RequestEntry) -> [String; 7] {
    [
        time(entry),
        entry.id.to_string(),
        entry.connection.to_string(),
        status(entry),
        asked(entry, LONGEST_PATH),
        entry.code.clone().unwrap_or_default(),
        milliseconds(entry).to_string(),
    ]
}

/// One line, and below it why it failed.
pub(super) fn line(entry: &RequestEntry) -> String {
    let mut text = format!(
        "{}  {}  {}  {} ms  {}  {}",
        time(entry),
        status(entry),
        asked(entry, usize::MAX),
        milliseconds(entry),
        entry.connection,
        entry.id
    );
    if let Some(detail) = &entry.detail {
        let _ = write!(text, "\n    {}: {}", entry.code.as_deref().unwrap_or("failed"), plain(detail));
    }
    if let Some(advice) = advice(entry) {
        let _ = write!(text, "\n    why:  {}\n    do:   {}", advice.cause, advice.remedy);
    }
    text
}

/// Each kind of failure in a list, once.
pub(super) fn explained(entries: &[RequestEntry]) -> String {
    let mut told = BTreeSet::new();
    let mut text = String::new();
    for entry in entries {
        let (Some(code), Some(advice)) = (&entry.code, advice(entry)) else { continue };
        if told.insert(code) {
            let _ = write!(text, "\n{code}\n    why:  {}\n    do:   {}\n", advice.cause, advice.remedy);
        }
    }
    text
}

/// Without bodies.
pub(super) fn json_of(entry: &RequestEntry) -> Value {
    let advice = advice(entry);
    json!({
        "id": entry.id.to_string(),
        "at": entry.at.to_string(),
        "duration_ms": milliseconds(entry),
        "connection": entry.connection.to_string(),
        "credential": entry.credential.map(|credential| credential.to_string()),
        "method": entry.method,
        "path": entry.path,
        "scim_version": entry.version.as_str(),
        "resource_type": entry.resource_type.as_ref().map(muster_model::TypeName::as_str),
        "resource": entry.resource.map(|resource| resource.to_string()),
        "status": entry.status,
        "code": entry.code,
        "detail": entry.detail,
        "cause": advice.map(|advice| advice.cause),
        "remedy": advice.map(|advice| advice.remedy),
        "request_id": entry.request,
        "client_address": entry.address.map(|address| address.to_string()),
        "user_agent": entry.agent,
        "repairs": entry.repairs.iter().map(|(kind, count)| (kind.clone(), json!(count))).collect::<Map<_, _>>(),
        "changes": entry.changes,
        "request_bytes": entry.request_body.bytes,
        "response_bytes": entry.response_body.bytes,
    })
}

pub(super) fn json_of_details(details: &RequestDetails) -> Value {
    let mut document = json_of(&details.entry);
    if let Some(members) = document.as_object_mut() {
        let entry = &details.entry;
        members.insert("tenant".to_owned(), json!(details.tenant.name));
        let connection = details.connection.as_ref().map(|connection| connection.name.as_str());
        members.insert("connection_name".to_owned(), json!(connection));
        members.insert("change_log".to_owned(), details.changes.iter().map(json_of_change).collect());
        members.insert("request_body".to_owned(), json_of_body(&entry.request_body));
        members.insert("response_body".to_owned(), json_of_body(&entry.response_body));
    }
    document
}

fn json_of_change(change: &Change) -> Value {
    json!({
        "sequence": change.sequence.0,
        "kind": change.kind.as_str(),
        "type": change.resource_type.as_str(),
        "resource": change.resource.to_string(),
        "version": change.version.0,
    })
}

/// As JSON where it is whole.
fn json_of_body(body: &KeptBody) -> Value {
    let content = body.text.as_deref().map(|text| serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)));
    json!({ "content": content, "note": body.note.map(muster_model::BodyNote::as_str) })
}

/// One fact a line, then the bodies.
pub(super) fn text_of_details(details: &RequestDetails) -> String {
    let entry = &details.entry;
    let connection = details.connection.as_ref().map_or_else(
        || format!("{} (deleted)", entry.connection),
        |connection| format!("{} ({})", connection.name, connection.id),
    );
    let mut text = String::new();
    let mut fact = |name: &str, value: String| {
        let _ = writeln!(text, "{name:<14} {}", plain(&value));
    };
    fact("request", entry.id.to_string());
    fact("answered", format!("{}, after {} ms", time(entry), milliseconds(entry)));
    fact("tenant", details.tenant.name.clone());
    fact("connection", connection);
    fact("credential", entry.credential.map_or_else(|| "none that is valid".to_owned(), |id| id.to_string()));
    fact("asked", asked(entry, usize::MAX));
    fact("SCIM", entry.version.as_str().to_owned());
    if let Some(resource) = entry.resource {
        let kind = entry.resource_type.as_ref().map_or("resource", muster_model::TypeName::as_str);
        fact("about", format!("{kind} {resource}"));
    }
    fact("status", status(entry));
    for (name, value) in [("code", &entry.code), ("detail", &entry.detail)] {
        if let Some(value) = value {
            fact(name, value.clone());
        }
    }
    if let Some(advice) = details.advice {
        fact("why", advice.cause.to_owned());
        fact("what to do", advice.remedy.to_owned());
    }
    for (kind, count) in &entry.repairs {
        fact("repaired", format!("{}, {count} times", kind.replace('_', " ")));
    }
    fact("changed", changed(details));
    fact("log lines", entry.request.clone().unwrap_or_else(|| "have no id".to_owned()));
    let agent = entry.agent.as_deref().unwrap_or("without a name");
    let address = entry.address.map_or_else(|| "an unknown address".to_owned(), |address| address.to_string());
    fact("client", format!("{agent}, from {address}"));
    for (name, body) in [("request body", &entry.request_body), ("response body", &entry.response_body)] {
        text.push_str(&body_text(name, body));
    }
    text
}

fn changed(details: &RequestDetails) -> String {
    let entry = &details.entry;
    if entry.changes == 0 {
        return "nothing".to_owned();
    }
    let numbers: Vec<String> = details.changes.iter().map(|change| change.sequence.0.to_string()).collect();
    let log = match numbers.as_slice() {
        [] => "the change log no longer tells them".to_owned(),
        [one] => format!("change log entry {one}"),
        [first, .., last] => format!("{} change log entries from {first} to {last}", numbers.len()),
    };
    format!("{} resources; {log}", entry.changes)
}

fn body_text(name: &str, body: &KeptBody) -> String {
    let Some(bytes) = body.bytes else { return String::new() };
    let note = body.note.map_or_else(String::new, |note| format!("; {}", note.words()));
    let mut text = format!("\n{name}, {bytes} bytes{note}\n");
    if let Some(kept) = &body.text {
        let whole = serde_json::from_str::<Value>(kept).map(|value| format!("{value:#}"));
        for line in whole.unwrap_or_else(|_| kept.clone()).lines() {
            let _ = writeln!(text, "  {}", plain(line));
        }
    }
    text
}
