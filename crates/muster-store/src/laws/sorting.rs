//! Sorted lists on generated data: a driver may answer from an index, in the order that the comparator in `scim` gives.

use std::sync::Arc;

use muster_model::ResourceId;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use scim::sort::{Sort, SortOrder};
use uuid::Uuid;

use super::filters::people::{self, Population};
use super::world::{EVERYTHING, Kind, World, query};
use crate::compose::composed;
use crate::{PageStart, Place, ResourceQuery, Store};

const REDUCED_CASES: u32 = 40;
const FULL_CASES: u32 = 1_500;

/// Those with an index and those without, of one value and of many.
const OF_USERS: [&str; 16] = [
    "userName",
    "displayName",
    "displayName",
    "externalId",
    "id",
    "meta.created",
    "meta.lastModified",
    "meta.version",
    "meta.resourceType",
    "name.familyName",
    "emails",
    "emails.type",
    "emails.primary",
    "active",
    "groups.display",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
];
const OF_GROUPS: [&str; 6] = ["displayName", "externalId", "id", "meta.lastModified", "members", "members.display"];
/// Answered from an index, from the narrow row, by evaluation, not at all.
const FILTERS: [Option<&str>; 6] = [
    None,
    Some("id pr"),
    Some("displayName sw \"a\""),
    Some("displayName eq \"anna\" or externalId sw \"a\""),
    Some("meta.created gt \"2000-01-01T00:00:00Z\""),
    Some("displayName co \"a\" or not (externalId pr)"),
];

#[derive(Clone, Debug)]
struct Question {
    sort_by: &'static str,
    order: SortOrder,
    filter: Option<&'static str>,
    offset: u64,
    limit: u64,
    /// Beside whom the page lies, and whether the place is his or one that nobody has.
    beside: Index,
    standing: Standing,
}

#[derive(Clone, Copy, Debug)]
enum Standing {
    Own,
    JustBefore,
    JustBehind,
}

fn questions(attributes: &'static [&'static str]) -> impl Strategy<Value = Vec<Question>> {
    let order = select(vec![SortOrder::Ascending, SortOrder::Descending]);
    let standing = select(vec![Standing::Own, Standing::Own, Standing::JustBefore, Standing::JustBehind]);
    let question = (select(attributes), order, select(&FILTERS), 0_u64..10, 0_u64..10, any::<Index>(), standing)
        .prop_map(|(sort_by, order, filter, offset, limit, beside, standing)| Question {
            sort_by,
            order,
            filter,
            offset,
            limit,
            beside,
            standing,
        });
    prop::collection::vec(question, 1..8)
}

