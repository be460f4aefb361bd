//! Users and groups in memory, by the laws of the language crate.

use std::collections::BTreeMap;
use std::sync::Arc;

use scim::filter::Filter;
use scim::message::{SearchRequest, error_body, list_response};
use scim::patch::PatchRequest;
use scim::projection::Projection;
use scim::schema::{group_resource_schema, user_resource_schema};
use scim::{Document, Error, Leniency, Repairs, ResourceSchema, ScimType};
use serde_json::{Value, json};

use crate::faults::Fault;

pub(crate) type Reply = (u16, Option<Value>);

pub(crate) struct Kind {
    pub(crate) schema: Arc<ResourceSchema>,
    pub(crate) endpoint: &'static str,
    pub(crate) naming: &'static str,
}

pub(crate) fn kinds() -> [Kind; 2] {
    [
        Kind { schema: user_resource_schema(), endpoint: "/Users", naming: "userName" },
        Kind { schema: group_resource_schema(), endpoint: "/Groups", naming: "displayName" },
    ]
}

struct Stored {
    document: Document,
    created: u64,
    changed: u64,
    version: u64,
}

#[derive(Default)]
pub(crate) struct Directory {
    base: String,
    pub(crate) fault: Option<Fault>,
    /// Milliseconds since the beginning; every request takes one.
    pub(crate) now: u64,
    stored: BTreeMap<&'static str, BTreeMap<String, Stored>>,
    made: u64,
    /// The address of the youngest resource.
    pub(crate) last_made: String,
    member_changes: u64,
    turns: usize,
    pub(crate) habits: Habits,
}

/// What a server may do and this one does not unless a test wants it.
pub(crate) struct Habits {
    /// Ids that need encoding in a path.
    pub(crate) has_odd_ids: bool,
    pub(crate) demands_family_name: bool,
    pub(crate) most_per_page: u64,
    /// A walk by cursor comes back to where it began. That one is no honest habit.
    pub(crate) cursors_circle: bool,
}

impl Default for Habits {
    fn default() -> Self {
        Self { has_odd_ids: false, demands_family_name: false, most_per_page: 30, cursors_circle: false }
    }
}

fn tag(version: u64) -> String {
    format!("W/\"{version}\"")
}

