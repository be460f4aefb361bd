//! Paging by cursor (RFC 9865), where it is announced.

use std::collections::BTreeSet;

use serde_json::json;

use super::super::announced::Feature;
use super::super::area::Area;
use super::super::check::Check;
use super::super::session::Session;
use super::super::verdict::{Verdict, ensure, fault, skip};
use crate::encoding::resource_path;
use crate::likeness::member;
use crate::wire::{Answer, Ask};

/// A directory that takes more pages is not walked to its end.
const MOST_PAGES: usize = 200;
/// So many pages are enough to see what goes wrong between two of them.
const WANTED_PAGES: u64 = 100;
const LARGEST_PAGE: u64 = 1_000;

pub(super) fn checks() -> Vec<Check> {
    let check = |name, section, expected, remedy, question: fn(&mut Session<'_>) -> Verdict| {
        Check::new(Area::Paging, name, section, expected, remedy, question).needs(Feature::Cursor)
    };
    vec![
        check(
            "cursor-announced",
            "RFC 9865 section 4",
            "pagination says cursor and index as true or false",
            "Send both members.",
            announced,
        ),
        check(
            "cursor-first",
            "RFC 9865 section 2",
            "an empty cursor brings the first page with a nextCursor and without a previousCursor",
            "Take ?cursor or ?cursor= as the beginning.",
            first,
        ),
        check(
            "cursor-letters",
            "RFC 9865 section 2",
            "cursors hold unreserved characters only",
            "Encode cursors so that they need no encoding in a URL.",
            letters,
        ),
        check(
            "cursor-walk",
            "RFC 9865 section 2",
            "following nextCursor meets every resource once and ends without a nextCursor",
            "Leave nextCursor out on the last page, and only there.",
            walk,
        ),
        check(
            "cursor-unknown",
            "RFC 9865 section 2.1",
            "a cursor that the server did not give is refused",
            "Answer 400 with scimType invalidCursor.",
            unknown,
        ),
        check(
            "cursor-stable",
            "RFC 9865 section 1",
            "a user who is deleted during the walk does not make another one be missed",
            "Continue after the last resource that was given, not at a number.",
            stable,
        ),
        check(
            "cursor-search",
            "RFC 9865 section 3",
            ".search takes a cursor in its body",
            "Accept cursor in SearchRequest.",
            search,
        )
        .warning(),
    ]
}

fn pages(session: &mut Session<'_>, cursor: &str, count: &str) -> Verdict<Answer> {
    let answer = session.query("/Users", &[("cursor", cursor), ("count", count)])?;
    answer.expect_list()?;
    Ok(answer)
}

fn people(session: &mut Session<'_>, wanted: usize) -> Verdict<Vec<super::super::session::Made>> {
    (0..wanted).map(|_| session.user(&json!({}))).collect()
}

fn announced(session: &mut Session<'_>) -> Verdict {
    let answer = session.send(&Ask::get("/ServiceProviderConfig"))?;
    for name in ["cursor", "index"] {
        let found = answer.at(&format!("/pagination/{name}"));
        ensure(found.is_boolean(), || format!("pagination.{name} is {found}"))?;
    }
    Ok(())
}

fn first(session: &mut Session<'_>) -> Verdict {
    people(session, 3)?;
    let answer = pages(session, "", "2")?;
    let found = answer.resources().len();
    ensure((1..=2).contains(&found), || format!("{found} resources came for count=2"))?;
    ensure(answer.text_at("/nextCursor").is_some(), || "there is no nextCursor although there is more".to_owned())?;
    ensure(answer.at("/previousCursor").is_null(), || "the first page has a previousCursor".to_owned())
}

fn letters(session: &mut Session<'_>) -> Verdict {
    people(session, 3)?;
    let answer = pages(session, "", "1")?;
    let cursor = answer.text_at("/nextCursor").unwrap_or_default();
    let is_plain =
        !cursor.is_empty() && cursor.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
    ensure(is_plain, || format!("nextCursor is \"{cursor}\""))
}

/// Every id on the way, in order; `between` happens after the first page.
fn walked(
    session: &mut Session<'_>,
    count: &str,
    between: impl FnOnce(&mut Session<'_>, &Answer) -> Verdict,
) -> Verdict<Vec<String>> {
    let mut between = Some(between);
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    for _ in 0..MOST_PAGES {
        let answer = pages(session, &cursor, count)?;
        seen.extend(answer.resources().iter().filter_map(|user| member(user, "/id").as_str()).map(str::to_owned));
        if let Some(between) = between.take() {
            between(session, &answer)?;
        }
        match answer.text_at("/nextCursor") {
            Some(next) => next.clone_into(&mut cursor),
            None => return Ok(seen),
        }
    }
    let different: BTreeSet<&String> = seen.iter().collect();
    if different.len() < seen.len() || seen.len() < MOST_PAGES {
        return fault(format!("after {MOST_PAGES} pages nextCursor still leads to nobody new"));
    }
    skip(format!("the directory is too large: there are more than {MOST_PAGES} pages"))
}

/// A `count` with which a walk takes several pages, but not too many.
fn page_size(session: &mut Session<'_>) -> Verdict<String> {
    let total = session.query("/Users", &[("count", "0")])?.number_at("/totalResults").unwrap_or(0);
    Ok((total / WANTED_PAGES).clamp(2, LARGEST_PAGE).to_string())
}

fn walk(session: &mut Session<'_>) -> Verdict {
    let made = people(session, 5)?;
    let count = page_size(session)?;
    let seen = walked(session, &count, |_, _| Ok(()))?;
    let different: BTreeSet<&String> = seen.iter().collect();
    ensure(different.len() == seen.len(), || "a resource came twice".to_owned())?;
    let missed = made.iter().filter(|user| !different.contains(&user.id)).count();
    ensure(missed == 0, || format!("{missed} of 5 users who are there did not come"))
}

fn unknown(session: &mut Session<'_>) -> Verdict {
    let answer = session.query("/Users", &[("cursor", "no-such-cursor"), ("count", "2")])?;
    answer.expect_refusal(&[400], &["invalidCursor", "expiredCursor"])
}

fn stable(session: &mut Session<'_>) -> Verdict {
    let made = people(session, 5)?;
    let mut deleted = String::new();
    let count = page_size(session)?;
    let seen = walked(session, &count, |session, page| {
        // One who was on the first page and is ours goes; with an index, everybody behind would move up.
        let ours = page.resources().iter().filter_map(|user| member(user, "/id").as_str());
        if let Some(id) = ours.into_iter().find(|id| made.iter().any(|user| user.id == *id)) {
            id.clone_into(&mut deleted);
        } else if let Some(user) = made.first() {
            user.id.clone_into(&mut deleted);
        }
        session.send(&Ask::delete(resource_path("/Users", &deleted)))?.expect(&[204, 200])
    })?;
    let missed = made.iter().filter(|user| user.id != deleted && !seen.contains(&user.id)).count();
    ensure(missed == 0, || format!("{missed} users who were there all the time did not come"))
}

fn search(session: &mut Session<'_>) -> Verdict {
    people(session, 3)?;
    let body = json!({"schemas": [scim::message::SEARCH_REQUEST], "cursor": "", "count": 2});
    let answer = session.send(&Ask::post("/Users/.search", &body))?;
    answer.expect_list()?;
    ensure(answer.text_at("/nextCursor").is_some(), || "there is no nextCursor although there is more".to_owned())
}
