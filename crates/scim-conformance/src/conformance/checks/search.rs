//! Queries by POST (RFC 7644 section 3.4.3).

use serde_json::json;

use super::super::announced::Feature;
use super::super::area::Area;
use super::super::check::Check;
use super::super::session::Session;
use super::super::verdict::{Verdict, ensure, skip};
use crate::wire::{Answer, Ask};

pub(super) fn checks() -> Vec<Check> {
    let check = |name, expected, remedy, question: fn(&mut Session<'_>) -> Verdict| {
        Check::new(Area::Paging, name, "RFC 7644 section 3.4.3", expected, remedy, question).needs(Feature::Filter)
    };
    vec![
        check("search", "POST /Users/.search is a query", "Answer as to a GET with the same parameters.", search),
        check(
            "search-everywhere",
            "POST /.search is a query over all types",
            "Answer with resources of all types that match, or 501.",
            everywhere,
        )
        .warning(),
        check(
            "search-projection",
            "attributes in the body of .search is a list that is honoured",
            "Read attributes as a JSON list.",
            projection,
        ),
        check(
            "search-bad-filter",
            "a bad filter in .search is refused",
            "Answer 400 with scimType invalidFilter.",
            bad_filter,
        ),
    ]
}

fn asked(session: &mut Session<'_>, path: &str, filter: &str, attributes: &[&str]) -> Verdict<Answer> {
    let mut body = json!({"schemas": [scim::message::SEARCH_REQUEST], "filter": filter, "startIndex": 1, "count": 10});
    if let Some(members) = body.as_object_mut().filter(|_| !attributes.is_empty()) {
        members.insert("attributes".to_owned(), json!(attributes));
    }
    let answer = session.send(&Ask::post(path, &body))?;
    if answer.status == 501 {
        return skip("the server says that it does not support .search");
    }
    Ok(answer)
}

fn search(session: &mut Session<'_>) -> Verdict {
    let made = session.user(&json!({}))?;
    let answer = asked(session, "/Users/.search", &format!("userName eq \"{}\"", made.name), &[])?;
    answer.expect_list()?;
    answer.expect_at("/totalResults", &json!(1))?;
    answer.expect_at("/Resources/0/id", &json!(made.id))
}

fn everywhere(session: &mut Session<'_>) -> Verdict {
    let made = session.user(&json!({}))?;
    let answer = asked(session, "/.search", &format!("userName eq \"{}\"", made.name), &[])?;
    answer.expect_list()?;
    answer.expect_at("/Resources/0/id", &json!(made.id))
}

fn projection(session: &mut Session<'_>) -> Verdict {
    let made = session.user(&json!({"nickName": "Babs"}))?;
    let answer = asked(session, "/Users/.search", &format!("userName eq \"{}\"", made.name), &["nickName"])?;
    answer.expect_list()?;
    answer.expect_at("/Resources/0/nickName", &json!("Babs"))?;
    ensure(answer.at("/Resources/0/userName").is_null(), || {
        "userName came although only nickName was asked for".to_owned()
    })
}

fn bad_filter(session: &mut Session<'_>) -> Verdict {
    asked(session, "/Users/.search", "userName regex \"a\"", &[])?.expect_refusal(&[400], &["invalidFilter"])
}