/// Everything that is not unreserved (RFC 3986 section 2.3).
fn encoded(id: &str) -> String {
    let encode = |byte: u8| match byte {
        byte if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    id.bytes().map(encode).collect()
}

/// A page of what stands behind the one that the cursor names (RFC 9865 section 2).
fn by_cursor(found: Vec<Value>, cursor: &str, count: usize) -> Reply {
    let total = found.len() as u64;
    let mut rest: Vec<Value> =
        found.into_iter().filter(|one| cursor.is_empty() || one["id"].as_str().unwrap() > cursor).collect();
    let is_last = rest.len() <= count;
    rest.truncate(count);
    let next = rest.last().filter(|_| !is_last).map(|last| last["id"].clone());
    let mut list = list_response(total, 1, rest);
    if let Some(next) = next {
        list["nextCursor"] = next;
    }
    (200, Some(list))
}

fn refused(error: &Error) -> Reply {
    (400, Some(error_body(400, Some(error.scim_type), &error.detail)))
}

pub(crate) fn failed(status: u16, detail: &str) -> Reply {
    let scim_type = (status == 409).then_some(ScimType::Uniqueness);
    (status, Some(error_body(status, scim_type, detail)))
}

impl Directory {
    pub(crate) fn new(base: &str, fault: Option<Fault>) -> Self {
        Self { base: base.to_owned(), fault, ..Self::default() }
    }

    pub(crate) fn len(&self) -> usize {
        self.stored.values().map(BTreeMap::len).sum()
    }

    fn has(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    fn of(&mut self, kind: &Kind) -> &mut BTreeMap<String, Stored> {
        self.stored.entry(kind.endpoint).or_default()
    }

    fn is_taken(&mut self, kind: &Kind, document: &Document, but: &str) -> bool {
        let name = |document: &Document| scim::fold(document[kind.naming].as_str().unwrap());
        let wanted = name(document);
        kind.naming == "userName"
            && !self.has(Fault::AllowsDuplicates)
            && self.of(kind).iter().any(|(id, other)| id != but && name(&other.document) == wanted)
    }

    fn lacks_what_is_demanded(&self, kind: &Kind, document: &Document) -> bool {
        let is_user = kind.naming == "userName";
        self.habits.demands_family_name
            && is_user
            && document.get("name").is_none_or(|name| name["familyName"].is_null())
    }

    /// The version that the resource has now.
    pub(crate) fn version(&self, kind: &Kind, id: &str) -> Option<String> {
        Some(tag(self.stored.get(kind.endpoint)?.get(id)?.version))
    }

    pub(crate) fn create(&mut self, kind: &Kind, body: &Value, search: &SearchRequest) -> Reply {
        let document =
            match scim::normalize::normalize_new(&kind.schema, body, &Leniency::TOLERANT, &mut Repairs::default()) {
                Ok(document) => document,
                Err(error) => return refused(&error),
            };
        if self.lacks_what_is_demanded(kind, &document) {
            return failed(400, "a family name is demanded");
        }
        if self.is_taken(kind, &document, "") {
            return failed(409, "the name is taken");
        }
        self.made += 1;
        let id = if self.habits.has_odd_ids {
            format!("{:08x}/a b?c#é%", self.made)
        } else {
            format!("{:08x}-made", self.made)
        };
        let now = self.now;
        self.of(kind).insert(id.clone(), Stored { document, created: now, changed: now, version: 1 });
        self.last_made = format!("{}{}/{}", self.base, kind.endpoint, encoded(&id));
        if self.has(Fault::EmptyCreated) {
            return (201, None);
        }
        (201, Some(self.shown(kind, &id, search)))
    }

    pub(crate) fn read(&mut self, kind: &Kind, id: &str, search: &SearchRequest) -> Reply {
        let hides = self.has(Fault::HidesInactive);
        match self.of(kind).get(id) {
            Some(stored) if !(hides && stored.document.get("active") == Some(&json!(false))) => {
                (200, Some(self.shown(kind, id, search)))
            }
            _ => failed(404, "there is no such resource"),
        }
    }

    pub(crate) fn replace(&mut self, kind: &Kind, id: &str, body: &Value, search: &SearchRequest) -> Reply {
        let keeps = self.has(Fault::NullKeeps);
        let Some(stored) = self.of(kind).get(id).map(|stored| stored.document.clone()) else {
            return failed(404, "there is no such resource");
        };
        let (leniency, mut repairs) = (Leniency::TOLERANT, Repairs::default());
        match scim::normalize::normalize_replacement(&kind.schema, body, &stored, &leniency, &mut repairs) {
            Err(error) => refused(&error),
            Ok(document) if self.lacks_what_is_demanded(kind, &document) => failed(400, "a family name is demanded"),
            Ok(document) if self.is_taken(kind, &document, id) => failed(409, "the name is taken"),
            Ok(mut document) => {
                if keeps && let Some(title) = stored.get("title") {
                    document.entry("title").or_insert(title.clone());
                }
                self.write(kind, id, document);
                (200, Some(self.shown(kind, id, search)))
            }
        }
    }

    pub(crate) fn patch(&mut self, kind: &Kind, id: &str, body: &Value, search: &SearchRequest) -> Reply {
        let Some(stored) = self.of(kind).get(id).map(|stored| stored.document.clone()) else {
            return failed(404, "there is no such resource");
        };
        let mut body = body.clone();
        if kind.naming == "displayName" {
            self.spoil_members(&mut body);
        }
        if self.has(Fault::PatchIsPartial) {
            let alone = |operation: &Value| json!({"schemas": body["schemas"], "Operations": [operation]});
            let one_by_one: Vec<Value> = body["Operations"].as_array().into_iter().flatten().map(alone).collect();
            for request in one_by_one {
                let before = self.of(kind).get(id).unwrap().document.clone();
                if let Err(error) = self.patched(kind, id, &before, &request) {
                    return refused(&error);
                }
            }
            return (200, Some(self.shown(kind, id, search)));
        }
        match self.patched(kind, id, &stored, &body) {
            Err(error) if error.scim_type == ScimType::Uniqueness => failed(409, "the name is taken"),
            Err(error) => refused(&error),
            Ok(()) => (200, Some(self.shown(kind, id, search))),
        }
    }

    fn patched(&mut self, kind: &Kind, id: &str, before: &Document, body: &Value) -> scim::Result<()> {
        let (leniency, mut repairs) = (Leniency::TOLERANT, Repairs::default());
        let compiled = PatchRequest::parse(body, &leniency)?.compile(&kind.schema, &leniency, &mut repairs)?;
        if let Some(after) = compiled.apply(&kind.schema, before, &leniency, &mut repairs)? {
            if self.is_taken(kind, &after, id) {
                return Err(Error::new(ScimType::Uniqueness, "the name is taken"));
            }
            self.write(kind, id, after);
        }
        Ok(())
    }

    fn spoil_members(&mut self, body: &mut Value) {
        let (empties, forgets) = (self.has(Fault::RemovalEmptiesGroup), self.has(Fault::ForgetsMembers));
        for operation in body["Operations"].as_array_mut().into_iter().flatten() {
            let is_removal = operation["op"].as_str().is_some_and(|op| op.eq_ignore_ascii_case("remove"));
            let is_addition = operation["op"].as_str().is_some_and(|op| op.eq_ignore_ascii_case("add"));
            if empties && is_removal && operation["path"] == "members" {
                operation.as_object_mut().unwrap().remove("value");
            }
            if forgets && is_addition && operation["path"] == "members" {
                self.member_changes += 1;
                if self.member_changes.is_multiple_of(3) {
                    operation["value"] = json!([]);
                }
            }
        }
    }

    fn write(&mut self, kind: &Kind, id: &str, document: Document) {
        let now = self.now;
        let stored = self.of(kind).get_mut(id).unwrap();
        *stored = Stored { document, created: stored.created, changed: now, version: stored.version + 1 };
    }

    pub(crate) fn delete(&mut self, kind: &Kind, id: &str) -> Reply {
        if self.of(kind).remove(id).is_none() {
            return failed(404, "there is no such resource");
        }
        if !self.has(Fault::DeletedStayMembers) {
            for group in self.stored.entry("/Groups").or_default().values_mut() {
                if let Some(members) = group.document.get_mut("members").and_then(Value::as_array_mut) {
                    members.retain(|member| member["value"] != id);
                    if members.is_empty() {
                        group.document.shift_remove("members");
                    }
                }
            }
        }
        (204, None)
    }

    pub(crate) fn query(&mut self, kinds: &[Kind], search: &SearchRequest) -> Reply {
        let mut found = Vec::new();
        for kind in kinds {
            let filter = match self.compiled(kind, kinds.len() > 1, search) {
                Ok(filter) => filter,
                Err(error) => return refused(&error),
            };
            let ids: Vec<String> = self.of(kind).keys().cloned().collect();
            for id in ids {
                let whole = self.whole(kind, &id);
                let is_hidden = self.has(Fault::HidesInactive) && whole.get("active") == Some(&json!(false));
                if !is_hidden && filter.as_ref().is_none_or(|filter| filter.matches(&whole)) {
                    found.push(self.shown(kind, &id, search));
                }
            }
        }
        if found.is_empty() && search.filter.is_some() && self.has(Fault::MissIsNotFound) {
            return failed(404, "nobody was found");
        }
        if self.has(Fault::PagesTurn) && !found.is_empty() {
            self.turns += 1;
            let turn = self.turns % found.len();
            found.rotate_left(turn);
        }
        let count = search.count().unwrap_or(30).min(self.habits.most_per_page);
        if let Some(cursor) = &search.cursor {
            let (status, mut list) = by_cursor(found, cursor, usize::try_from(count).unwrap());
            if let Some(list) = list.as_mut().filter(|list| self.habits.cursors_circle && list["nextCursor"].is_null())
            {
                list["nextCursor"] = json!("0");
            }
            return (status, list);
        }
        let total = found.len() as u64;
        let start = search.start_index();
        let page =
            found.into_iter().skip(usize::try_from(start).unwrap() - 1).take(usize::try_from(count).unwrap()).collect();
        (200, Some(list_response(total, start, page)))
    }

    fn compiled(
        &self,
        kind: &Kind,
        is_one_of_several: bool,
        search: &SearchRequest,
    ) -> scim::Result<Option<scim::filter::CompiledFilter>> {
        let Some(text) = search.filter.as_deref().filter(|_| !self.has(Fault::IgnoresFilters)) else { return Ok(None) };
        let parsed = Filter::parse(text, &Leniency::TOLERANT)?;
        if is_one_of_several {
            return parsed.compile_or_absent(&kind.schema, &Leniency::TOLERANT).map(Some);
        }
        parsed.compile(&kind.schema, &Leniency::TOLERANT).map(Some)
    }

    /// The resource with everything that the server adds.
    fn whole(&mut self, kind: &Kind, id: &str) -> Document {
        let base = self.base.clone();
        let groups: Vec<Value> = self
            .stored
            .get("/Groups")
            .into_iter()
            .flatten()
            .filter(|(_, group)| group.document.get("members").is_some_and(|members| members.to_string().contains(id)))
            .map(|(group, _)| json!({"value": group, "$ref": format!("{base}/Groups/{group}"), "type": "direct"}))
            .collect();
        let stored = &self.stored[kind.endpoint][id];
        let urns = kind.schema.extensions().iter().map(|extension| extension.id.clone());
        let schemas: Vec<String> = std::iter::once(kind.schema.base().id.clone())
            .chain(urns.filter(|urn| stored.document.contains_key(urn)))
            .collect();
        let time = |milliseconds: u64| {
            format!(
                "2026-01-01T{:02}:{:02}:{:02}.{:03}Z",
                milliseconds / 3_600_000,
                milliseconds / 60_000 % 60,
                milliseconds / 1000 % 60,
                milliseconds % 1000
            )
        };
        let mut whole = stored.document.clone();
        whole.insert("schemas".to_owned(), json!(schemas));
        whole.insert("id".to_owned(), json!(id));
        whole.insert(
            "meta".to_owned(),
            json!({
                "resourceType": kind.schema.resource_type().name,
                "created": time(stored.created),
                "lastModified": time(stored.changed),
                "location": format!("{base}{}/{}", kind.endpoint, encoded(id)),
                "version": tag(stored.version),
            }),
        );
        if kind.naming == "userName" && !groups.is_empty() {
            whole.insert("groups".to_owned(), json!(groups));
        }
        for member in whole.get_mut("members").and_then(Value::as_array_mut).into_iter().flatten() {
            member["type"] = json!("User");
            member["$ref"] = json!(format!("{base}/Users/{}", encoded(member["value"].as_str().unwrap())));
        }
        whole
    }

    fn shown(&mut self, kind: &Kind, id: &str, search: &SearchRequest) -> Value {
        let whole = self.whole(kind, id);
        let password = whole.get("password").cloned();
        let projection = Projection::compile(&kind.schema, &search.attributes, &search.excluded_attributes).unwrap();
        let mut shown = projection.apply(&kind.schema, whole);
        if let Some(password) = password.filter(|_| self.has(Fault::EchoesPassword)) {
            shown.insert("password".to_owned(), password);
        }
        Value::Object(shown)
    }
}
