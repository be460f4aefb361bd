//! Lists: counters, order, pages.

use std::sync::Arc;

use muster_model::ResourceId;
use serde_json::json;

use super::world::{Kind, NOTHING, World, content, create, delete, query, user};
use crate::{Include, PageStart, Store};

pub async fn counters_equal_what_is_there(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    assert_eq!(world.count(Kind::User).await, (0, 0));
    let mut ids = Vec::new();
    for number in 0..10 {
        ids.push(world.add_user(&format!("person{number}")).await);
    }
    world.add_group("team", &ids).await;
    assert_eq!(world.count(Kind::User).await, (10, 10));
    for id in ids.iter().take(3) {
        world.commit_one(delete(Kind::User, *id)).await.unwrap();
    }
    // A batch that fails counts nothing.
    world
        .commit(vec![create(Kind::User, world.new_id(), user("extra")), delete(Kind::User, ids[0])])
        .await
        .unwrap_err();
    for only_counted in [0, 1, 7, 100] {
        let mut question = query(Kind::User, None);
        question.limit = only_counted;
        assert_eq!(world.directory.list_resources(&question).await.unwrap().total, Some(7));
    }
    assert_eq!(world.count(Kind::User).await, (7, 7));
    assert_eq!(world.count(Kind::Group).await, (1, 1));
    assert_eq!(world.store.inspect().await.unwrap(), [] as [&str; 0]);
}

pub async fn pages_are_in_order_of_creation(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let mut ids = Vec::new();
    for number in 0..23 {
        ids.push(world.add_user(&format!("person{number}")).await);
        world.add_group(&format!("group{number}"), &[]).await;
    }
    for filter in [None, Some("userName sw \"person\""), Some("active eq true"), Some("not (active eq false)")] {
        for limit in [1, 5, 23, 50] {
            let mut seen = Vec::new();
            let mut question = query(Kind::User, filter);
            question.limit = limit;
            let mut offset = 0;
            while offset < 30 {
                question.start = PageStart::Offset(offset);
                let page = world.directory.list_resources(&question).await.unwrap();
                assert_eq!(page.total, Some(23), "{filter:?} from {offset} by {limit}");
                let expected = 23_u64.saturating_sub(offset).min(limit);
                assert_eq!(page.resources.len() as u64, expected);
                seen.extend(page.resources.iter().map(|resource| resource.id));
                offset += limit;
            }
            assert_eq!(seen, ids, "{filter:?}");
        }
        let mut beyond = query(Kind::User, filter);
        beyond.start = PageStart::Offset(u64::MAX);
        let page = world.directory.list_resources(&beyond).await.unwrap();
        assert_eq!((page.total, page.resources.len()), (Some(23), 0));
    }
}

pub async fn a_list_carries_what_was_asked_for(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let person = world.add_user("anna").await;
    let team = world.add_group("team", &[person]).await;
    let members_filter = format!("members.value eq \"{person}\"");
    let mixed_filter = format!("members[value eq \"{person}\" and type eq \"User\"]");
    for filter in [None, Some("displayName eq \"TEAM\""), Some(members_filter.as_str()), Some(mixed_filter.as_str())] {
        for include in [NOTHING, Include { members: true, ..NOTHING }, Include { groups: true, ..NOTHING }] {
            let mut question = query(Kind::Group, filter);
            question.include = include;
            let page = world.directory.list_resources(&question).await.unwrap();
            let wanted = world.directory.find_resource(&Kind::Group.name(), team, include).await.unwrap();
            assert_eq!(page.resources, Vec::from_iter(wanted), "{filter:?} with {include:?}");
        }
    }
}

async fn add_user_with_emails(world: &World, name: &str, emails: &[&str]) -> ResourceId {
    let id = world.new_id();
    let emails: Vec<_> = emails.iter().map(|email| json!({"value": email, "type": "work"})).collect();
    let content = content(Kind::User, json!({"userName": name, "emails": emails}));
    world.commit_one(create(Kind::User, id, content)).await.unwrap();
    id
}

async fn found(world: &World, filter: &str) -> Vec<ResourceId> {
    let page = world.directory.list_resources(&query(Kind::User, Some(filter))).await.unwrap();
    assert_eq!(page.total, Some(page.resources.len() as u64), "{filter}");
    page.resources.into_iter().map(|resource| resource.id).collect()
}

/// RFC 7644 section 3.4.2.2: the filter in brackets applies to each element by itself.
pub async fn brackets_speak_of_one_element(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let two = add_user_with_emails(&world, "two", &["anna@example.com", "bert@example.com"]).await;
    for (filter, wanted) in [
        ("emails.value eq \"ANNA@example.com\" and emails.value sw \"bert\"", vec![two]),
        ("emails[value eq \"anna@example.com\" and value sw \"bert\"]", vec![]),
        ("emails[value eq \"anna@example.com\" and value sw \"Anna\"]", vec![two]),
        ("emails[value eq \"anna@example.com\" or value eq \"nobody\"]", vec![two]),
        ("emails[value ne \"anna@example.com\"]", vec![two]),
        ("emails.value ne \"anna@example.com\"", vec![]),
        ("not (emails[value eq \"anna@example.com\" and value sw \"bert\"])", vec![two]),
    ] {
        assert_eq!(found(&world, filter).await, wanted, "{filter}");
    }
}

pub async fn one_resource_is_listed_once(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let two = add_user_with_emails(&world, "two", &["anna@example.com", "annabel@example.com"]).await;
    for filter in [
        "emails.value sw \"anna\"",
        "emails sw \"anna\" or userName eq \"two\"",
        "emails.value eq \"anna@example.com\" or emails.value eq \"annabel@example.com\"",
        "emails[value sw \"anna\" and type eq \"work\"]",
    ] {
        assert_eq!(found(&world, filter).await, [two], "{filter}");
    }
}
