//! The present directory as events, for who has lost his place or begins: each resource is created, then its members join.
//!
//! The end of the change log is noted before anything is read. So whatever is read is at least as new, and the feed from there
//! tells everything that may have been missed or half seen: who takes the snapshot and then the feed has exactly the directory,
//! however often it was changed meanwhile. A group's members are read on behind a member, not at a number, so that nobody slips
//! through because others leave.

use std::sync::Arc;

use muster_model::{EventId, Members, ResourceId, Sequence, StoredResource, TenantId};
use muster_store::{Directory, Include, PageStart, Place, ResourceQuery, Scope};
use scim::ResourceSchema;
use scim::schema::SchemaSet;
use uuid::Uuid;

use super::cursor::{FeedCursor, SnapshotCursor, from_text, to_text};
use super::object::shown;
use super::of_change::derived_id;
use super::{Event, EventType};
use crate::operator::{Grants, may};
use crate::resources::{holds_members, type_name};
use crate::tenants::TenantName;
use crate::{App, AppError, tenants};

/// In one page, more or less: a resource's events are not taken apart below [`MEMBERS`] members.
pub const MOST_SNAPSHOT_EVENTS: usize = 500;
/// In one event, as in the feed.
const MEMBERS: usize = 100;

/// A page of the snapshot.
#[derive(Clone, Debug, PartialEq)]
pub struct SnapshotPage {
    pub events: Vec<Event>,
    /// Where the next page begins; `None`: this was the last.
    pub next: Option<String>,
    /// The cursor with which the feed goes on when all pages were read. The same in all of them.
    pub feed: String,
    /// The same as a number of the change log.
    pub sequence: Sequence,
}

/// A page of the tenant's present directory; `cursor` is what the page before gave.
pub async fn snapshot(
    app: &App,
    access: &impl Grants<may::ReadEvents>,
    tenant: Option<TenantName>,
    cursor: Option<&str>,
    limit: usize,
) -> Result<SnapshotPage, AppError> {
    let tenant = tenants::named(app, access.reach(), tenant).await?.id;
    let directory = app.store.directory(tenant, Scope::Tenant);
    let schemas = app.schemas.whole(directory.as_ref()).await?;
    let place = match cursor {
        Some(text) => from_text::<SnapshotCursor>(tenant, text)?,
        None => SnapshotCursor {
            sequence: directory.find_last_sequence().await?,
            resource_type: in_order(&schemas).next().map(|schema| type_name(schema).to_string()).unwrap_or_default(),
            after: None,
            members_after: None,
        },
    };
    let sequence = place.sequence;
    let limit = limit.clamp(1, MOST_SNAPSHOT_EVENTS);
    let mut reader = Reader { directory: directory.as_ref(), tenant, schemas: &schemas, limit, events: Vec::new() };
    let next = reader.read(place).await?;
    Ok(SnapshotPage {
        events: reader.events,
        next: next.map(|next| to_text(tenant, &next)).transpose()?,
        feed: to_text(tenant, &FeedCursor { after: sequence, skip: 0 })?,
        sequence,
    })
}

/// Groups last, so that their members are known.
fn in_order(schemas: &SchemaSet) -> impl Iterator<Item = &Arc<ResourceSchema>> {
    let of = |groups: bool| schemas.resource_schemas().iter().filter(move |schema| holds_members(schema) == groups);
    of(false).chain(of(true))
}

struct Reader<'a> {
    directory: &'a dyn Directory,
    tenant: TenantId,
    schemas: &'a SchemaSet,
    limit: usize,
    events: Vec<Event>,
}

