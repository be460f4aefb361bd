//! What one question may cost: long filters, and pages of large groups.

use std::sync::Arc;

use muster_model::ResourceId;
use scim::Leniency;
use scim::filter::Filter;

use super::world::{Kind, World, create, query, user};
use crate::query::PageStart;
use crate::{Include, ResourcePage, Store};

/// As many terms as the language allows.
const MOST_TERMS: usize = 512;
/// As long a text as it allows, nearly.
const MOST_LENGTH: usize = 16_000;

fn joined(term: impl Fn(usize) -> String, word: &str) -> String {
    let mut text = term(0);
    for number in 1..MOST_TERMS {
        let longer = format!("{text} {word} {}", term(number));
        if longer.len() > MOST_LENGTH {
            break;
        }
        text = longer;
    }
    text
}

/// A filter that the language takes is answered, however long it is.
pub async fn the_longest_filters_are_answered(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let anna = world.add_user("anna").await;
    let team = world.add_group("team", &[anna]).await;
    let foreign = |number: usize| format!("0199b6f0-5c3e-7000-8000-{number:012}");
    for (kind, filter, wanted) in [
        (Kind::User, joined(|_| "id eq \"x\"".to_owned(), "or"), vec![]),
        (Kind::User, joined(|_| "id ne \"x\"".to_owned(), "and"), vec![anna]),
        (Kind::User, joined(|number| format!("id eq \"{}\"", foreign(number)), "or"), vec![]),
        (Kind::User, joined(|number| format!("userName eq \"{number}\""), "or"), vec![]),
        (Kind::User, joined(|number| format!("not (userName eq \"{number}\")"), "and"), vec![anna]),
        (Kind::User, joined(|number| format!("userName sw \"{number}\""), "or"), vec![]),
        (
            Kind::User,
            joined(|number| if number == 300 { format!("id eq \"{anna}\"") } else { "id eq \"x\"".to_owned() }, "or"),
            vec![anna],
        ),
        (Kind::User, joined(|_| "meta.created eq \"2026-01-01T00:00:00.0000001Z\"".to_owned(), "or"), vec![]),
        (Kind::Group, joined(|_| "members.value eq \"x\"".to_owned(), "or"), vec![]),
        (Kind::Group, joined(|number| format!("members.value eq \"{}\"", foreign(number)), "or"), vec![]),
        (Kind::Group, joined(|number| format!("members.value ne \"{}\"", foreign(number)), "and"), vec![team]),
        // A group has no userName: never, or always.
        (Kind::Group, joined(|number| format!("userName eq \"{number}\""), "or"), vec![]),
        (Kind::Group, joined(|number| format!("userName ne \"{number}\""), "and"), vec![team]),
    ] {
        let leniency = Leniency::TOLERANT;
        let parsed = Filter::parse(&filter, &leniency).unwrap();
        let mut question = query(kind, None);
        question.filter = Some(parsed.compile_or_absent(&kind.schema(), &leniency).unwrap());
        let beginning: String = filter.chars().take(60).collect();
        let page =
            world.directory.list_resources(&question).await.unwrap_or_else(|error| panic!("{beginning}: {error:?}"));
        let found: Vec<ResourceId> = page.resources.iter().map(|resource| resource.id).collect();
        assert_eq!((page.total, found), (Some(wanted.len() as u64), wanted), "{beginning}");
    }
}

/// A page ends early rather than hold the members of many large groups; reading on shows each group once.
///
/// Rows: 7644-3.4.2.4-04
pub async fn a_page_of_large_groups_ends_early(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let half = usize::try_from(ResourcePage::MOST_ROWS / 2).unwrap() + 1;
    let people: Vec<ResourceId> = (0..half).map(|_| world.new_id()).collect();
    let writes = people.iter().enumerate().map(|(number, id)| create(Kind::User, *id, user(&format!("p{number}"))));
    world.commit(writes.collect()).await.unwrap();
    let mut groups = vec![world.add_group("small one", &people[..1]).await];
    for name in ["half a page", "more than the rest"] {
        groups.push(world.add_group(name, &people).await);
    }
    groups.push(world.add_group("small two", &people[..1]).await);

    // The second and the third do not fit together.
    let (first, second) = groups.split_at(2);
    for filter in [None, Some("displayName pr"), Some("meta.created gt \"2000-01-01T00:00:00Z\"")] {
        let mut question = query(Kind::Group, filter);
        question.include = Include { members: true, groups: false };
        for (offset, wanted) in [(0, first), (2, second)] {
            question.start = PageStart::Offset(offset);
            let page = world.directory.list_resources(&question).await.unwrap();
            let found: Vec<ResourceId> = page.resources.iter().map(|resource| resource.id).collect();
            assert_eq!((page.total, found.as_slice()), (Some(4), wanted), "{filter:?} from {offset}");
            assert_eq!((page.has_before, page.has_after), (offset > 0, offset == 0), "{filter:?} from {offset}");
        }
        // Backward from the last, what lies nearest to it is shown.
        let last = world.directory.list_resources(&question).await.unwrap().last_place().unwrap();
        question.start = PageStart::Before(last);
        let page = world.directory.list_resources(&question).await.unwrap();
        let found: Vec<ResourceId> = page.resources.iter().map(|resource| resource.id).collect();
        assert_eq!(found, &groups[2..3], "{filter:?} backward");
        assert!(page.has_before && page.has_after, "{filter:?} backward");
        // Without the members nothing is too large.
        question.include = Include::default();
        question.start = PageStart::Offset(0);
        assert_eq!(world.directory.list_resources(&question).await.unwrap().resources.len(), 4, "{filter:?}");
    }
}

/// A page ends early rather than hold many large documents; where they stand is told nevertheless.
///
/// Rows: 7644-3.4.2.4-04
pub async fn a_page_of_large_documents_ends_early(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let title = "x".repeat(ResourcePage::MOST_BYTES / 3);
    let mut people = Vec::new();
    for name in ["anna", "berta", "clara", "dora"] {
        let id = world.new_id();
        let mut document = user(name);
        document.document.insert("title".to_owned(), title.clone().into());
        world.commit(vec![create(Kind::User, id, document)]).await.unwrap();
        people.push(id);
    }
    for filter in [None, Some("title pr"), Some("userName pr")] {
        let mut question = query(Kind::User, filter);
        let mut shown = Vec::new();
        loop {
            question.start = PageStart::Offset(shown.len() as u64);
            let page = world.directory.list_resources(&question).await.unwrap();
            assert_eq!((page.total, page.resources.len()), (Some(4), 2), "{filter:?}");
            shown.extend(page.resources.iter().map(|resource| resource.id));
            if !page.has_after {
                break;
            }
        }
        assert_eq!(shown, people, "{filter:?}");
        question.start = PageStart::Offset(0);
        let places = world.directory.list_places(&question).await.unwrap();
        let ids: Vec<ResourceId> = places.places.iter().map(|place| place.id).collect();
        assert_eq!((places.total, ids, places.has_after), (Some(4), people.clone(), false), "{filter:?}");
    }
}
