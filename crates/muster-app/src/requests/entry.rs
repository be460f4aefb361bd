//! From what a finished call left in memory to what is kept of it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use muster_model::{
    BodyNote, Clock, ConnectionId, CredentialId, KeptBody, RequestEntry, RequestEntryId, Rng, TypeName,
};
use scim::schema::SchemaSet;
use serde_json::Value;

use super::address;
use super::masks::AttributeMasks;
use super::recorder::{AnswerBody, FinishedCall};
use super::redaction::Redaction;
use super::secrets::KnownSecrets;
use super::trace::{ReadBody, Traced};

const LONGEST_AGENT: usize = 200;
const LONGEST_DETAIL: usize = 500;
const LONGEST_METHOD: usize = 20;

/// A call that waits to be written.
pub(super) struct Draft {
    pub(super) call: FinishedCall,
    pub(super) traced: Traced,
    /// When it was answered.
    pub(super) at: Timestamp,
}

impl Draft {
    /// The memory that it holds, about.
    pub(super) fn weight(&self) -> usize {
        let asked = self.traced.body.as_ref().and_then(|body| body.bytes.as_ref()).map_or(0, Bytes::len);
        let answered = match &self.call.answer {
            AnswerBody::Whole(body) => body.bytes.as_ref().map_or(0, Bytes::len),
            AnswerBody::None | AnswerBody::Streamed(_) => 0,
        };
        asked + answered + self.call.address.len() + 500
    }

    /// Whom it is of, where the caller proved it.
    fn credential(&self) -> Option<CredentialId> {
        self.traced.caller.as_ref().map(|caller| caller.credential)
    }
}

/// The moment as a clock, so that an id can be made for it.
struct Moment(Timestamp);

impl Clock for Moment {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// What the settings say about entries.
pub(super) struct Keeping {
    pub(super) bodies: bool,
    pub(super) masks: AttributeMasks,
}

/// What calls of one portion have in common.
pub(super) struct Known {
    builtin: Arc<SchemaSet>,
    secrets: KnownSecrets,
}

impl Known {
    pub(super) fn new() -> Self {
        Self { builtin: Arc::new(SchemaSet::builtin()), secrets: KnownSecrets::default() }
    }
}

/// `connection`: whose it is; of a caller who proved nothing, the one that he named and that is there.
pub(super) fn entry(
    draft: &Draft,
    connection: ConnectionId,
    keeping: &Keeping,
    known: &mut Known,
    rng: &dyn Rng,
) -> RequestEntry {
    let Draft { call, traced, at } = draft;
    let asked = address::read(&call.address);
    let schemas = traced.caller.as_ref().map_or(&known.builtin, |caller| &caller.schemas);
    let redaction = Redaction { secrets: known.secrets.of(schemas), masks: &keeping.masks };
    let answer = match &call.answer {
        AnswerBody::None => KeptBody::default(),
        AnswerBody::Streamed(bytes) => KeptBody { bytes: *bytes, text: None, note: Some(BodyNote::Streamed) },
        AnswerBody::Whole(body) => kept(body, keeping, |body| redaction.answer(body)),
    };
    let asked_body = traced.body.as_ref().map(|body| kept(body, keeping, |body| redaction.body(body)));
    RequestEntry {
        id: RequestEntryId::new(&Moment(*at), rng),
        connection,
        credential: draft.credential(),
        at: *at,
        duration: Duration::from_micros(u64::try_from(call.duration.as_micros()).unwrap_or(u64::MAX)),
        method: cut(&call.method, LONGEST_METHOD),
        version: call.version,
        resource_type: asked.endpoint.as_deref().and_then(|endpoint| type_at(schemas, endpoint)),
        resource: asked.resource.or(traced.changed),
        path: asked.path,
        status: call.status,
        code: call.code.map(|code| code.as_str().to_owned()),
        detail: detail(call),
        request: call.request.clone(),
        address: call.client,
        agent: call.agent.as_deref().map(|agent| cut(agent, LONGEST_AGENT)),
        repairs: traced.repairs.iter().map(|(kind, count)| ((*kind).to_owned(), *count)).collect(),
        changes: traced.changes,
        changed_at: traced.changed_at.clone(),
        request_body: asked_body.unwrap_or_default(),
        response_body: answer,
    }
}

fn kept(body: &ReadBody, keeping: &Keeping, redacted: impl FnOnce(&ReadBody) -> KeptBody) -> KeptBody {
    if keeping.bodies {
        redacted(body)
    } else {
        KeptBody { bytes: Some(body.length), text: None, note: Some(BodyNote::NotWanted) }
    }
}

/// The resource type at an endpoint, in any letter case.
fn type_at(schemas: &SchemaSet, endpoint: &str) -> Option<TypeName> {
    let types = schemas.resource_schemas().iter().map(|schema| schema.resource_type());
    let mut named = types.filter(|one| one.endpoint.trim_start_matches('/').eq_ignore_ascii_case(endpoint));
    named.next().map(|one| TypeName::new(one.name.as_str()))
}

/// What the client was told (RFC 7644 section 3.12; protocol 1.1, section 3.9). Details name attributes and places, never
/// values.
fn detail(call: &FinishedCall) -> Option<String> {
    let AnswerBody::Whole(ReadBody { bytes: Some(bytes), .. }) = &call.answer else { return None };
    if call.status.is_none_or(|status| status < 400) {
        return None;
    }
    let told: Value = serde_json::from_slice(bytes).ok()?;
    let detail = told.get("detail").or_else(|| told.pointer("/Errors/0/description"))?;
    detail.as_str().map(|detail| cut(detail, LONGEST_DETAIL))
}

/// Of what others chose: a length, and nothing that moves the cursor of a terminal.
fn cut(text: &str, longest: usize) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(longest).collect()
}
