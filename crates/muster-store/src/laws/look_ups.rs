//! Many look-ups at once: who has which name.

use std::sync::Arc;

use muster_model::{ResourceId, Version};

use super::scopes::{Scoped, owned};
use super::world::{Kind, World, delete, group, replace, user};
use crate::{Directory, Store};

async fn found(directory: &dyn Directory, kind: Kind, attribute: &str, names: &[&str]) -> Vec<Option<ResourceId>> {
    let values = names.iter().map(|name| (*name).to_owned()).collect();
    let found = directory.find_by_keys(&kind.name(), attribute, values).await.unwrap();
    found.into_iter().map(|found| found.map(|found| found.id)).collect()
}

pub async fn many_names_are_found_at_once(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let anna = world.add_user("anna").await;
    let bert = world.add_user("bert").await;
    let gone = world.add_user("gone").await;
    world.commit_one(delete(Kind::User, gone)).await.unwrap();
    // Two groups may have one name when they have two owners.
    let Scoped { ours, theirs, .. } = Scoped::of(&world).await;
    let (first, second) = (world.new_id(), world.new_id());
    world.commit_one(owned(Kind::Group, second, Some(theirs.connection), group("anna"))).await.unwrap();
    world.commit_one(owned(Kind::Group, first, Some(ours.connection), group("anna"))).await.unwrap();

    let directory = world.directory.as_ref();
    let names = ["bert", "nobody", "anna", "gone", "bert"];
    assert_eq!(
        found(directory, Kind::User, "userName", &names).await,
        [Some(bert), None, Some(anna), None, Some(bert)],
        "in the order of the question"
    );
    assert_eq!(found(directory, Kind::User, "externalId", &["anna"]).await, [None], "another attribute");
    assert_eq!(found(directory, Kind::Group, "userName", &["anna"]).await, [None], "another type");
    // The index has the key of both; ids are in the order of creation.
    assert_eq!(found(directory, Kind::Group, "displayName", &["anna"]).await, [Some(first.min(second))]);
    assert_eq!(found(directory, Kind::User, "userName", &[]).await, []);

    world.commit_one(replace(Kind::User, anna, Version(1), user("anne"))).await.unwrap();
    let values = vec!["anne".to_owned(), "anna".to_owned()];
    let versions = directory.find_by_keys(&Kind::User.name(), "userName", values).await.unwrap();
    assert_eq!(
        versions.iter().map(|found| found.map(|found| found.version)).collect::<Vec<_>>(),
        [Some(Version(2)), None]
    );
}

pub async fn a_name_is_found_as_far_as_the_scope_sees(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let Scoped { ours, theirs, .. } = Scoped::of(&world).await;
    let person = world.new_id();
    world.commit_one(owned(Kind::User, person, Some(theirs.connection), user("anna"))).await.unwrap();
    for (directory, expected) in
        [(&ours.directory, None), (&theirs.directory, Some(person)), (&world.directory, Some(person))]
    {
        assert_eq!(found(directory.as_ref(), Kind::User, "userName", &["anna"]).await, [expected]);
    }
    let other = World::new(Arc::clone(&world.store)).await;
    assert_eq!(found(other.directory.as_ref(), Kind::User, "userName", &["anna"]).await, [None], "another tenant");
}