#[expect(clippy::unused_async, reason = "laws are async; this one waits inside of the case runner, which is not")]
pub async fn lists_agree_with_the_comparator(store: Arc<dyn Store>) {
    let cases = match std::env::var("MUSTER_CAMPAIGN").as_deref() {
        Ok("full") => FULL_CASES,
        _ => REDUCED_CASES,
    };
    println!("orders against the comparator: {cases} generated directories (MUSTER_CAMPAIGN=full: {FULL_CASES})");
    let runtime = tokio::runtime::Handle::current();
    let compared = std::cell::Cell::new(0_u64);
    let all = (people::populations(), questions(&OF_USERS), questions(&OF_GROUPS));
    let result = tokio::task::block_in_place(|| {
        let config = Config { cases, failure_persistence: None, ..Config::default() };
        TestRunner::new(config).run(&all, |(population, of_users, of_groups)| {
            let counted = runtime.block_on(check(Arc::clone(&store), &population, &of_users, &of_groups))?;
            compared.set(compared.get() + counted);
            Ok(())
        })
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
    println!("{} places compared", compared.get());
    assert!(compared.get() > u64::from(cases) * 10, "the generator asks too little");
}

async fn check(
    store: Arc<dyn Store>,
    population: &Population,
    of_users: &[Question],
    of_groups: &[Question],
) -> Result<u64, TestCaseError> {
    let world = World::new(store).await;
    let (users, groups) = population.settle(&world).await;
    let mut compared = 0;
    for (kind, ids, questions) in [(Kind::User, users, of_users), (Kind::Group, groups, of_groups)] {
        for question in questions {
            let sort = Sort::compile(&kind.schema(), question.sort_by, question.order).unwrap();
            let asked = ResourceQuery { sort: Some(sort.clone()), ..query(kind, question.filter) };
            let wanted = wanted(&world, kind, &ids, &asked, &sort).await;
            compared += compare(&world, asked, &wanted, question).await?;
        }
    }
    Ok(compared)
}

/// What the comparator says.
async fn wanted(world: &World, kind: Kind, ids: &[ResourceId], asked: &ResourceQuery, sort: &Sort) -> Vec<Place> {
    let mut places = Vec::new();
    for id in ids {
        let stored = world.directory.find_resource(&kind.name(), *id, EVERYTHING).await.unwrap().unwrap();
        let shown = composed(&kind.schema(), &stored).unwrap();
        if asked.filter.as_ref().is_none_or(|filter| filter.matches(&shown)) {
            places.push(Place { key: sort.key_of(&shown), id: *id });
        }
    }
    places.sort_by(|left, right| sort.order().applied(left.cmp(right)));
    places
}

async fn compare(
    world: &World,
    whole: ResourceQuery,
    wanted: &[Place],
    question: &Question,
) -> Result<u64, TestCaseError> {
    let (limit, offset) = (usize::try_from(question.limit).unwrap(), usize::try_from(question.offset).unwrap());
    page_is(world, &whole, wanted, (false, false), question).await?;

    let window: Vec<Place> = wanted.iter().skip(offset).take(limit).cloned().collect();
    let sides = (offset > 0, offset + window.len() < wanted.len());
    let by_offset = ResourceQuery { start: PageStart::Offset(question.offset), limit: question.limit, ..whole.clone() };
    page_is(world, &by_offset, &window, sides, question).await?;

    if wanted.is_empty() {
        return Ok(1);
    }
    let place = standing(question.beside.get(wanted), question.standing);
    let is_behind = |other: &&Place| question.order.applied(other.cmp(&&place)).is_gt();
    let is_before = |other: &&Place| question.order.applied(other.cmp(&&place)).is_lt();
    let behind: Vec<Place> = wanted.iter().filter(is_behind).cloned().collect();
    let before: Vec<Place> = wanted.iter().filter(is_before).cloned().collect();

    let page: Vec<Place> = behind.iter().take(limit).cloned().collect();
    let sides = (wanted.len() > behind.len(), behind.len() > page.len());
    let after = ResourceQuery { start: PageStart::After(place.clone()), limit: question.limit, ..whole.clone() };
    page_is(world, &after, &page, sides, question).await?;

    let page: Vec<Place> = before[before.len().saturating_sub(limit)..].to_vec();
    let sides = (before.len() > page.len(), wanted.len() > before.len());
    let back = ResourceQuery { start: PageStart::Before(place), limit: question.limit, ..whole };
    page_is(world, &back, &page, sides, question).await?;
    Ok(wanted.len() as u64)
}

fn standing(place: &Place, standing: Standing) -> Place {
    let id = match standing {
        Standing::Own => return place.clone(),
        Standing::JustBefore => Uuid::from_u128(place.id.as_uuid().as_u128() - 1),
        Standing::JustBehind => Uuid::from_u128(place.id.as_uuid().as_u128() + 1),
    };
    let id = ResourceId::from_uuid(id);
    // Where the id is the key, both change.
    let is_keyed_by_id = place.key == Some(scim::sort::SortKey::Text(place.id.to_string()));
    let key = if is_keyed_by_id { Some(scim::sort::SortKey::Text(id.to_string())) } else { place.key.clone() };
    Place { key, id }
}

async fn page_is(
    world: &World,
    asked: &ResourceQuery,
    wanted: &[Place],
    (has_before, has_after): (bool, bool),
    question: &Question,
) -> Result<(), TestCaseError> {
    let everything = ResourceQuery { limit: 0, start: PageStart::Offset(0), ..asked.clone() };
    let total = world.directory.list_resources(&everything).await.unwrap().total;
    for counts_all in [true, false] {
        let asked = ResourceQuery { counts_all, ..asked.clone() };
        let page = world.directory.list_resources(&asked).await.unwrap();
        let ids = page.resources.iter().map(|resource| resource.id);
        let found: Vec<Place> = ids.zip(&page.keys).map(|(id, key)| Place { key: key.clone(), id }).collect();
        prop_assert_eq!(&found, wanted, "another order: {:?} from {:?}", question, asked.start);
        if page.total.is_some() || counts_all {
            prop_assert_eq!(page.total, total, "counts wrongly: {:?} from {:?}", question, asked.start);
        }
        // Of an empty page nothing is said.
        if !wanted.is_empty() {
            let sides = (page.has_before, page.has_after);
            prop_assert_eq!(sides, (has_before, has_after), "{:?} from {:?}", question, asked.start);
        }
    }
    Ok(())
}
