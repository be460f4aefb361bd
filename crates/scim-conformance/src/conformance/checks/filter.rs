//! Filters over four people whom this run made (RFC 7644 section 3.4.2.2). The filters are in `cases/filter.json`.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::announced::Feature;
use super::super::area::Area;
use super::super::check::Check;
use super::super::finding::Severity;
use super::super::session::Session;
use super::super::suite::knows;
use super::super::verdict::{Verdict, ensure, skip};
use crate::likeness::member;
use crate::version::ScimVersion;
use crate::wire::Ask;

const PEOPLE: [&str; 4] = ["ada", "bob", "cyd", "dan"];
const PAGE: usize = 100;
/// A directory that is larger than this is not read to its end for one filter.
const MOST_PAGES: usize = 20;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct FilterCase {
    id: String,
    section: String,
    expected: String,
    severity: Option<Severity>,
    #[serde(default)]
    needs: Vec<Feature>,
    #[serde(default)]
    uses: Vec<String>,
    filter: String,
    #[serde(default)]
    finds: BTreeSet<String>,
    #[serde(default)]
    refused: bool,
}

pub(super) fn checks(marker: &str) -> Vec<Check> {
    // A test reads the file; one that is not sound never leaves the workshop.
    let cases: Vec<FilterCase> = serde_json::from_str(include_str!("../../../cases/filter.json")).unwrap_or_default();
    let mut checks: Vec<Check> = cases.into_iter().map(|case| check(case, marker)).collect();
    checks.push(
        Check::new(
            Area::Filter,
            "empty",
            "RFC 7644 section 3.4.2.2",
            "an empty filter is refused",
            "Answer 400 with scimType invalidFilter.",
            |session| session.send(&Ask::get("/Users").raw_query("filter="))?.expect(&[400]),
        )
        .note()
        .needs(Feature::Filter),
    );
    checks
}

fn check(case: FilterCase, marker: &str) -> Check {
    let remedy = if case.refused {
        "Answer 400 with scimType invalidFilter; a client must not take the wrong list for the right one."
    } else {
        "Read the filter as the grammar in RFC 7644 section 3.4.2.2 says, and return exactly what matches."
    };
    let filter = readable(&case.filter, marker);
    let expected = format!("{} ({filter})", case.expected);
    let asked = case.clone();
    let mut check =
        Check::new(Area::Filter, &case.id, &case.section, &expected, remedy, move |session| ask(session, &asked));
    check.needs = case.needs;
    check.needs.push(Feature::Filter);
    check.severity = case.severity.unwrap_or(Severity::Error);
    check
}

/// The filter as it will be sent, as far as that is known before the people are made.
fn readable(filter: &str, marker: &str) -> String {
    let mut filter = filter.replace("{marker}", marker).replace("{ada.id}", "(the id of ada)");
    for who in PEOPLE {
        let name = user_name(who, marker);
        filter = filter
            .replace(&format!("{{{who}.userName}}"), &name)
            .replace(&format!("{{{}.USERNAME}}", who.to_uppercase()), &name.to_uppercase());
    }
    filter
}

fn user_name(who: &str, marker: &str) -> String {
    format!("{who}.{marker}.{who}@{marker}.example")
}

fn ask(session: &mut Session<'_>, case: &FilterCase) -> Verdict {
    let schema = session.version.user_schema();
    if let Some(unknown) = case.uses.iter().find(|name| !knows(session, schema, name)) {
        return skip(format!("the server does not publish the attribute {unknown}"));
    }
    if case.refused {
        let answer = session.query("/Users", &[("filter", &case.filter)])?;
        return answer.expect_refusal(&[400], &["invalidFilter"]);
    }
    populate(session)?;
    let wanted: BTreeSet<&str> = case.finds.iter().map(String::as_str).collect();
    let filter = filled(session, &case.filter);
    let Search { found, is_complete } = find(session, &filter)?;
    let found: BTreeSet<&str> = found.iter().map(String::as_str).collect();
    let words = |names: &BTreeSet<&str>| match names.len() {
        0 => "nobody".to_owned(),
        _ => names.iter().copied().collect::<Vec<_>>().join(", "),
    };
    // Behind the pages that were read may stand whoever is missing, and whoever should not be there. Who came wrongly came.
    if !is_complete && found.is_subset(&wanted) {
        return skip(format!("too many people match to be read: there are more than {MOST_PAGES} pages"));
    }
    ensure(found == wanted, || format!("found {}, expected {}", words(&found), words(&wanted)))
}

