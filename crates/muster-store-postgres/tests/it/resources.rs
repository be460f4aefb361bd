//! Resources on a real PostgreSQL, by the statements that both drivers share.

use std::num::NonZeroUsize;
use std::sync::Arc;

use muster_model::{ChangeKind, MemberReference, ResourceId, Sequence, TenantId, TypeName, Version};
use muster_store::batch::MembershipChange;
use muster_store::keys::{keys_of, label_of};
use muster_store::{
    Batch, CommitError, Directory, Guard, Include, MembershipDelta, NewDocument, ResourceQuery, Scope, Store,
    UnknownMembers, Write,
};
use muster_store_postgres::{PostgresOptions, PostgresStore, migrate, schema_fingerprint};
use muster_testkit::postgres::{TestDatabase, database_like};
use scim::filter::Filter;
use scim::schema::{group_resource_schema, user_resource_schema};
use scim::{Leniency, ResourceSchema};
use serde_json::{Value, json};
use uuid::Uuid;

const EVERYTHING: Include = Include { members: true, groups: true };

async fn store() -> (Arc<PostgresStore>, TestDatabase) {
    let fill = |url: String| async move { migrate(&url).await.unwrap() };
    let database = database_like(&schema_fingerprint(), fill).await;
    let options = PostgresOptions { pool_size: NonZeroUsize::new(8).unwrap(), ..PostgresOptions::for_server() };
    (PostgresStore::open(&database.url, options).await.unwrap(), database)
}

fn id(number: u128) -> ResourceId {
    ResourceId::from_uuid(Uuid::from_u128(number))
}

fn content(schema: &ResourceSchema, document: Value) -> NewDocument {
    let Value::Object(document) = document else { panic!("no object") };
    NewDocument {
        keys: keys_of(schema, &document, &Leniency::TOLERANT),
        label: label_of(&document),
        document,
        difference: None,
    }
}

fn batch(write: Write) -> Batch {
    Batch {
        writes: vec![write],
        connection: None,
        request: None,
        at: jiff::Timestamp::UNIX_EPOCH,
        guard: Guard::default(),
    }
}

fn new_user(number: u128) -> Write {
    let content = content(&user_resource_schema(), json!({"userName": format!("user{number}")}));
    Write::Create { id: id(number), resource_type: TypeName::new("User"), owner: None, content, members: None }
}

fn joining(members: &[u128]) -> MembershipDelta {
    let named = members.iter().map(|number| MemberReference::Id(id(*number))).collect();
    MembershipDelta {
        change: MembershipChange::Adjust { leave: Vec::new(), join: named },
        unknown: UnknownMembers::Refuse,
    }
}

fn new_group(number: u128, members: &[u128]) -> Write {
    let content = content(&group_resource_schema(), json!({"displayName": format!("group{number}")}));
    let members = Some(joining(members));
    Write::Create { id: id(number), resource_type: TypeName::new("Group"), owner: None, content, members }
}

async fn ids(directory: &dyn Directory, filter: &str) -> Vec<u128> {
    let mut query = ResourceQuery::first(user_resource_schema(), 100);
    let compiled =
        Filter::parse(filter, &Leniency::TOLERANT).unwrap().compile(&query.schema, &Leniency::TOLERANT).unwrap();
    query.filter = Some(compiled);
    let page = directory.list_resources(&query).await.unwrap();
    page.resources.iter().map(|resource| resource.id.as_uuid().as_u128()).collect()
}

#[tokio::test]
async fn resources_live_and_die() {
    let (store, _kept) = store().await;
    let directory = store.directory(TenantId::from_uuid(Uuid::from_u128(1)), Scope::Tenant);
    for write in [new_user(1), new_user(2), new_group(10, &[2, 1]), new_group(11, &[10])] {
        directory.commit(batch(write)).await.unwrap();
    }
    let Write::Create { resource_type, owner, content, members, .. } = new_user(1) else { panic!("no new user") };
    let again = Write::Create { id: id(3), resource_type, owner, content, members };
    let taken = directory.commit(batch(again)).await;
    assert!(matches!(taken, Err(CommitError::NotUnique { .. })), "{taken:?}");

    let group = directory.find_resource(&TypeName::new("Group"), id(10), EVERYTHING).await.unwrap().unwrap();
    let members: Vec<_> =
        group.members.unwrap().iter().map(|member| (member.id, member.display.map(str::to_owned))).collect();
    assert_eq!(members, [(id(2), Some("user2".to_owned())), (id(1), Some("user1".to_owned()))]);
    let user = directory.find_resource(&TypeName::new("User"), id(1), EVERYTHING).await.unwrap().unwrap();
    let groups: Vec<_> = user.groups.unwrap().into_iter().map(|group| (group.id, group.is_direct)).collect();
    assert_eq!(groups, [(id(10), true), (id(11), false)]);

    assert_eq!(ids(&*directory, "userName eq \"USER2\"").await, [2]);
    assert_eq!(ids(&*directory, "userName co \"ser\"").await, [1, 2]);
    assert_eq!(
        ids(&*directory, "meta.lastModified gt \"1960-01-01T00:00:00Z\" and not (userName sw \"user1\")").await,
        [2]
    );
    let all = directory.list_resources(&ResourceQuery::first(user_resource_schema(), 1)).await.unwrap();
    assert_eq!((all.total, all.resources.len(), all.has_after), (Some(2), 1, true));

    let delete = Write::Delete { id: id(1), resource_type: TypeName::new("User"), expected: None };
    directory.commit(batch(delete)).await.unwrap();
    let log = directory.list_changes(Sequence::START, 100).await.unwrap();
    let told: Vec<_> = log.iter().map(|change| (change.resource, change.version, change.kind)).collect();
    assert_eq!(
        told,
        [
            (id(1), Version(1), ChangeKind::Created),
            (id(2), Version(1), ChangeKind::Created),
            (id(10), Version(1), ChangeKind::Created),
            (id(11), Version(1), ChangeKind::Created),
            (id(1), Version(1), ChangeKind::Deleted),
            (id(10), Version(2), ChangeKind::MembersChanged),
        ]
    );
    store.check().await.unwrap();
    store.close().await;
    assert!(store.check().await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixteen_writers_lose_nothing_on_one_group() {
    let (store, _kept) = store().await;
    let tenant = TenantId::from_uuid(Uuid::from_u128(1));
    let directory = store.directory(tenant, Scope::Tenant);
    for number in 1..=64 {
        directory.commit(batch(new_user(number))).await.unwrap();
    }
    directory.commit(batch(new_group(100, &[]))).await.unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for writer in 0..16_u128 {
        let directory = Arc::clone(&directory);
        tasks.spawn(async move {
            for member in 1..=4 {
                let members = Some(joining(&[writer * 4 + member]));
                let resource_type = TypeName::new("Group");
                let write = Write::Update { id: id(100), resource_type, expected: None, content: None, members };
                directory.commit(batch(write)).await.unwrap();
            }
        });
    }
    tasks.join_all().await;
    let group = directory.find_resource(&TypeName::new("Group"), id(100), EVERYTHING).await.unwrap().unwrap();
    assert_eq!((group.version, group.members.unwrap().len()), (Version(65), 64));
}
