//! Walks through a list, page by page from a place: what stays is seen exactly once, whatever happens meanwhile.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use muster_model::ResourceId;
use scim::sort::{Sort, SortOrder};
use serde_json::json;

use super::world::{Kind, World, content, create, delete, query, replace, user};
use crate::{PageStart, ResourceQuery, Store};

const WRITERS: usize = 8;
const STAYING: usize = 150;
const MOST_ROUNDS: usize = 100;

fn sorted(filter: Option<&str>, sort: Option<(&str, SortOrder)>) -> ResourceQuery {
    let sort = sort.map(|(name, order)| Sort::compile(&Kind::User.schema(), name, order).unwrap());
    ResourceQuery { sort, limit: 7, counts_all: false, ..query(Kind::User, filter) }
}

/// Every way in which a driver may answer: an index, a sorted column, evaluation of the filter, of the order.
fn ways() -> Vec<ResourceQuery> {
    vec![
        sorted(None, None),
        sorted(Some("active eq true"), None),
        sorted(None, Some(("id", SortOrder::Descending))),
        sorted(None, Some(("userName", SortOrder::Ascending))),
        sorted(None, Some(("displayName", SortOrder::Descending))),
        sorted(None, Some(("meta.created", SortOrder::Ascending))),
        sorted(Some("userName sw \"s\""), Some(("userName", SortOrder::Descending))),
        sorted(None, Some(("title", SortOrder::Ascending))),
        sorted(Some("active eq true"), Some(("name.familyName", SortOrder::Descending))),
    ]
}

/// All pages from the beginning to the end.
async fn walk(world: &World, mut question: ResourceQuery) -> Vec<Vec<ResourceId>> {
    let mut pages = Vec::new();
    loop {
        let page = world.directory.list_resources(&question).await.unwrap();
        let last = page.last_place();
        pages.push(page.resources.into_iter().map(|resource| resource.id).collect());
        match last {
            Some(place) if page.has_after => question.start = PageStart::After(place),
            _ => return pages,
        }
    }
}

async fn add_staying(world: &World, number: usize) -> ResourceId {
    let id = world.new_id();
    let mut document = json!({
        "userName": format!("staying{}", number * 37 % STAYING), "active": true,
        "title": format!("Title {}", number % 5), "name": {"familyName": format!("Family {}", number % 11)},
    });
    if !number.is_multiple_of(3) {
        document["displayName"] = json!(format!("Display {}", number % 9));
    }
    world.commit_one(create(Kind::User, id, content(Kind::User, document))).await.unwrap();
    id
}

/// Rows: 9865-2-06
pub async fn a_walk_sees_everybody_once_while_eight_write(store: Arc<dyn Store>) {
    let world = Arc::new(World::new(store).await);
    let mut staying = Vec::new();
    for number in 0..STAYING {
        staying.push(add_staying(&world, number).await);
    }
    let mut rounds = 0;
    for way in ways() {
        let is_done = Arc::new(AtomicBool::new(false));
        let mut writers = tokio::task::JoinSet::new();
        for writer in 0..WRITERS {
            writers.spawn(write(Arc::clone(&world), Arc::clone(&is_done), writer));
        }
        let mut seen: BTreeMap<ResourceId, u32> = BTreeMap::new();
        for id in walk(&world, way.clone()).await.into_iter().flatten() {
            *seen.entry(id).or_default() += 1;
        }
        is_done.store(true, Ordering::Relaxed);
        for id in &staying {
            assert_eq!(seen.get(id), Some(&1), "{:?} by {:?}", way.filter, way.sort);
        }
        while let Some(done) = writers.join_next().await {
            rounds += done.unwrap();
        }
    }
    assert!(rounds > 50, "only {rounds} rounds were written meanwhile");
}

/// Writes until the walk has ended, and not without end: a walk in the order in which people come never ends while more
/// come than it passes. The names lie all over the order, so that people come, move and go in front of it and behind it.
async fn write(world: Arc<World>, is_done: Arc<AtomicBool>, writer: usize) -> usize {
    for round in 0..MOST_ROUNDS {
        if is_done.load(Ordering::Relaxed) {
            return round;
        }
        let name = format!("{}{writer}.{round}", ["a", "staying1", "staying5", "z"][round % 4]);
        let id = world.add_user(&name).await;
        let version = world.version(Kind::User, id).await;
        world.commit_one(replace(Kind::User, id, version, user(&format!("m{name}")))).await.unwrap();
        world.commit_one(delete(Kind::User, id)).await.unwrap();
    }
    MOST_ROUNDS
}

pub async fn a_page_goes_on_from_a_place_that_is_gone(store: Arc<dyn Store>) {
    for position in 0..ways().len() {
        let world = World::new(Arc::clone(&store)).await;
        for number in 0..30 {
            add_staying(&world, number).await;
        }
        let mut question = ways().swap_remove(position);
        let wanted: Vec<ResourceId> = walk(&world, question.clone()).await.concat();
        assert_eq!(wanted.len(), 30);
        let first = world.directory.list_resources(&question).await.unwrap();
        let place = first.last_place().unwrap();
        assert_eq!(place.id, wanted[6]);
        world.commit_one(delete(Kind::User, place.id)).await.unwrap();
        question.start = PageStart::After(place.clone());
        let second = walk(&world, question.clone()).await.concat();
        assert_eq!(second, wanted[7..], "{:?} by {:?}", question.filter, question.sort);
        question.start = PageStart::Before(place);
        let back = world.directory.list_resources(&question).await.unwrap();
        let back: Vec<ResourceId> = back.resources.into_iter().map(|resource| resource.id).collect();
        assert_eq!(back, wanted[..6], "{:?} by {:?}", question.filter, question.sort);
    }
}

pub async fn a_walk_back_gives_the_same_pages(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    for number in 0..40 {
        add_staying(&world, number).await;
    }
    for way in ways() {
        let mut question = way.clone();
        let mut forward = Vec::new();
        let last = loop {
            let page = world.directory.list_resources(&question).await.unwrap();
            forward.push(page.clone());
            assert_eq!(page.has_before, forward.len() > 1);
            if !page.has_after {
                break page;
            }
            question.start = PageStart::After(page.last_place().unwrap());
        };
        let mut first = last.first_place();
        for wanted in forward.iter().rev().skip(1) {
            question.start = PageStart::Before(first.unwrap());
            let page = world.directory.list_resources(&question).await.unwrap();
            assert_eq!(page.resources, wanted.resources, "{:?} by {:?}", way.filter, way.sort);
            assert_eq!((page.has_before, page.has_after), (wanted.has_before, true));
            first = page.first_place();
        }
    }
}
