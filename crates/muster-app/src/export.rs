//! What a connection owns, as the lines of JSON that [`crate::load`] reads: the way out of a directory, and from one into
//! another.
//!
//! Lines name one another by `externalId` or `userName`, because ids are given anew. Whether a name means the right one is
//! asked of the code that a load will ask. Groups come before people: the pages are of different moments, and who is in a
//! group that was read is still to come then, also when he was created meanwhile. (A load puts groups aside, so that any
//! order is good for it.)
//!
//! In memory are one page of people, or one page of groups without their members and one group with them: the packed ids and
//! names ([`muster_model::Members`]), the names of those whom nobody knows, and the text of a page of them.
//!
//! What nobody may read is not exported: passwords, whatever else is never returned (RFC 7643 section 7), and what the
//! connection's schemas do not define.

mod line;
mod names;

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};
use std::sync::Arc;

use muster_model::{ConnectionId, Members, StoredResource};
use muster_store::{Directory, Include, PageStart, ResourceQuery, Scope, StoreError};
use scim::ResourceSchema;

use self::line::Line;
use self::names::{Named, Names};
use crate::load::LONGEST_LINE;
use crate::load::names::{Meaning, meanings};
use crate::resources::{holds_members, type_name};
use crate::{App, AppError, OperatorAccess, ScimCaller};

/// As many people, groups or members are read together.
const PAGE: usize = 500;

/// What was written so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExportCounts {
    /// The lines, by resource type.
    pub resources: BTreeMap<String, u64>,
    pub bytes: u64,
    /// Of all groups.
    pub members: u64,
    /// Members that nobody knows, under the names that they were given.
    pub pending_members: u64,
    /// Members that are left out, because no name means them and nobody else.
    pub unnamed_members: u64,
    /// Members and managers that nobody knew by the name they were given, and that a load would take for somebody. They are
    /// left out, for a load must not put into a group who is not in it.
    pub mistakable: u64,
    /// Managers that no name means; the line has the id that they have here.
    pub unnamed_managers: u64,
    /// Lines that a load refuses, for they have nothing by which to recognise them or lack what they must have.
    pub refusable: u64,
    /// Lines that a load refuses for their length.
    pub too_long: u64,
}

impl ExportCounts {
    /// Whether everything that may go out is in it in a form that a load takes. Whether it is unique there as well is for the
    /// load to say: two groups of one name are two lines.
    pub fn is_complete(&self) -> bool {
        [self.unnamed_members, self.mistakable, self.unnamed_managers, self.refusable, self.too_long] == [0; 5]
    }
}

/// Why an export ended early.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error(transparent)]
    App(#[from] AppError),
    #[error("the lines cannot be written")]
    Unwritable(#[source] io::Error),
}

impl From<StoreError> for ExportError {
    fn from(error: StoreError) -> Self {
        Self::App(error.into())
    }
}

/// Whom an export tells how far it is.
pub type Progress<'a> = &'a mut (dyn FnMut(&ExportCounts) + Send);

/// Writes everything that the connection owns. Members whom others brought are to it as if they were not there
/// (docs/adr/0017), and a manager whom another brought stays the id that he is here.
pub async fn export(
    app: &App,
    _access: &OperatorAccess,
    connection: ConnectionId,
    output: &mut (dyn Write + Send),
    progress: Progress<'_>,
) -> Result<ExportCounts, ExportError> {
    let connection = app.store.find_connection(connection).await?.ok_or(AppError::ConnectionNotFound)?;
    let caller = ScimCaller::of_released(app, &connection).await?;
    let directory = app.store.directory(connection.tenant, Scope::Connection(connection.id));
    let seen = caller.directory(app);
    let mut export = Export { directory, seen, caller: &caller, output, progress, counts: ExportCounts::default() };
    let (groups, others): (Vec<_>, Vec<_>) = caller.resource_schemas().iter().partition(|schema| holds_members(schema));
    for schema in groups.into_iter().chain(others) {
        export.all_of(schema).await?;
    }
    export.output.flush().map_err(ExportError::Unwritable)?;
    Ok(export.counts)
}

struct Export<'a> {
    /// What the connection owns.
    directory: Arc<dyn Directory>,
    /// What it sees, which may be more.
    seen: Arc<dyn Directory>,
    caller: &'a ScimCaller,
    output: &'a mut (dyn Write + Send),
    progress: Progress<'a>,
    counts: ExportCounts,
}