/// What came of a search.
struct Search {
    /// Names of the people of this run. The server may have others; those are nobody's business.
    found: Vec<String>,
    /// Whether every page was read that could name another of them.
    is_complete: bool,
}

fn find(session: &mut Session<'_>, filter: &str) -> Verdict<Search> {
    let people: Vec<(String, String)> =
        session.population.iter().map(|(name, made)| ((*name).to_owned(), made.id.clone())).collect();
    let mut found = Vec::new();
    let mut start = 1;
    for _ in 0..MOST_PAGES {
        let parameters = [("filter", filter), ("startIndex", &start.to_string()), ("count", &PAGE.to_string())];
        let answer = session.query("/Users", &parameters)?;
        answer.expect_list()?;
        let ids: Vec<&str> = answer.resources().iter().filter_map(|user| member(user, "/id").as_str()).collect();
        found.extend(people.iter().filter(|(_, id)| ids.contains(&id.as_str())).map(|(name, _)| name.clone()));
        start += ids.len();
        let total = answer.number_at("/totalResults").and_then(|total| usize::try_from(total).ok()).unwrap_or(0);
        if ids.is_empty() || start > total || found.len() == people.len() {
            return Ok(Search { found, is_complete: true });
        }
    }
    Ok(Search { found, is_complete: false })
}

fn filled(session: &Session<'_>, filter: &str) -> String {
    let mut filter = filter.replace("{marker}", &session.marker);
    for (name, made) in &session.population {
        filter = filter
            .replace(&format!("{{{name}.userName}}"), &made.name)
            .replace(&format!("{{{name}.id}}"), &made.id)
            .replace(&format!("{{{}.USERNAME}}", name.to_uppercase()), &made.name.to_uppercase());
    }
    filter
}

/// Four people who differ in everything that the cases ask for.
fn populate(session: &mut Session<'_>) -> Verdict {
    if !session.population.is_empty() {
        return Ok(());
    }
    let marker = session.marker.clone();
    let has_enterprise = session.version == ScimVersion::V2_0 && session.announced.has(Feature::Enterprise);
    let email = |who: &str, kind: &str| json!({"value": format!("{who}@{kind}.{marker}.example"), "type": kind});
    let name = |given: &str, family: &str| json!({"givenName": given, "familyName": family});
    let mut ada = json!({
        "externalId": format!("Ext-{marker}-Ada"), "name": name("Ada", "Lovelace"), "title": "Clerk",
        "nickName": "say \"hi\" \\ é", "active": true, "emails": [email("ada", "work"), email("ada", "home")],
    });
    if has_enterprise && let Some(members) = ada.as_object_mut() {
        members.insert(scim::schema::ENTERPRISE_USER.to_owned(), json!({"department": format!("Tours {marker}")}));
    }
    let people = [
        ("ada", ada),
        ("bob", json!({"name": name("Bob", "Jensen"), "active": false, "emails": [email("bob", "home")]})),
        (
            "cyd",
            json!({"name": name("Cyd", "Jensen"), "title": "clerk", "active": true, "emails": [email("cyd", "work")]}),
        ),
        ("dan", json!({"name": name("Dan", "Miller"), "title": "Judge", "active": true})),
    ];
    let mut made = Vec::new();
    for (who, mut attributes) in people {
        if let Some(members) = attributes.as_object_mut() {
            members.insert("userName".to_owned(), Value::from(user_name(who, &marker)));
            // A server that does not publish an attribute may refuse it.
            members.retain(|name, _| name == "userName" || knows(session, scim::schema::USER, name));
        }
        made.push((who, session.user(&attributes)?));
    }
    session.population = made;
    session.keep_for_the_area();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_filter_that_should_be_understood_is_understood_by_our_own_parser() {
        let cases: Vec<FilterCase> = serde_json::from_str(include_str!("../../../cases/filter.json")).unwrap();
        assert!(cases.len() > 40);
        for case in cases.iter().filter(|case| !case.refused) {
            let parsed = scim::filter::Filter::parse(&case.filter, &scim::Leniency::STRICT);
            assert!(parsed.is_ok(), "{}: {parsed:?}", case.id);
        }
    }
}
