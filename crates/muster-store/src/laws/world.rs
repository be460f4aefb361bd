//! A tenant of its own for each law, and short words for what laws do.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use muster_model::fake::{FakeClock, SeededRng};
use muster_model::{
    Change, Clock, Connection, ConnectionId, Credential, CredentialDigest, CredentialId, MemberReference, Overrides,
    Provider, ResourceId, Sequence, StoredResource, Tenant, TenantId, Token, TokenKind, TypeName, Version,
};
use scim::filter::Filter;
use scim::schema::{group_resource_schema, user_resource_schema};
use scim::{Document, Leniency, ResourceSchema};
use serde_json::{Value, json};

use crate::batch::MembershipChange;
use crate::keys::{keys_of, label_of};
use crate::{
    Batch, CommitError, Committed, Directory, Include, MembershipDelta, NewDocument, ResourceQuery, Scope, Store,
    UnknownMembers, Write, Written,
};

pub(super) const EVERYTHING: Include = Include { members: true, groups: true };
pub(super) const NOTHING: Include = Include { members: false, groups: false };

/// The two resource types that laws use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    User,
    Group,
}

impl Kind {
    pub(super) fn name(self) -> TypeName {
        TypeName::new(match self {
            Self::User => "User",
            Self::Group => "Group",
        })
    }

    pub(super) fn schema(self) -> Arc<ResourceSchema> {
        match self {
            Self::User => user_resource_schema(),
            Self::Group => group_resource_schema(),
        }
    }
}

pub(super) struct World {
    pub(super) store: Arc<dyn Store>,
    pub(super) tenant: Tenant,
    pub(super) directory: Arc<dyn Directory>,
    clock: FakeClock,
    rng: SeededRng,
}

impl World {
    pub(super) async fn new(store: Arc<dyn Store>) -> Self {
        let clock = FakeClock::new();
        // Laws may share a database that outlives the process, so their ids must differ from run to run.
        let rng = SeededRng::new(RandomState::new().hash_one("world"));
        let id = TenantId::new(&clock, &rng);
        let tenant = Tenant { id, name: id.to_string(), created: clock.now() };
        store.create_tenant(&tenant).await.unwrap();
        let directory = store.directory(id, Scope::Tenant);
        Self { store, tenant, directory, clock, rng }
    }

    /// A later moment at each call.
    pub(super) fn now(&self) -> Timestamp {
        self.clock.advance(Duration::from_millis(1));
        self.clock.now()
    }

    pub(super) fn new_id(&self) -> ResourceId {
        self.clock.advance(Duration::from_millis(1));
        ResourceId::new(&self.clock, &self.rng)
    }

    pub(super) fn new_connection(&self, name: &str) -> Connection {
        let created = self.now();
        let id = ConnectionId::new(&self.clock, &self.rng);
        let overrides = Overrides::default();
        Connection {
            id,
            tenant: self.tenant.id,
            name: name.to_owned(),
            provider: Provider::Okta,
            overrides,
            created,
            revision: Connection::FIRST_REVISION,
            suspended: None,
        }
    }

    pub(super) fn new_credential(&self, connection: &Connection) -> Credential {
        let token = Token::new(TokenKind::ScimBearer, &self.rng);
        let created = self.now();
        Credential {
            id: CredentialId::new(&self.clock, &self.rng),
            tenant: connection.tenant,
            connection: connection.id,
            digest: CredentialDigest::of(&token),
            last_four: token.last_four().to_owned(),
            created,
            expires: Some(created + Duration::from_hours(1)),
            suspended: None,
            replaces: None,
        }
    }

    pub(super) async fn add_connection(&self, name: &str) -> (Connection, Credential) {
        let connection = self.new_connection(name);
        let credential = self.new_credential(&connection);
        self.store.create_connection(&connection, &credential).await.unwrap();
        (connection, credential)
    }

    pub(super) fn batch(&self, writes: Vec<Write>) -> Batch {
        Batch { writes, connection: None, request: None, at: self.now(), guard: crate::Guard::default() }
    }

    pub(super) async fn commit(&self, writes: Vec<Write>) -> Result<Committed, CommitError> {
        self.directory.commit(self.batch(writes)).await
    }

    pub(super) async fn commit_one(&self, write: Write) -> Result<Written, CommitError> {
        self.commit(vec![write]).await.map(|committed| {
            assert_eq!(committed.written.len(), 1, "one answer a write");
            committed.written.into_iter().next().unwrap()
        })
    }

    pub(super) async fn add_user(&self, name: &str) -> ResourceId {
        let id = self.new_id();
        self.commit_one(create(Kind::User, id, user(name))).await.unwrap();
        id
    }

