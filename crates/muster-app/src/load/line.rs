//! One line of the input, from its bytes to a resource that only needs to be committed. Everything here is decided by the
//! code that a POST goes through; no second opinion.

use std::io::{self, BufRead, Read};
use std::sync::Arc;

use muster_model::{MemberReference, ResourceId};
use muster_store::NewDocument;
use scim::{Document, Repairs, ResourceSchema};
use serde_json::Value;

use super::mark::LoadMark;
use super::names::take_manager;
use super::report::BadLine;
use crate::resources::{content, holds_members};
use crate::{App, AppError, ScimCaller, membership};

/// In bytes; room for a group of half a million members. It bounds the memory of a load.
pub const LONGEST_LINE: usize = 64 * 1024 * 1024;

/// A line as it was read.
pub(super) struct RawLine {
    /// From 1.
    pub(super) number: u64,
    pub(super) text: Vec<u8>,
    /// How many bytes it took in the input.
    pub(super) bytes: u64,
}

/// Reads the next line that is not empty. `None`: there are no more. A line that is too long is passed over and comes
/// without its text.
pub(super) fn next_line(input: &mut dyn BufRead, number: &mut u64) -> io::Result<Option<Result<RawLine, BadLine>>> {
    loop {
        let mut text = Vec::new();
        let limit = LONGEST_LINE as u64 + 1;
        let read = Read::take(&mut *input, limit).read_until(b'\n', &mut text)?;
        if read == 0 {
            return Ok(None);
        }
        *number += 1;
        if !text.ends_with(b"\n") && text.len() > LONGEST_LINE {
            skip_line(input)?;
            let problem = format!("is longer than {} MiB; split it", LONGEST_LINE / (1024 * 1024));
            return Ok(Some(Err(BadLine { line: *number, problem })));
        }
        // The mark that some programs put at the beginning of a file.
        if *number == 1 && text.starts_with(b"\xef\xbb\xbf") {
            text.drain(..3);
        }
        if !text.trim_ascii().is_empty() {
            return Ok(Some(Ok(RawLine { number: *number, text, bytes: read as u64 })));
        }
    }
}

fn skip_line(input: &mut dyn BufRead) -> io::Result<()> {
    loop {
        let waiting = input.fill_buf()?;
        let end = waiting.iter().position(|byte| *byte == b'\n');
        let (length, is_last) = end.map_or((waiting.len(), waiting.is_empty()), |end| (end + 1, true));
        input.consume(length);
        if is_last {
            return Ok(());
        }
    }
}

/// A line that says what a resource shall be.
pub(super) struct NewLine {
    pub(super) raw: RawLine,
    pub(super) id: ResourceId,
    pub(super) schema: Arc<ResourceSchema>,
    /// Without the manager.
    pub(super) content: NewDocument,
    pub(super) manager: Option<String>,
    pub(super) members: Option<Vec<MemberReference>>,
    pub(super) repairs: Repairs,
}

/// What a line turned out to be.
pub(super) enum Understood {
    Resource(Box<NewLine>),
    /// Has members, so that it waits for the second pass.
    Group(RawLine),
}

/// Understands a line. `takes_groups`: also one that has members.
pub(super) fn understood(
    app: &App,
    caller: &ScimCaller,
    mark: LoadMark,
    raw: RawLine,
    takes_groups: bool,
) -> Result<Understood, (RawLine, BadLine)> {
    let number = raw.number;
    let bad = |problem: String| BadLine { line: number, problem };
    let parsed = match parsed(&raw.text) {
        Ok(parsed) => parsed,
        Err(problem) => return Err((raw, bad(problem))),
    };
    let schema = match schema_of(caller, &parsed) {
        Ok(schema) => schema,
        Err(problem) => return Err((raw, bad(problem))),
    };
    if !takes_groups && holds_members(&schema) {
        return Ok(Understood::Group(raw));
    }
    match normalized(caller, &schema, &parsed) {
        Ok(Normalized { content, manager, members, repairs }) => {
            let id = mark.new_id(app.clock.as_ref(), app.rng.as_ref());
            Ok(Understood::Resource(Box::new(NewLine { raw, id, schema, content, manager, members, repairs })))
        }
        Err(error) => Err((raw, bad(error.to_string()))),
    }
}

fn parsed(text: &[u8]) -> Result<Value, String> {
    // serde_json's own limit of 128 levels keeps nested input from growing the stack.
    serde_json::from_slice(text).map_err(|error| {
        let what = match error.classify() {
            serde_json::error::Category::Eof => "ends too early",
            _ => "is not valid JSON",
        };
        format!("{what} (column {}); a line holds one resource as a JSON object", error.column())
    })
}

/// The resource type is that of the base schema which `schemas` names (RFC 7643 section 3), else the one that
/// `meta.resourceType` names.
fn schema_of(caller: &ScimCaller, body: &Value) -> Result<Arc<ResourceSchema>, String> {
    if !body.is_object() {
        return Err("is no JSON object; a line holds one resource".to_owned());
    }
    let named: Vec<&str> = match body.get("schemas") {
        Some(Value::Array(urns)) => urns.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(urn)) => vec![urn],
        _ => Vec::new(),
    };
    let types = caller.resource_schemas();
    let mut of_schemas =
        types.iter().filter(|schema| named.iter().any(|urn| urn.eq_ignore_ascii_case(&schema.base().id)));
    match (of_schemas.next(), of_schemas.next()) {
        (Some(only), None) => return Ok(Arc::clone(only)),
        (Some(_), Some(_)) => {
            return Err("\"schemas\" names the schemas of several resource types; name one".to_owned());
        }
        (None, _) => {}
    }
    let name = body.get("meta").and_then(|meta| meta.get("resourceType")).and_then(Value::as_str);
    let of_meta = name.and_then(|name| {
        types.iter().find(|schema| schema.resource_type().name.eq_ignore_ascii_case(name)).map(Arc::clone)
    });
    of_meta.ok_or_else(|| {
        "\"schemas\" names no resource type that the connection has; give the base schema, such as \
         \"urn:ietf:params:scim:schemas:core:2.0:User\""
            .to_owned()
    })
}

struct Normalized {
    content: NewDocument,
    manager: Option<String>,
    members: Option<Vec<MemberReference>>,
    repairs: Repairs,
}

fn normalized(caller: &ScimCaller, schema: &ResourceSchema, body: &Value) -> Result<Normalized, AppError> {
    let leniency = &caller.profile().leniency;
    let mut repairs = Repairs::new();
    let mut document: Document = scim::normalize::normalize_new(schema, body, leniency, &mut repairs)?;
    let members = if holds_members(schema) { membership::take_members(&mut document)? } else { None };
    let manager = take_manager(&mut document);
    let content = content(schema, document, leniency)?;
    Ok(Normalized { content, manager, members, repairs })
}
