//! Unique values: among whom they are unique, and when they are free again.

use std::sync::Arc;

use muster_model::{ConnectionId, ResourceId, Version};
use scim::Leniency;
use serde_json::json;

use super::world::{Kind, World, content, create, delete, document, group, query, replace, user};
use crate::keys::keys_of;
use crate::{CommitError, NewDocument, Store, Write};

fn owned(id: ResourceId, owner: Option<ConnectionId>, content: NewDocument) -> Write {
    Write::Create { id, resource_type: Kind::Group.name(), owner, content, members: None }
}

fn assert_not_unique<T: std::fmt::Debug>(result: Result<T, CommitError>, wanted: &str) {
    match result {
        Err(CommitError::NotUnique { write: 0, attribute, hidden: None }) => assert_eq!(attribute, wanted),
        other => panic!("expected a conflict on {wanted}, got {other:?}"),
    }
}

pub async fn a_user_name_is_unique_in_its_tenant_in_any_spelling(store: Arc<dyn Store>) {
    let world = World::new(Arc::clone(&store)).await;
    world.add_user("Zo\u{eb}@Example.com").await;
    for spelling in ["zo\u{eb}@example.com", "ZOE\u{308}@EXAMPLE.COM", "\u{ff3a}o\u{eb}@example.com"] {
        let refused = world.commit_one(create(Kind::User, world.new_id(), user(spelling))).await;
        assert_not_unique(refused, "userName");
    }
    let other = world.add_user("other").await;
    let refused = world.commit_one(replace(Kind::User, other, Version(1), user("ZO\u{cb}@example.com"))).await;
    assert_not_unique(refused, "userName");
    // Another tenant has names of its own, and so has another type.
    World::new(store).await.add_user("Zo\u{eb}@Example.com").await;
    world.add_group("other", &[]).await;
}

pub async fn a_unique_value_is_free_after_a_rename_and_a_deletion(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let first = world.add_user("anna").await;
    // A new spelling of one's own name is no conflict.
    world.commit_one(replace(Kind::User, first, Version(1), user("ANNA"))).await.unwrap();
    world.commit_one(replace(Kind::User, first, Version(2), user("bert"))).await.unwrap();
    let second = world.add_user("anna").await;
    world.commit_one(delete(Kind::User, second)).await.unwrap();
    world.add_user("Anna").await;
}

pub async fn a_group_name_is_unique_per_owner(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (okta, _) = world.add_connection("okta").await;
    let (entra, _) = world.add_connection("entra").await;
    for owner in [Some(okta.id), Some(entra.id), None] {
        world.commit_one(owned(world.new_id(), owner, group("Sales"))).await.unwrap();
        let refused = world.commit_one(owned(world.new_id(), owner, group("SALES"))).await;
        assert_not_unique(refused, "displayName");
    }
}

pub async fn a_shared_value_is_not_refused(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    for name in ["a", "b"] {
        let sent = json!({"userName": name, "externalId": "7", "displayName": "Same", "emails": [
            {"value": "same@example.com"}, {"value": "SAME@example.com"},
        ]});
        world.commit_one(create(Kind::User, world.new_id(), content(Kind::User, sent))).await.unwrap();
    }
    let filter = query(Kind::User, Some("emails.value eq \"Same@Example.com\" and displayName eq \"same\""));
    assert_eq!(world.directory.list_resources(&filter).await.unwrap().total, Some(2));
    // Groups may share a name where a profile says so.
    for _ in 0..2 {
        let document = document(json!({"displayName": "Twins"}));
        let keys = keys_of(&Kind::Group.schema(), &document, &Leniency::STRICT);
        let content = NewDocument { keys, label: None, document, difference: None };
        world.commit_one(create(Kind::Group, world.new_id(), content)).await.unwrap();
    }
}

/// Two groups of one name may come from a time when that was allowed, or from connections that are gone: a change of
/// something else in them goes through.
pub async fn an_unchanged_value_is_never_refused(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let mut twins = Vec::new();
    for name in ["okta", "entra"] {
        let (connection, _) = world.add_connection(name).await;
        let id = world.new_id();
        world.commit_one(owned(id, Some(connection.id), group("Sales"))).await.unwrap();
        assert!(world.store.delete_connection(connection.id).await.unwrap());
        twins.push(id);
    }
    let lenient = world.new_id();
    let mut content_without_unique_name = group("Sales");
    for key in &mut content_without_unique_name.keys {
        key.unique_in = None;
    }
    world.commit_one(owned(lenient, None, content_without_unique_name)).await.unwrap();
    twins.push(lenient);
    for id in twins {
        let changed = content(Kind::Group, json!({"displayName": "Sales", "externalId": "new"}));
        world.commit_one(replace(Kind::Group, id, Version(1), changed)).await.unwrap();
    }
}