    pub(super) async fn add_group(&self, name: &str, members: &[ResourceId]) -> ResourceId {
        let id = self.new_id();
        let mut write = create(Kind::Group, id, group(name));
        if let Write::Create { members: wanted, .. } = &mut write {
            *wanted = Some(join(members));
        }
        self.commit_one(write).await.unwrap();
        id
    }

    pub(super) async fn find(&self, kind: Kind, id: ResourceId) -> Option<StoredResource> {
        self.directory.find_resource(&kind.name(), id, EVERYTHING).await.unwrap()
    }

    pub(super) async fn version(&self, kind: Kind, id: ResourceId) -> Version {
        self.find(kind, id).await.expect("the resource is there").version
    }

    pub(super) async fn member_ids(&self, group: ResourceId) -> Vec<ResourceId> {
        let found = self.find(Kind::Group, group).await.expect("the group is there");
        found.members.expect("members were asked for").iter().map(|member| member.id).collect()
    }

    pub(super) async fn pending(&self, group: ResourceId) -> Vec<String> {
        self.directory.list_pending_members(group).await.unwrap()
    }

    /// The whole change log.
    pub(super) async fn changes(&self) -> Vec<Change> {
        self.directory.list_changes(Sequence::START, usize::MAX).await.unwrap()
    }

    /// Entries that were not there yet.
    pub(super) async fn changes_after(&self, seen: usize) -> Vec<Change> {
        self.changes().await.split_off(seen)
    }

    /// How many resources an unfiltered list says there are, and how many it shows.
    pub(super) async fn count(&self, kind: Kind) -> (u64, usize) {
        let page = self.directory.list_resources(&query(kind, None)).await.unwrap();
        (page.total.unwrap(), page.resources.len())
    }
}

pub(super) fn document(value: Value) -> Document {
    match value {
        Value::Object(members) => members,
        other => panic!("not an object: {other}"),
    }
}

/// As the application prepares it, with unique group names.
pub(super) fn content(kind: Kind, value: Value) -> NewDocument {
    let document = document(value);
    let keys = keys_of(&kind.schema(), &document, &Leniency::TOLERANT);
    NewDocument { label: label_of(&document), keys, document, difference: None }
}

pub(super) fn user(name: &str) -> NewDocument {
    content(Kind::User, json!({"userName": name, "active": true}))
}

pub(super) fn group(name: &str) -> NewDocument {
    content(Kind::Group, json!({"displayName": name}))
}

pub(super) fn create(kind: Kind, id: ResourceId, content: NewDocument) -> Write {
    Write::Create { id, resource_type: kind.name(), owner: None, content, members: None }
}

pub(super) fn replace(kind: Kind, id: ResourceId, expected: Version, content: NewDocument) -> Write {
    let content = Some(content);
    Write::Update { id, resource_type: kind.name(), expected: Some(expected), content, members: None }
}

pub(super) fn delete(kind: Kind, id: ResourceId) -> Write {
    Write::Delete { id, resource_type: kind.name(), expected: None }
}

pub(super) fn change_members(group: ResourceId, members: MembershipDelta) -> Write {
    let resource_type = Kind::Group.name();
    Write::Update { id: group, resource_type, expected: None, content: None, members: Some(members) }
}

pub(super) fn references(ids: &[ResourceId]) -> Vec<MemberReference> {
    ids.iter().copied().map(MemberReference::Id).collect()
}

pub(super) fn adjust(leave: &[ResourceId], join: &[ResourceId]) -> MembershipDelta {
    let change = MembershipChange::Adjust { leave: references(leave), join: references(join) };
    MembershipDelta { change, unknown: UnknownMembers::Refuse }
}

pub(super) fn join(ids: &[ResourceId]) -> MembershipDelta {
    adjust(&[], ids)
}

pub(super) fn leave(ids: &[ResourceId]) -> MembershipDelta {
    adjust(ids, &[])
}

pub(super) fn exactly(members: Vec<MemberReference>, unknown: UnknownMembers) -> MembershipDelta {
    MembershipDelta { change: MembershipChange::Replace(members), unknown }
}

pub(super) fn hold(leave: Vec<MemberReference>, join: Vec<MemberReference>) -> MembershipDelta {
    MembershipDelta { change: MembershipChange::Adjust { leave, join }, unknown: UnknownMembers::Hold }
}

/// A first page that is larger than any law's tenant.
pub(super) fn query(kind: Kind, filter: Option<&str>) -> ResourceQuery {
    let schema = kind.schema();
    let leniency = Leniency::TOLERANT;
    let filter = filter.map(|text| Filter::parse(text, &leniency).unwrap().compile(&schema, &leniency).unwrap());
    ResourceQuery { filter, ..ResourceQuery::first(schema, 100_000) }
}