impl Export<'_> {
    /// In the order of creation.
    async fn all_of(&mut self, schema: &Arc<ResourceSchema>) -> Result<(), ExportError> {
        let first = ResourceQuery::first(Arc::clone(schema), PAGE as u64);
        let mut query = ResourceQuery { counts_all: false, ..first };
        loop {
            let page = self.directory.list_resources(&query).await?;
            let (last, goes_on) = (page.last_place(), page.has_after);
            if holds_members(schema) {
                for group in page.resources {
                    self.group(schema, group).await?;
                }
            } else {
                self.people(schema, page.resources).await?;
            }
            (self.progress)(&self.counts);
            match last {
                Some(last) if goes_on => query.start = PageStart::After(last),
                _ => return Ok(()),
            }
        }
    }

    async fn people(&mut self, schema: &Arc<ResourceSchema>, people: Vec<StoredResource>) -> Result<(), ExportError> {
        let mut lines = Vec::with_capacity(people.len());
        for person in people {
            lines.push(Line::of(schema, person.document.into_document().map_err(AppError::from)?));
        }
        let managers: Vec<_> = lines.iter().filter_map(Line::manager).collect();
        let names = Names::of(self.directory.as_ref(), self.caller, &managers).await?;
        let unknown = lines.iter().filter_map(Line::unknown_manager).map(str::to_owned).collect();
        let mistakable = self.mistakable(unknown).await?;
        for mut line in lines {
            if line.unknown_manager().is_some_and(|name| mistakable.contains_key(name)) {
                line.leave_manager_out();
                self.counts.mistakable += 1;
            }
            if let Some(manager) = line.manager() {
                match names.find(manager) {
                    Named::By(name) => line.name_manager(name),
                    Named::ByNothing => self.counts.unnamed_managers += 1,
                    // Nobody whom the connection owns: it stays as it is.
                    Named::NotThere => {}
                }
            }
            self.judge(schema, &line);
            let mut text = line.begin();
            text.extend_from_slice(b"}\n");
            self.put(&text)?;
            self.count(schema, text.len());
        }
        Ok(())
    }

    /// A group, whose members are read as of one moment and written page by page.
    async fn group(&mut self, schema: &Arc<ResourceSchema>, group: StoredResource) -> Result<(), ExportError> {
        let include = Include { members: true, groups: false };
        let Some(group) = self.directory.find_resource(&type_name(schema), group.id, include).await? else {
            // Deleted meanwhile.
            return Ok(());
        };
        let pending = self.directory.list_pending_members(group.id).await?;
        let members = group.members.unwrap_or_default();
        let line = Line::of(schema, group.document.into_document().map_err(AppError::from)?);
        self.judge(schema, &line);
        let mut text = line.begin();
        let mut length = 0;
        let mut is_begun = false;
        let mut page = Vec::with_capacity(PAGE);
        for begin in (0..members.len()).step_by(PAGE) {
            page.clear();
            page.extend(ids(&members, begin));
            let names = Names::of(self.directory.as_ref(), self.caller, &page).await?;
            for id in &page {
                match names.find(*id) {
                    Named::By(name) => {
                        line::member(&mut text, &mut is_begun, name);
                        self.counts.members += 1;
                    }
                    Named::ByNothing => self.counts.unnamed_members += 1,
                    // Deleted meanwhile.
                    Named::NotThere => {}
                }
            }
            length += self.put(&text)?;
            text.clear();
            (self.progress)(&self.counts);
        }
        for names in pending.chunks(PAGE) {
            let mistakable = self.mistakable(names.to_vec()).await?;
            for name in names {
                if mistakable.contains_key(name) {
                    self.counts.mistakable += 1;
                } else {
                    line::member(&mut text, &mut is_begun, name);
                    self.counts.pending_members += 1;
                }
            }
            length += self.put(&text)?;
            text.clear();
        }
        text.extend_from_slice(if is_begun { b"]}\n" } else { b"}\n" });
        length += self.put(&text)?;
        self.count(schema, length);
        Ok(())
    }

    /// Which of these names a load would take for somebody, asked where it would ask. The edge takes ids only, so that somebody
    /// may well be called what a group waits for without being in it.
    async fn mistakable(&self, names: Vec<String>) -> Result<HashMap<String, Meaning>, ExportError> {
        if names.is_empty() {
            return Ok(HashMap::new());
        }
        Ok(meanings(self.caller, self.seen.as_ref(), names).await?)
    }

    fn judge(&mut self, schema: &ResourceSchema, line: &Line) {
        let is_taken = !line.lacks_required && line.is_recognisable(schema, &self.caller.profile().leniency);
        self.counts.refusable += u64::from(!is_taken);
    }

    fn put(&mut self, text: &[u8]) -> Result<usize, ExportError> {
        self.output.write_all(text).map_err(ExportError::Unwritable)?;
        self.counts.bytes += text.len() as u64;
        Ok(text.len())
    }

    /// A line is done.
    fn count(&mut self, schema: &ResourceSchema, length: usize) {
        *self.counts.resources.entry(schema.resource_type().name.clone()).or_default() += 1;
        self.counts.too_long += u64::from(length > LONGEST_LINE);
    }
}

fn ids(members: &Members, begin: usize) -> impl Iterator<Item = muster_model::ResourceId> {
    (begin..members.len()).take(PAGE).filter_map(|place| members.get(place).map(|member| member.id))
}
