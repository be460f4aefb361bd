//! The end of every life: everything is read back by paging, and must be what the identity provider knows.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::directory::Directory;
use super::speaker::Speaker;
use super::stage::{Flow, Stage};
use crate::likeness::member;
use crate::wire::Ask;

const PAGE: usize = 100;

/// Compares people and groups with what is there. Resources of others, who do not hold the marker, are left alone.
pub(super) fn compare(stage: &mut Stage<'_>, speaker: &dyn Speaker, directory: &Directory, marker: &str) -> Flow {
    let found = walk(stage, "/Users", "list users", "userName", marker)?;
    for person in directory.people.iter().filter(|person| person.id.is_some()) {
        match found.get(person.id()) {
            Some(user) => stage.compare("compare user", &speaker.wanted(person), user),
            None => stage.complain("compare user", &format!("{} is missing", person.user_name)),
        }
    }
    let known: BTreeSet<&str> = directory.people.iter().filter_map(|person| person.id.as_deref()).collect();
    for id in found.keys().filter(|id| !known.contains(id.as_str())) {
        stage.complain("compare user", &format!("the user {id} is there and should not be"));
    }
    let found = walk(stage, "/Groups", "list groups", "displayName", marker)?;
    for circle in directory.circles.iter().filter(|circle| circle.id.is_some()) {
        let Some(group) = found.get(circle.id()) else {
            stage.complain("compare group", &format!("{} is missing", circle.name));
            continue;
        };
        stage.compare("compare group", &serde_json::json!({"displayName": circle.name}), group);
        compare_members(stage, &circle.name, &directory.member_ids(circle), group);
    }
    let known: BTreeSet<&str> = directory.circles.iter().filter_map(|circle| circle.id.as_deref()).collect();
    for id in found.keys().filter(|id| !known.contains(id.as_str())) {
        stage.complain("compare group", &format!("the group {id} is there and should not be"));
    }
    Ok(())
}

fn compare_members(stage: &mut Stage<'_>, name: &str, wanted: &BTreeSet<&str>, group: &Value) {
    let listed = member(group, "/members").as_array().map_or(&[][..], Vec::as_slice);
    let found: BTreeSet<&str> = listed.iter().filter_map(|one| member(one, "/value").as_str()).collect();
    if found.len() != listed.len() {
        stage.complain("compare group", &format!("{name} names a member twice"));
    }
    let (missing, extra) = (wanted.difference(&found).count(), found.difference(wanted).count());
    if missing + extra > 0 {
        let words =
            format!("{name} has {} members; {missing} are missing and {extra} should not be there", found.len());
        stage.complain("compare group", &words);
    }
}

/// Everything of this run, by id.
fn walk(
    stage: &mut Stage<'_>,
    endpoint: &str,
    what: &'static str,
    naming: &str,
    marker: &str,
) -> Flow<BTreeMap<String, Value>> {
    let (mut found, mut start) = (BTreeMap::new(), 1_usize);
    loop {
        let ask = Ask::get(endpoint).query("startIndex", &start.to_string()).query("count", &PAGE.to_string());
        let Some(answer) = stage.ask(what, &ask, &[200])? else { break };
        let page = answer.resources();
        for resource in page {
            let id = member(resource, "/id").as_str().unwrap_or_default().to_owned();
            let is_ours = member(resource, &format!("/{naming}")).as_str().is_some_and(|name| name.contains(marker));
            if is_ours && found.insert(id, resource.clone()).is_some() {
                stage.complain(what, "a resource was on two pages");
            }
        }
        start += page.len();
        let total = answer.number_at("/totalResults").and_then(|total| usize::try_from(total).ok()).unwrap_or(0);
        if start > total {
            break;
        }
        if page.is_empty() {
            stage.complain(what, &format!("the page at {start} is empty although totalResults is {total}"));
            break;
        }
    }
    Ok(found)
}
