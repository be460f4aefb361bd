//! What a driver answers from its indexes is exactly what the evaluator says, in the same order (design, idea 8).
//!
//! Generated people and groups, generated filters over attributes with and without an index, with values drawn from the
//! data in odd spellings. `MUSTER_PROPERTY_DIRECTORIES` says how many cases; a failing case is shrunk before it is shown.

mod asked;
pub(super) mod people;

use std::sync::Arc;

use muster_model::{ResourceId, StoredResource};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use scim::filter::{CompiledFilter, Filter};
use scim::{Document, Leniency};

use super::world::{EVERYTHING, Kind, World, query};
use crate::compose::composed;
use crate::{Include, PageStart, ResourceQuery, Store};
use asked::{Asked, Pool};
use people::Population;

/// When nobody says how many. The workshop does (`xtask/src/test_runner.rs`).
const USUAL_CASES: u32 = 64;

/// One case: who is there, and what is asked, with the window of each page.
#[derive(Clone, Debug)]
struct Case {
    population: Population,
    of_users: Vec<(Asked, Window)>,
    of_groups: Vec<(Asked, Window)>,
}

#[derive(Clone, Copy, Debug)]
struct Window {
    offset: u64,
    limit: u64,
    include: Include,
}

fn cases() -> impl Strategy<Value = Case> {
    let window = (0_u64..12, 0_u64..12, any::<bool>(), any::<bool>())
        .prop_map(|(offset, limit, members, groups)| Window { offset, limit, include: Include { members, groups } });
    let users = prop::collection::vec((asked::about_users(), window.clone()), 1..8);
    let groups = prop::collection::vec((asked::about_groups(), window), 1..6);
    (people::populations(), users, groups).prop_map(|(population, of_users, of_groups)| Case {
        population,
        of_users,
        of_groups,
    })
}

#[expect(clippy::unused_async, reason = "laws are async; this one waits inside of the case runner, which is not")]
pub async fn lists_agree_with_the_evaluator(store: Arc<dyn Store>) {
    let asked = std::env::var("MUSTER_PROPERTY_DIRECTORIES").ok().and_then(|cases| cases.parse().ok());
    let cases = asked.unwrap_or(USUAL_CASES);
    println!("filters against the evaluator: {cases} generated directories");
    let runtime = tokio::runtime::Handle::current();
    let tally = std::cell::Cell::new(Tally::default());
    let result = tokio::task::block_in_place(|| {
        let config = Config { cases, failure_persistence: None, ..Config::default() };
        TestRunner::new(config).run(&self::cases(), |case| {
            runtime.block_on(check(Arc::clone(&store), &case)).map(|counted| tally.set(tally.get().plus(counted)))
        })
    });
    let tally = tally.get();
    println!(
        "{} filters asked, {} refused by their schema, {} rows matched",
        tally.asked, tally.refused, tally.matched
    );
    if let Err(failure) = result {
        panic!("{failure}");
    }
    assert!(tally.refused < tally.asked / 4 && tally.matched > u64::from(cases), "the generator asks too little");
}

#[derive(Clone, Copy, Default)]
struct Tally {
    asked: u64,
    refused: u64,
    matched: u64,
}

impl Tally {
    fn plus(self, other: Self) -> Self {
        Self {
            asked: self.asked + other.asked,
            refused: self.refused + other.refused,
            matched: self.matched + other.matched,
        }
    }
}

async fn check(store: Arc<dyn Store>, case: &Case) -> Result<Tally, TestCaseError> {
    let world = World::new(store).await;
    let (users, groups) = case.population.settle(&world).await;
    let mut tally = Tally::default();
    for (kind, ids, questions) in [(Kind::User, users, &case.of_users), (Kind::Group, groups, &case.of_groups)] {
        let everybody = read_all(&world, kind, &ids).await;
        let pool = Pool::of(everybody.iter().map(|(_, shown)| shown));
        for (asked, window) in questions {
            tally.asked += 1;
            let text = asked.text(&pool);
            let leniency = Leniency::TOLERANT;
            let parsed = Filter::parse(&text, &leniency)
                .map_err(|error| TestCaseError::fail(format!("{text} is not read: {error}")))?;
            match parsed.compile(&kind.schema(), &leniency) {
                Ok(filter) => tally.matched += compare(&world, kind, &everybody, filter, *window, &text).await?,
                Err(_) => tally.refused += 1,
            }
        }
    }
    Ok(tally)
}

/// Every resource as it is stored and as filters see it, in order of creation.
async fn read_all(world: &World, kind: Kind, ids: &[ResourceId]) -> Vec<(StoredResource, Document)> {
    let mut all = Vec::with_capacity(ids.len());
    for id in ids {
        let stored = world.directory.find_resource(&kind.name(), *id, EVERYTHING).await.unwrap().unwrap();
        let shown = composed(&kind.schema(), &stored).unwrap();
        all.push((stored, shown));
    }
    all
}

async fn compare(
    world: &World,
    kind: Kind,
    everybody: &[(StoredResource, Document)],
    filter: CompiledFilter,
    window: Window,
    text: &str,
) -> Result<u64, TestCaseError> {
    let wanted: Vec<ResourceId> =
        everybody.iter().filter(|(_, shown)| filter.matches(shown)).map(|(stored, _)| stored.id).collect();
    let whole = ResourceQuery { filter: Some(filter.clone()), ..query(kind, None) };
    let page = world.directory.list_resources(&whole).await.unwrap();
    let found: Vec<ResourceId> = page.resources.iter().map(|resource| resource.id).collect();
    prop_assert_eq!(&found, &wanted, "{} gives other resources than the evaluator", text);
    prop_assert_eq!(page.total, Some(wanted.len() as u64), "{} counts wrongly", text);

    let Window { offset, limit, include } = window;
    let part = ResourceQuery { start: PageStart::Offset(offset), limit, include, ..whole };
    let page = world.directory.list_resources(&part).await.unwrap();
    prop_assert_eq!(page.total, Some(wanted.len() as u64), "{} counts wrongly on a page", text);
    let shown = everybody.iter().map(|(stored, _)| stored).filter(|stored| wanted.contains(&stored.id));
    let shown: Vec<StoredResource> = shown
        .skip(usize::try_from(offset).unwrap())
        .take(usize::try_from(limit).unwrap())
        .cloned()
        .map(|mut stored| {
            stored.members = stored.members.filter(|_| include.members);
            stored.groups = stored.groups.filter(|_| include.groups);
            stored
        })
        .collect();
    prop_assert_eq!(page.resources, shown, "{} gives another page", text);
    Ok(wanted.len() as u64)
}
