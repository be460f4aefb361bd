//! What happened in a tenant, in the words of a catalogue: the change log as others read it (docs/adr/0028).
//!
//! An entry of the log becomes one event or several, always the same ones with the same ids, so the feed, the webhooks and
//! whoever asks again speak of the same thing. An event names what differs and carries no values; the resource comes along as
//! it is when the event is read, for those who want it. Whoever puts each resource in the place of what he had of it, and
//! follows joining, leaving and deletion, has the directory as it is once he has come to the end.

mod catalogue;
mod cursor;
mod feed;
mod object;
mod of_change;
mod readable;
mod snapshot;

use jiff::Timestamp;
use muster_model::{ConnectionId, EventId, ResourceId, Sequence, TypeName, Version};
use serde_json::{Value, json};

pub use catalogue::{CATALOGUE, EventType, check_types};
pub(crate) use feed::end_of_log;
pub use feed::{FeedPage, FeedQuery, LONGEST_WAIT, MOST_EVENTS, Start, list};
pub(crate) use object::{add_object, objects_of};
pub(crate) use of_change::events_of;
pub use snapshot::{MOST_SNAPSHOT_EVENTS, SnapshotPage, snapshot};

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub id: EventId,
    pub event_type: EventType,
    pub timestamp: Timestamp,
    /// The entry of the change log that it is of.
    pub sequence: Sequence,
    /// Its place among the events of that entry, from 0.
    pub place: u32,
    pub resource_type: TypeName,
    pub resource: ResourceId,
    /// The version that the change made; of a deletion, the one that was deleted.
    pub version: Version,
    /// Attributes whose values differ; `None` where nobody noted them.
    pub changed: Option<Vec<String>>,
    /// Who joined or left; never all members of a group.
    pub members: Vec<ResourceId>,
    /// The connection that made the change.
    pub connection: Option<ConnectionId>,
    /// The id under which the log has the request.
    pub request: Option<String>,
    /// The resource as it was when the event was read, without members and groups; `None` when it was gone or not asked for.
    pub object: Option<Value>,
}

impl Event {
    /// The form in which events leave the house, by whatever way. What is not known is left out.
    pub fn to_json(&self) -> Value {
        let mut data = json!({
            "sequence": self.sequence,
            "resource_type": self.resource_type.as_str(),
            "resource_id": self.resource,
            "version": self.version.0,
        });
        let mut add = |name: &str, value: Option<Value>| {
            if let (Value::Object(data), Some(value)) = (&mut data, value) {
                data.insert(name.to_owned(), value);
            }
        };
        add("changed", self.changed.as_ref().map(|changed| json!(changed)));
        add("members", (!self.members.is_empty()).then(|| json!(self.members)));
        add("connection", self.connection.map(|connection| json!(connection)));
        add("request", self.request.as_ref().map(|request| json!(request)));
        add("object", self.object.clone());
        json!({
            "id": self.id,
            "type": self.event_type.as_str(),
            "timestamp": self.timestamp.to_string(),
            "data": data,
        })
    }
}
