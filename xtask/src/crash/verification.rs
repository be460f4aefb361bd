//! The reading half of a round: the restarted server must show what was acknowledged, and nothing half-written.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;

use serde_json::Value;

use super::writers::Written;
use crate::failure::{Explain, Failure, Outcome};
use crate::http::{self, Connection};
use crate::server::{ProvisionedConnection, RunningServer};

const PAGE: usize = 200;

/// Fails with what is wrong; gives how many users are there although nobody acknowledged them.
pub(super) fn verify(
    concurrency: usize,
    connection: &ProvisionedConnection,
    server: &RunningServer,
    written: &Written,
) -> Outcome<usize> {
    let listed = list_all(&mut connection.open(server)?)?;
    for id in written.acknowledged.keys() {
        if !listed.contains_key(id) {
            return Err(Failure::new(format!("the acknowledged user {id} is lost")));
        }
    }
    let extra: Vec<&Value> =
        listed.iter().filter(|(id, _)| !written.acknowledged.contains_key(*id)).map(|(_, user)| user).collect();
    for user in &extra {
        check_unacknowledged(user, written)?;
    }
    if written.unacknowledged.len() > concurrency {
        return Err(Failure::new("more requests were under way than threads"));
    }
    read_each(concurrency, connection, server, written)?;
    Ok(extra.len())
}

/// Every page, in the server's order; the total must be the same on each and equal what is listed.
fn list_all(connection: &mut Connection) -> Outcome<BTreeMap<String, Value>> {
    let mut listed = BTreeMap::new();
    loop {
        let page = connection.get(&format!("/Users?startIndex={}&count={PAGE}", listed.len() + 1))?;
        let total = page.get("totalResults").and_then(Value::as_u64).explain(|| "a list has no total".to_owned())?;
        let resources = page.get("Resources").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for user in resources {
            let id = user.get("id").and_then(Value::as_str).explain(|| "a listed user has no id".to_owned())?;
            if listed.insert(id.to_owned(), user.clone()).is_some() {
                return Err(Failure::new(format!("the user {id} is listed twice")));
            }
        }
        if listed.len() as u64 == total {
            return Ok(listed);
        }
        if resources.is_empty() {
            return Err(Failure::new(format!("{} users are listed, {total} are announced", listed.len())));
        }
    }
}

/// A user that nobody acknowledged must be one of those under way, with everything that was sent.
fn check_unacknowledged(user: &Value, written: &Written) -> Outcome<()> {
    let name = user.get("userName").and_then(Value::as_str).unwrap_or_default();
    let sent = written.unacknowledged.get(name).explain(|| format!("the user {name} was never sent"))?;
    let missing = sent.as_object().into_iter().flatten().find(|(attribute, value)| user.get(attribute) != Some(*value));
    if let Some((attribute, _)) = missing {
        return Err(Failure::new(format!("the user {name} is half there: {attribute} is not what was sent")));
    }
    let has_meta = user.get("id").is_some() && user.get("meta").and_then(|meta| meta.get("created")).is_some();
    if has_meta { Ok(()) } else { Err(Failure::new(format!("the user {name} is half there: id or meta is missing"))) }
}

/// Reads each acknowledged user by id and by name.
fn read_each(
    concurrency: usize,
    connection: &ProvisionedConnection,
    server: &RunningServer,
    written: &Written,
) -> Outcome<()> {
    let users: Vec<(&String, &Value)> = written.acknowledged.iter().collect();
    let share = users.len().div_ceil(concurrency).max(1);
    thread::scope(|scope| {
        let threads: Vec<_> = users
            .chunks(share)
            .map(|part| {
                scope.spawn(move || -> Outcome<()> {
                    let mut connection = connection.open(server)?;
                    part.iter().try_for_each(|(id, user)| read_one(&mut connection, id, user))
                })
            })
            .collect();
        for thread in threads {
            thread.join().map_err(|_| Failure::new("a reading thread broke"))??;
        }
        Ok(())
    })
}

fn read_one(connection: &mut Connection, id: &str, acknowledged: &Value) -> Outcome<()> {
    let read = connection.get(&format!("/Users/{id}"))?;
    if &read != acknowledged {
        let differing = differing_attributes(&read, acknowledged).join(", ");
        return Err(Failure::new(format!("the user {id} is not as it was acknowledged: {differing}")));
    }
    let name = acknowledged.get("userName").and_then(Value::as_str).unwrap_or_default();
    let filter = http::query_value(&format!("userName eq \"{name}\""));
    let found = connection.get(&format!("/Users?filter={filter}"))?;
    let ids: Vec<&str> = found
        .get("Resources")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|user| user.get("id").and_then(Value::as_str))
        .collect();
    if ids == [id] { Ok(()) } else { Err(Failure::new(format!("a filter for {name} found {} users", ids.len()))) }
}

fn differing_attributes<'a>(left: &'a Value, right: &'a Value) -> Vec<&'a str> {
    let names = |value: &'a Value| value.as_object().into_iter().flatten().map(|(name, _)| name.as_str());
    let all: BTreeSet<&str> = names(left).chain(names(right)).collect();
    all.into_iter().filter(|name| left.get(name) != right.get(name)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn under_way() -> Written {
        let sent = json!({"userName": "a", "displayName": "A"});
        Written { unacknowledged: [("a".to_owned(), sent)].into(), ..Written::default() }
    }

    #[test]
    fn a_whole_user_that_was_under_way_is_welcome() {
        let user = json!({"id": "1", "userName": "a", "displayName": "A", "meta": {"created": "now"}});
        assert!(check_unacknowledged(&user, &under_way()).is_ok());
    }

    #[test]
    fn half_a_user_and_an_unknown_one_are_not() {
        let half = json!({"id": "1", "userName": "a", "meta": {"created": "now"}});
        assert!(check_unacknowledged(&half, &under_way()).unwrap_err().to_string().contains("displayName"));
        let without_meta = json!({"id": "1", "userName": "a", "displayName": "A"});
        assert!(check_unacknowledged(&without_meta, &under_way()).is_err());
        let unknown = json!({"id": "1", "userName": "b", "meta": {"created": "now"}});
        assert!(check_unacknowledged(&unknown, &under_way()).is_err());
    }

    #[test]
    fn only_what_differs_is_named() {
        let (left, right) = (json!({"a": 1, "b": 2, "c": 3}), json!({"a": 1, "b": 3}));
        assert_eq!(differing_attributes(&left, &right), ["b", "c"]);
    }
}
