//! Members and managers that came later than those who name them.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Seek, Write as _};

use muster_model::{MemberReference, ResourceId, TypeName, Version};
use muster_store::batch::MembershipChange;
use muster_store::{CommitError, Include, Write};
use scim::ResourceSchema;
use serde::{Deserialize, Serialize};

use super::LoadError;
use super::chunk::{AMBIGUOUS_MANAGER, Filler, ambiguous_member, to_blame};
use super::line::RawLine;
use super::names::{Meaning, has_manager, meanings, set_manager};
use super::report::{BadLine, LoadCounts};
use crate::membership;
use crate::ownership::refused;
use crate::resources::{content, type_name};

/// What is left to do of a resource.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Late {
    line: u64,
    id: String,
    resource_type: String,
    manager: Option<String>,
    members: Vec<String>,
    /// The line as it was read, where bad ones are wanted.
    text: Option<String>,
}

impl Late {
    /// `None`: nothing is left to do.
    pub(super) fn of(
        line: u64,
        id: ResourceId,
        schema: &ResourceSchema,
        manager: Option<String>,
        members: Vec<String>,
    ) -> Option<Self> {
        let resource_type = schema.resource_type().name.clone();
        let is_empty = manager.is_none() && members.is_empty();
        (!is_empty).then(|| Self { line, id: id.to_string(), resource_type, manager, members, text: None })
    }

    /// Keeps the line, to be shown when it turns out to be bad.
    pub(super) fn with_line(self, raw: Option<&RawLine>) -> Self {
        // It is JSON, and so it is UTF-8.
        Self { text: raw.map(|raw| String::from_utf8_lossy(&raw.text).into_owned()), ..self }
    }

    pub(super) fn names(&self) -> usize {
        self.members.len() + usize::from(self.manager.is_some())
    }
}

/// A file of what is left to do.
pub(super) struct LateFile {
    file: BufWriter<File>,
}

impl LateFile {
    pub(super) fn new(file: File) -> Self {
        Self { file: BufWriter::new(file) }
    }

    pub(super) fn put(&mut self, late: &Late) -> Result<(), LoadError> {
        serde_json::to_writer(&mut self.file, late).map_err(|error| LoadError::Scratch(error.into()))?;
        self.file.write_all(b"\n").map_err(LoadError::Scratch)
    }

    pub(super) fn read(self) -> Result<LateReader, LoadError> {
        let mut file = self.file.into_inner().map_err(|error| LoadError::Scratch(error.into_error()))?;
        file.rewind().map_err(LoadError::Scratch)?;
        Ok(LateReader { file: BufReader::new(file) })
    }
}

pub(super) struct LateReader {
    file: BufReader<File>,
}

/// As many names, or resources, are done together.
const NAMES: usize = 50_000;
const RESOURCES: usize = 500;

impl LateReader {
    /// The next ones to be done together; empty at the end.
    pub(super) fn next_ones(&mut self) -> Result<Vec<Late>, LoadError> {
        let mut ones: Vec<Late> = Vec::new();
        let mut names = 0;
        while ones.len() < RESOURCES && names < NAMES {
            let mut text = Vec::new();
            if self.file.read_until(b'\n', &mut text).map_err(LoadError::Scratch)? == 0 {
                break;
            }
            let late: Late = serde_json::from_slice(&text).map_err(|error| LoadError::Scratch(error.into()))?;
            names += late.names();
            ones.push(late);
        }
        Ok(ones)
    }
}

/// A bad line, with its text where that is wanted.
pub(super) type LateBadLine = (Option<String>, BadLine);

/// A change that the third pass makes, with the line that asked for it.
struct Completion {
    line: u64,
    text: Option<String>,
    write: Write,
    pending_members: u64,
    unknown_managers: u64,
}