impl Reader<'_> {
    /// Where the next page begins.
    async fn read(&mut self, mut place: SnapshotCursor) -> Result<Option<SnapshotCursor>, AppError> {
        loop {
            let Some(schema) = self.schemas.resource_schema(&place.resource_type) else {
                return Err(AppError::InvalidInput(
                    "the snapshot has come to a resource type that the tenant no longer has; begin a new one"
                        .to_owned(),
                ));
            };
            while self.events.len() < self.limit {
                if !self.read_some(schema, &mut place).await? {
                    let behind =
                        in_order(self.schemas).skip_while(|known| type_name(known) != type_name(schema)).nth(1);
                    let Some(behind) = behind else { return Ok(None) };
                    let resource_type = type_name(behind).to_string();
                    place = SnapshotCursor { resource_type, after: None, members_after: None, ..place };
                    break;
                }
            }
            if self.events.len() >= self.limit {
                return Ok(Some(place));
            }
        }
    }

    /// Reads on within a type; `false`: there are no more.
    async fn read_some(&mut self, schema: &Arc<ResourceSchema>, place: &mut SnapshotCursor) -> Result<bool, AppError> {
        // Each group has a page's worth of events by itself, perhaps.
        let wanted = if holds_members(schema) { 1 } else { self.limit.saturating_sub(self.events.len()) };
        let start = place.after.map_or(PageStart::Offset(0), |id| PageStart::After(Place { key: None, id }));
        let first = ResourceQuery::first(Arc::clone(schema), wanted as u64);
        let query = ResourceQuery { start, counts_all: false, ..first };
        let page = self.directory.list_resources(&query).await?;
        if page.resources.is_empty() {
            return Ok(false);
        }
        for resource in page.resources {
            let id = resource.id;
            if !holds_members(schema) {
                self.create(place.sequence, resource)?;
            } else if !self.group(schema, place, id).await? {
                return Ok(true);
            }
            (place.after, place.members_after) = (Some(id), None);
        }
        Ok(true)
    }

    /// `false`: its members were not read to the end.
    async fn group(
        &mut self,
        schema: &Arc<ResourceSchema>,
        place: &mut SnapshotCursor,
        id: ResourceId,
    ) -> Result<bool, AppError> {
        let include = Include { members: true, groups: false };
        // Gone meanwhile, as the feed will tell.
        let Some(mut group) = self.directory.find_resource(&type_name(schema), id, include).await? else {
            return Ok(true);
        };
        let members = sorted(&group.members.take().unwrap_or_default(), place.members_after);
        if place.members_after.is_none() {
            self.create(place.sequence, group.clone())?;
            // Less than every member, so that a page that ends here does not begin with the group again.
            place.members_after = Some(ResourceId::from_uuid(Uuid::nil()));
        }
        for chunk in members.chunks(MEMBERS) {
            if self.events.len() >= self.limit {
                return Ok(false);
            }
            let event = self.event(place.sequence, &group, EventType::MemberAdded, chunk);
            self.events.push(event);
            place.members_after = chunk.last().copied();
        }
        Ok(true)
    }

    fn create(&mut self, sequence: Sequence, resource: StoredResource) -> Result<(), AppError> {
        let event_type = match resource.resource_type.as_str() {
            "User" => EventType::UserCreated,
            "Group" => EventType::GroupCreated,
            _ => EventType::ResourceCreated,
        };
        let event = self.event(sequence, &resource, event_type, &[]);
        let object = shown(self.schemas, resource)?;
        self.events.push(Event { object, ..event });
        Ok(())
    }

    fn event(
        &self,
        sequence: Sequence,
        resource: &StoredResource,
        event_type: EventType,
        members: &[ResourceId],
    ) -> Event {
        Event {
            id: self.event_id(sequence, resource, members),
            event_type,
            timestamp: resource.last_modified,
            sequence,
            place: 0,
            resource_type: resource.resource_type.clone(),
            resource: resource.id,
            version: resource.version,
            changed: None,
            members: members.to_vec(),
            connection: resource.owner,
            request: None,
            object: None,
        }
    }

    /// Another id than any event of the feed has.
    fn event_id(&self, sequence: Sequence, resource: &StoredResource, members: &[ResourceId]) -> EventId {
        let mut text = b"muster snapshot 1".to_vec();
        text.extend_from_slice(self.tenant.as_uuid().as_bytes());
        text.extend_from_slice(&sequence.0.to_be_bytes());
        text.extend_from_slice(resource.id.as_uuid().as_bytes());
        text.extend_from_slice(&resource.version.0.to_be_bytes());
        text.extend(members.iter().flat_map(|member| *member.as_uuid().as_bytes()));
        derived_id(resource.last_modified, &text)
    }
}

/// By their ids, those behind the given one.
fn sorted(members: &Members, after: Option<ResourceId>) -> Vec<ResourceId> {
    let mut ids: Vec<ResourceId> = members.iter().map(|member| member.id).collect();
    ids.retain(|id| after.is_none_or(|after| *id > after));
    ids.sort_unstable();
    ids
}
