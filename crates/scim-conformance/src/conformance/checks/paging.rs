//! Paging by index (RFC 7644 section 3.4.2.4).

use std::collections::BTreeSet;

use serde_json::json;

use super::super::area::Area;
use super::super::check::Check;
use super::super::session::Session;
use super::super::verdict::{Verdict, ensure, fault};
use crate::likeness::member;
use crate::wire::{Answer, Ask};

const AREA: Area = Area::Paging;
/// A larger directory is not walked to its end.
const MOST_WALKED: u64 = 2_000;

pub(super) fn checks() -> Vec<Check> {
    vec![
        Check::new(
            AREA,
            "list",
            "RFC 7644 section 3.4.2",
            "a list names the ListResponse schema and has totalResults",
            "Answer 200 with schemas, totalResults, startIndex, itemsPerPage and Resources.",
            list,
        ),
        Check::new(
            AREA,
            "new-user-listed",
            "RFC 7644 section 3.4.2",
            "a user who was made is counted",
            "totalResults counts all that match.",
            new_user_counted,
        ),
        Check::new(
            AREA,
            "count",
            "RFC 7644 section 3.4.2.4",
            "never more than count come, and totalResults counts all",
            "Cut the page to count; leave totalResults alone.",
            count,
        ),
        Check::new(
            AREA,
            "items-per-page",
            "RFC 7644 section 3.4.2",
            "itemsPerPage is the number of resources in the answer and startIndex the first one's",
            "Send both with each page, as numbers.",
            items_per_page,
        ),
        Check::new(
            AREA,
            "count-zero",
            "RFC 7644 section 3.4.2.4",
            "count=0 brings totalResults and no resources",
            "Treat 0 as a question for the number only.",
            |session| no_resources(session, "0"),
        ),
        Check::new(
            AREA,
            "count-negative",
            "RFC 7644 section 3.4.2.4",
            "a negative count is taken as 0",
            "Treat negative numbers as 0.",
            |session| no_resources(session, "-1"),
        )
        .warning(),
        Check::new(
            AREA,
            "start-zero",
            "RFC 7644 section 3.4.2.4",
            "a startIndex below 1 is taken as 1",
            "Treat numbers below 1 as 1.",
            start_zero,
        ),
        Check::new(
            AREA,
            "start-beyond",
            "RFC 7644 section 3.4.2.4",
            "a startIndex beyond the end brings an empty page with the true total",
            "Answer 200 with no resources and the true totalResults.",
            start_beyond,
        ),
        Check::new(
            AREA,
            "walk",
            "RFC 7644 section 3.4.2.4",
            "walking page by page meets every resource once",
            "Keep a stable order between pages.",
            walk,
        ),
        Check::new(
            AREA,
            "not-a-number",
            "RFC 7644 section 3.12",
            "a count that is no number is refused or ignored",
            "Answer 400 with scimType invalidValue, never 500.",
            not_a_number,
        )
        .note(),
    ]
}

/// A page of two among at least three.
fn page(session: &mut Session<'_>, parameters: &[(&str, &str)]) -> Verdict<Answer> {
    for _ in 0..3 {
        session.user(&json!({}))?;
    }
    let answer = session.query("/Users", parameters)?;
    answer.expect_list()?;
    Ok(answer)
}

fn total(answer: &Answer) -> u64 {
    answer.number_at("/totalResults").unwrap_or(0)
}

fn list(session: &mut Session<'_>) -> Verdict {
    let answer = page(session, &[])?;
    answer.expect_at("/schemas", &json!([scim::message::LIST_RESPONSE]))?;
    ensure(!answer.resources().is_empty(), || "Resources is missing or empty".to_owned())
}

fn new_user_counted(session: &mut Session<'_>) -> Verdict {
    let before = session.query("/Users", &[("count", "0")])?;
    before.expect_list()?;
    session.user(&json!({}))?;
    let after = session.query("/Users", &[("count", "0")])?;
    after.expect_list()?;
    let (before, after) = (total(&before), total(&after));
    ensure(after > before, || format!("totalResults was {before} and is {after} after a user was made"))
}

fn count(session: &mut Session<'_>) -> Verdict {
    let answer = page(session, &[("startIndex", "1"), ("count", "2")])?;
    let found = answer.resources().len();
    ensure(found == 2, || format!("{found} resources came for count=2"))?;
    ensure(total(&answer) >= 3, || format!("totalResults is {}, expected at least 3", total(&answer)))
}

fn items_per_page(session: &mut Session<'_>) -> Verdict {
    let answer = page(session, &[("startIndex", "2"), ("count", "2")])?;
    answer.expect_at("/itemsPerPage", &json!(answer.resources().len()))?;
    answer.expect_at("/startIndex", &json!(2))
}

fn no_resources(session: &mut Session<'_>, count: &str) -> Verdict {
    let answer = page(session, &[("count", count)])?;
    ensure(answer.resources().is_empty(), || format!("{} resources came", answer.resources().len()))?;
    ensure(total(&answer) >= 3, || format!("totalResults is {}, expected at least 3", total(&answer)))
}

fn start_zero(session: &mut Session<'_>) -> Verdict {
    let first = page(session, &[("startIndex", "1"), ("count", "1")])?;
    for start in ["0", "-5"] {
        let answer = session.query("/Users", &[("startIndex", start), ("count", "1")])?;
        answer.expect_list()?;
        let ids = [&first, &answer].map(|page| page.at("/Resources/0/id").clone());
        ensure(ids.first() == ids.last(), || format!("startIndex={start} begins elsewhere than startIndex=1"))?;
    }
    Ok(())
}

fn start_beyond(session: &mut Session<'_>) -> Verdict {
    let answer = page(session, &[("startIndex", "99999999"), ("count", "2")])?;
    ensure(answer.resources().is_empty(), || format!("{} resources came", answer.resources().len()))?;
    ensure(total(&answer) >= 3, || format!("totalResults is {}, expected the true number", total(&answer)))
}

fn walk(session: &mut Session<'_>) -> Verdict {
    let first = page(session, &[("startIndex", "1"), ("count", "2")])?;
    let whole = total(&first);
    // Two at a time where few are there, so that there are pages at all.
    let size = if whole > 40 { 100 } else { 2 };
    let (mut seen, mut start) = (BTreeSet::new(), 1_u64);
    while start <= whole.min(MOST_WALKED) {
        let answer = session.query("/Users", &[("startIndex", &start.to_string()), ("count", &size.to_string())])?;
        answer.expect_list()?;
        if answer.resources().is_empty() {
            return fault(format!("the page at startIndex={start} is empty although totalResults is {whole}"));
        }
        for user in answer.resources() {
            let id = member(user, "/id").as_str().unwrap_or_default().to_owned();
            ensure(seen.insert(id), || format!("a user of the page at startIndex={start} was on an earlier page"))?;
        }
        start += u64::try_from(answer.resources().len()).unwrap_or(1);
    }
    Ok(())
}

fn not_a_number(session: &mut Session<'_>) -> Verdict {
    session.send(&Ask::get("/Users").query("count", "many"))?.expect(&[400, 200])
}
