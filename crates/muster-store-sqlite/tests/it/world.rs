//! A tenant and people, made through the port.

use muster_model::fake::{FakeClock, SeededRng};
use muster_model::{Clock, ResourceId, Tenant, TenantId, TypeName, Version};
use muster_store::keys::{keys_of, label_of};
use muster_store::{Batch, CommitError, Committed, NewDocument, Registry, ResourceQuery, Scope, Store, Write};
use muster_store_sqlite::SqliteStore;
use scim::schema::user_resource_schema;
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) fn user_type() -> TypeName {
    TypeName::new("User")
}

pub(crate) fn content(value: Value) -> NewDocument {
    let Value::Object(document) = value else { panic!("not an object") };
    let keys = keys_of(&user_resource_schema(), &document, &scim::Leniency::TOLERANT);
    NewDocument { label: label_of(&document), keys, document, difference: None }
}

pub(crate) fn id(number: u64) -> ResourceId {
    ResourceId::from_uuid(Uuid::from_u128(u128::from(number)))
}

pub(crate) async fn add_tenant(store: &SqliteStore) -> TenantId {
    let (clock, rng) = (FakeClock::new(), SeededRng::new(7));
    let tenant = Tenant { id: TenantId::new(&clock, &rng), name: "default".to_owned(), created: clock.now() };
    store.create_tenant(&tenant).await.unwrap();
    tenant.id
}

pub(crate) fn create(number: u64) -> Batch {
    let content = content(json!({"userName": format!("user{number}")}));
    let write = Write::Create { id: id(number), resource_type: user_type(), owner: None, content, members: None };
    Batch {
        writes: vec![write],
        connection: None,
        request: None,
        at: FakeClock::new().now(),
        guard: muster_store::Guard::default(),
    }
}

pub(crate) async fn add_user(store: &SqliteStore, tenant: TenantId, number: u64) -> Result<Committed, CommitError> {
    store.directory(tenant, Scope::Tenant).commit(create(number)).await
}

/// Replaces the document of a user that is alone in changing it.
pub(crate) async fn update(store: &SqliteStore, tenant: TenantId, number: u64, version: u64, document: Value) {
    let write = Write::Update {
        id: id(number),
        resource_type: user_type(),
        expected: Some(Version(version)),
        content: Some(content(document)),
        members: None,
    };
    let batch = Batch {
        writes: vec![write],
        connection: None,
        request: None,
        at: FakeClock::new().now(),
        guard: muster_store::Guard::default(),
    };
    store.directory(tenant, Scope::Tenant).commit(batch).await.unwrap();
}

/// How many users a list says there are, and how many it shows.
pub(crate) async fn count(store: &SqliteStore, tenant: TenantId) -> (u64, usize) {
    let query = ResourceQuery::first(user_resource_schema(), 1_000_000);
    let page = store.directory(tenant, Scope::Tenant).list_resources(&query).await.unwrap();
    (page.total.unwrap(), page.resources.len())
}