impl Filler<'_> {
    /// Does what is left; bad lines come back, each as it was read where that is wanted. Resources that somebody has changed meanwhile are left alone.
    pub(super) async fn complete(
        &self,
        late: Vec<Late>,
        counts: &mut LoadCounts,
    ) -> Result<Vec<LateBadLine>, LoadError> {
        let names: HashSet<String> =
            late.iter().flat_map(|late| late.members.iter().chain(&late.manager)).cloned().collect();
        let known = meanings(self.caller, self.directory.as_ref(), names.into_iter().collect()).await?;
        let mut bad = Vec::new();
        let mut completions = Vec::new();
        for mut one in late {
            let (line, text) = (one.line, one.text.take());
            match self.completion(one, &known).await? {
                Ok(completion) => completions.extend(completion.map(|completion| Completion { text, ..completion })),
                Err(problem) => bad.push((text, BadLine { line, problem })),
            }
        }
        if !self.skips_bad_lines && !bad.is_empty() {
            return Ok(bad);
        }
        while !completions.is_empty() {
            let writes = completions.iter().map(|completion| completion.write.clone()).collect();
            let refusal = match self.committed(writes).await? {
                Ok(committed) => {
                    for (completion, written) in completions.iter().zip(&committed.written) {
                        counts.completed += u64::from(written.changed);
                        counts.pending_members += completion.pending_members;
                        counts.unknown_managers += completion.unknown_managers;
                    }
                    break;
                }
                Err(refusal) => refusal,
            };
            let place = to_blame(&refusal);
            if place >= completions.len() {
                return Err(crate::AppError::from_commit(refusal, "").into());
            }
            let blamed = completions.remove(place);
            if !matches!(refusal, CommitError::VersionMismatch { .. } | CommitError::NotFound { .. }) {
                let problem = self.told(&blamed.write, refusal).await;
                bad.push((blamed.text, BadLine { line: blamed.line, problem }));
                if !self.skips_bad_lines {
                    break;
                }
            }
        }
        Ok(bad)
    }

    async fn told(&self, write: &Write, refusal: CommitError) -> String {
        let name = match write {
            Write::Update { resource_type, .. } => resource_type.clone(),
            _ => TypeName::new(""),
        };
        let schemas = self.caller.resource_schemas();
        let problem = match schemas.iter().find(|schema| type_name(schema) == name) {
            Some(schema) => refused(self.app, self.caller, schema, refusal).await.to_string(),
            None => refusal.to_string(),
        };
        format!("{problem}; the resource itself was created before")
    }

    /// The write that one resource needs; `Ok(None)`: none. The inner error says what is wrong with the line.
    async fn completion(
        &self,
        late: Late,
        known: &HashMap<String, Meaning>,
    ) -> Result<Result<Option<Completion>, String>, LoadError> {
        let schemas = self.caller.resource_schemas();
        let schema = schemas.iter().find(|schema| schema.resource_type().name == late.resource_type);
        let (Some(id), Some(schema)) = (ResourceId::parse(&late.id), schema) else { return Ok(Ok(None)) };
        let leniency = &self.caller.profile().leniency;
        let mut join = Vec::with_capacity(late.members.len());
        let mut pending_members = 0;
        for (place, name) in late.members.iter().enumerate() {
            join.push(match known.get(name) {
                Some(Meaning::One(id)) => MemberReference::Id(*id),
                Some(Meaning::Several) => return Ok(Err(ambiguous_member(place))),
                None => {
                    pending_members += 1;
                    MemberReference::parse(name)
                }
            });
        }
        let (new_content, unknown_managers) = match &late.manager {
            None => (None, 0),
            Some(name) => {
                let include = Include::default();
                let found = self.directory.find_resource(&type_name(schema), id, include).await?;
                let unchanged = found.filter(|found| found.version == Version::FIRST);
                let Some(found) = unchanged else { return Ok(Ok(None)) };
                let mut document = found.document.into_document().map_err(crate::AppError::from)?;
                if has_manager(&document) {
                    return Ok(Ok(None));
                }
                let (value, unknown) = match known.get(name) {
                    Some(Meaning::One(id)) => (id.to_string(), 0),
                    Some(Meaning::Several) => return Ok(Err(AMBIGUOUS_MANAGER.to_owned())),
                    // Whom nobody knows is kept as it was sent, as by a POST.
                    None => (name.clone(), 1),
                };
                set_manager(&mut document, value);
                match content(schema, document, leniency) {
                    Ok(content) => (Some(content), unknown),
                    Err(error) => return Ok(Err(error.to_string())),
                }
            }
        };
        let change = MembershipChange::Adjust { leave: Vec::new(), join };
        let members = (!late.members.is_empty()).then(|| membership::delta(change, leniency));
        let write = Write::Update {
            id,
            resource_type: type_name(schema),
            expected: Some(Version::FIRST),
            content: new_content,
            members,
        };
        Ok(Ok(Some(Completion { line: late.line, text: None, write, pending_members, unknown_managers })))
    }
}
