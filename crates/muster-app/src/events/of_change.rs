//! From an entry of the change log to events.

use aws_lc_rs::digest::{SHA256, digest};
use muster_model::{Activity, Change, ChangeKind, EventId, ResourceId, TenantId};

use super::{Event, EventType};

/// So many members are in one event, which keeps a message under 20 kB (Standard Webhooks 1.0.0, "Payload size").
const MOST_MEMBERS: usize = 100;
/// Told by events of their own.
const ACTIVE: &str = "active";

/// The words for one kind of resource.
struct Words {
    created: EventType,
    updated: EventType,
    deleted: EventType,
    /// For who has access that can be taken.
    has_access: bool,
}

impl Words {
    fn of(resource_type: &str) -> Self {
        let (created, updated, deleted) = match resource_type {
            "User" => (EventType::UserCreated, EventType::UserUpdated, EventType::UserDeleted),
            "Group" => (EventType::GroupCreated, EventType::GroupUpdated, EventType::GroupDeleted),
            _ => (EventType::ResourceCreated, EventType::ResourceUpdated, EventType::ResourceDeleted),
        };
        Self { created, updated, deleted, has_access: resource_type == "User" }
    }
}

/// The events of an entry, in order: what became of the resource, who left, who joined.
pub(crate) fn events_of(tenant: TenantId, change: &Change) -> Vec<Event> {
    let mut told: Vec<(EventType, &[ResourceId])> = Vec::new();
    let words = Words::of(change.resource_type.as_str());
    match change.kind {
        ChangeKind::Created => told.push((words.created, &[])),
        ChangeKind::Deleted => told.push((words.deleted, &[])),
        ChangeKind::MembersChanged => {}
        ChangeKind::Updated => {
            let activity = change.notes.activity.filter(|_| words.has_access);
            let others = change.notes.changed.iter().flatten().any(|name| name != ACTIVE);
            if activity.is_none() || others {
                told.push((words.updated, &[]));
            }
            told.extend(activity.map(|activity| match activity {
                Activity::Deactivated => (EventType::UserDeactivated, [].as_slice()),
                Activity::Reactivated => (EventType::UserReactivated, [].as_slice()),
            }));
        }
    }
    told.extend(change.left.chunks(MOST_MEMBERS).map(|left| (EventType::MemberRemoved, left)));
    told.extend(change.joined.chunks(MOST_MEMBERS).map(|joined| (EventType::MemberAdded, joined)));
    let numbered = (0_u32..).zip(told);
    numbered.map(|(place, (event_type, members))| event(tenant, change, place, event_type, members)).collect()
}

fn event(tenant: TenantId, change: &Change, place: u32, event_type: EventType, members: &[ResourceId]) -> Event {
    let is_of_members = matches!(event_type, EventType::MemberAdded | EventType::MemberRemoved);
    Event {
        id: event_id(tenant, change, place),
        event_type,
        timestamp: change.at,
        sequence: change.sequence,
        place,
        resource_type: change.resource_type.clone(),
        resource: change.resource,
        version: change.version,
        changed: change.notes.changed.clone().filter(|_| !is_of_members),
        members: members.to_vec(),
        connection: change.connection,
        request: change.notes.request.clone(),
        object: None,
    }
}

/// Follows from what it is of, so that it is the same whenever the entry is read. Numbers of the log begin again when a
/// database is restored from a backup, wherefore the change itself counts, too.
fn event_id(tenant: TenantId, change: &Change, place: u32) -> EventId {
    let mut text = Vec::with_capacity(80);
    text.extend_from_slice(b"muster event 1");
    text.extend_from_slice(tenant.as_uuid().as_bytes());
    text.extend_from_slice(&change.sequence.0.to_be_bytes());
    text.extend_from_slice(&place.to_be_bytes());
    text.extend_from_slice(change.resource.as_uuid().as_bytes());
    text.extend_from_slice(&change.version.0.to_be_bytes());
    text.extend_from_slice(&change.at.as_microsecond().to_be_bytes());
    derived_id(change.at, &text)
}

