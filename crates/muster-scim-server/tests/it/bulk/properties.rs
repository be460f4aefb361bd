//! Whatever the order of a request: the same directory in the end.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::*;

/// One resource and what is done to it, in order.
#[derive(Clone, Debug)]
struct Planned {
    is_group: bool,
    /// Earlier resources that the creation names; `%` makes any number fit.
    named: Vec<usize>,
    /// What later operations name, and a title.
    changes: Vec<(usize, u8)>,
    /// Where its operations go in the shuffled request.
    places: Vec<u32>,
}

fn planned() -> impl Strategy<Value = Vec<Planned>> {
    let one = (
        any::<bool>(),
        prop::collection::vec(any::<usize>(), 0..3),
        prop::collection::vec((any::<usize>(), any::<u8>()), 0..3),
        prop::collection::vec(any::<u32>(), 4),
    )
        .prop_map(|(is_group, named, changes, places)| Planned { is_group, named, changes, places });
    prop::collection::vec(one, 1..14)
}

/// The operations of each resource. What is named is always earlier in the list, so that groups make no circle.
fn operations(all: &[Planned]) -> Vec<Vec<Value>> {
    let reference = |place: usize, number: usize| format!("bulkId:r{}", number % place);
    let person_before = |place: usize, number: usize| {
        (0..place).map(|step| (number + step) % place).find(|other| !all[*other].is_group)
    };
    let each = all.iter().enumerate().map(|(place, one)| {
        let name = format!("r{place}");
        let path = format!("/{}/bulkId:{name}", if one.is_group { "Groups" } else { "Users" });
        let creation = if one.is_group {
            let members: Vec<String> =
                one.named.iter().filter(|_| place > 0).map(|number| reference(place, *number)).collect();
            group(&name, &members.iter().map(String::as_str).collect::<Vec<_>>())
        } else {
            match one.named.first().and_then(|number| person_before(place, *number)) {
                Some(manager) => user_under(&name, &format!("bulkId:r{manager}")),
                None => user(&name),
            }
        };
        let changes = one.changes.iter().map(|(number, title)| {
            let title = format!("t{title}");
            patch(
                &path,
                &match (one.is_group, place) {
                    (true, 0) => json!([{ "op": "replace", "path": "externalId", "value": title }]),
                    (true, _) => json!([
                        { "op": if title.len() % 2 == 0 { "add" } else { "remove" }, "path": "members",
                          "value": [{ "value": reference(place, *number) }] },
                        { "op": "replace", "path": "externalId", "value": title },
                    ]),
                    (false, _) => json!([{ "op": "replace", "path": "title", "value": title }]),
                },
            )
        });
        std::iter::once(creation).chain(changes).collect()
    });
    each.collect()
}

/// The same operations in another order; those of one resource among themselves keep theirs, except that the creation may
/// stand anywhere.
fn shuffled(all: &[Planned], operations: &[Vec<Value>]) -> Vec<Value> {
    let mut placed: Vec<((u32, usize), Value)> = Vec::new();
    for (number, (one, own)) in all.iter().zip(operations).enumerate() {
        placed.push(((one.places[0], number), own[0].clone()));
        let mut later = one.places[1..].to_vec();
        later.sort_unstable();
        placed.extend(own[1..].iter().zip(later).map(|(operation, place)| ((place, number), operation.clone())));
    }
    placed.sort_by_key(|(place, _)| *place);
    placed.into_iter().map(|(_, operation)| operation).collect()
}

/// Everything that a client sees, by names instead of ids.
async fn directory(client: &TestClient) -> BTreeMap<String, Value> {
    let mut found = Vec::new();
    for endpoint in ["/Users", "/Groups"] {
        let page = client.get(&format!("{endpoint}?count=100")).await.body;
        found.extend(page["Resources"].as_array().unwrap().clone());
    }
    let name = |resource: &Value| {
        resource.get("userName").or_else(|| resource.get("displayName")).unwrap().as_str().unwrap().to_owned()
    };
    let names: HashMap<String, String> =
        found.iter().map(|resource| (resource["id"].as_str().unwrap().to_owned(), name(resource))).collect();
    let in_list = |list: &Value| -> BTreeSet<String> {
        let list = list.as_array().cloned().unwrap_or_default();
        list.iter().map(|element| names[element["value"].as_str().unwrap()].clone()).collect()
    };
    let shown = found.iter().map(|resource| {
        let manager = resource[ENTERPRISE]["manager"]["value"].as_str().map(|id| names[id].clone());
        let shown = json!({
            "title": resource["title"], "externalId": resource["externalId"], "manager": manager,
            "members": in_list(&resource["members"]), "groups": in_list(&resource["groups"]),
        });
        (name(resource), shown)
    });
    shown.collect()
}

async fn result_of(operations: &[Value]) -> (BTreeSet<String>, BTreeMap<String, Value>) {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    let results = bulk(&client, operations).await;
    assert_eq!(results.len(), operations.len());
    let statuses = results.iter().map(|result| result["status"].as_str().unwrap().to_owned()).collect();
    (statuses, directory(&client).await)
}

/// Rows: 7644-3.7-16, 7644-3.7.2-01, 7644-3.7.2-03
#[test]
fn property_a_shuffled_request_ends_in_the_same_directory() {
    let cases = if std::env::var("MUSTER_CAMPAIGN").as_deref() == Ok("full") { 500 } else { 16 };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&planned(), |all| {
        let operations = operations(&all);
        let other = shuffled(&all, &operations);
        let ordered: Vec<Value> = operations.into_iter().flatten().collect();
        let (statuses, expected) = runtime.block_on(result_of(&ordered));
        prop_assert!(statuses.iter().all(|status| status.starts_with('2')), "{:?}", statuses);
        let (statuses, found) = runtime.block_on(result_of(&other));
        prop_assert!(statuses.iter().all(|status| status.starts_with('2')), "{:?}", statuses);
        prop_assert_eq!(expected, found);
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}