/// In the form of a UUIDv7 (RFC 9562 section 5.7): ids sort by time.
pub(super) fn derived_id(at: jiff::Timestamp, text: &[u8]) -> EventId {
    let digest = digest(&SHA256, text);
    let mut random = [0; 10];
    for (place, byte) in random.iter_mut().zip(digest.as_ref()) {
        *place = *byte;
    }
    let millis = u64::try_from(at.as_millisecond()).unwrap_or(0);
    EventId::from_uuid(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
}

#[cfg(test)]
mod tests {
    use muster_model::{ChangeNotes, Sequence, TypeName, Version};
    use uuid::Uuid;

    use super::*;

    fn id(number: u128) -> ResourceId {
        ResourceId::from_uuid(Uuid::from_u128(number))
    }

    fn change(kind: ChangeKind, resource_type: &str, notes: ChangeNotes) -> Change {
        Change {
            sequence: Sequence(7),
            kind,
            resource_type: TypeName::new(resource_type),
            resource: id(1),
            version: Version(3),
            joined: Vec::new(),
            left: Vec::new(),
            connection: None,
            at: "2026-01-01T00:00:00.123456Z".parse().unwrap(),
            notes,
        }
    }

    fn types(change: &Change) -> Vec<&'static str> {
        events_of(TenantId::from_uuid(Uuid::nil()), change).iter().map(|event| event.event_type.as_str()).collect()
    }

    fn noted(changed: &[&str], activity: Option<Activity>) -> ChangeNotes {
        let changed = Some(changed.iter().map(|name| (*name).to_owned()).collect());
        ChangeNotes { changed, activity, request: None }
    }

    #[test]
    fn access_and_other_attributes_are_told_apart() {
        let of = |changed: &[&str], activity| types(&change(ChangeKind::Updated, "User", noted(changed, activity)));
        assert_eq!(of(&["active"], Some(Activity::Deactivated)), ["directory.user.deactivated"]);
        assert_eq!(of(&["active"], Some(Activity::Reactivated)), ["directory.user.reactivated"]);
        assert_eq!(
            of(&["title", "active"], Some(Activity::Deactivated)),
            ["directory.user.updated", "directory.user.deactivated"]
        );
        // "active" that says what was so before.
        assert_eq!(of(&["active"], None), ["directory.user.updated"]);
        // An entry of a former release.
        assert_eq!(types(&change(ChangeKind::Updated, "User", ChangeNotes::default())), ["directory.user.updated"]);
        let device = change(ChangeKind::Updated, "Device", noted(&["active"], Some(Activity::Deactivated)));
        assert_eq!(types(&device), ["directory.resource.updated"]);
    }

    #[test]
    fn members_are_told_as_who_left_and_who_joined_in_small_numbers() {
        let mut of_group = change(ChangeKind::Updated, "Group", noted(&["displayName"], None));
        of_group.left = vec![id(2)];
        of_group.joined = (10..260).map(id).collect();
        let told = events_of(TenantId::from_uuid(Uuid::nil()), &of_group);
        let counts: Vec<_> = told.iter().map(|event| (event.event_type.as_str(), event.members.len())).collect();
        assert_eq!(
            counts,
            [
                ("directory.group.updated", 0),
                ("directory.group.member.removed", 1),
                ("directory.group.member.added", 100),
                ("directory.group.member.added", 100),
                ("directory.group.member.added", 50),
            ]
        );
        assert!(told.iter().all(|event| event.to_json().to_string().len() < 20_000));
        assert_eq!((told[0].changed.is_some(), told[1].changed.is_some()), (true, false));
        of_group.kind = ChangeKind::MembersChanged;
        assert_eq!(types(&of_group)[0], "directory.group.member.removed");
    }

    #[test]
    fn an_event_has_the_same_id_whenever_it_is_read_and_another_one_another() {
        let tenant = TenantId::from_uuid(Uuid::nil());
        let first = change(ChangeKind::Created, "User", ChangeNotes::default());
        let event_of = |change: &Change| events_of(tenant, change)[0].id;
        assert_eq!(event_of(&first), event_of(&first.clone()));
        assert!(event_of(&first).to_string().starts_with("evt_019b76daa87b7"), "it sorts by time");
        let others = [
            Change { sequence: Sequence(8), ..first.clone() },
            // The same number after a restore.
            Change { resource: id(2), ..first.clone() },
            Change { version: Version(4), ..first.clone() },
        ];
        for other in others {
            assert_ne!(event_of(&other), event_of(&first));
        }
        assert_ne!(events_of(TenantId::from_uuid(Uuid::max()), &first)[0].id, event_of(&first));
    }
}
