//! Delete, and what is no deletion (RFC 7644 section 3.6).

use serde_json::json;

use super::super::announced::Feature;
use super::super::area::Area;
use super::super::check::Check;
use super::super::session::Session;
use super::super::verdict::{Verdict, ensure, expect_at};
use crate::encoding::resource_path;
use crate::wire::Ask;

use super::lifecycle::created;
use super::replacement::replace;

const AREA: Area = Area::Lifecycle;

pub(super) fn checks() -> Vec<Check> {
    vec![
        Check::new(AREA, "delete", "RFC 7644 section 3.6", "DELETE answers 204 without a body", "Answer 204.", delete),
        Check::new(
            AREA,
            "delete-final",
            "RFC 7644 section 3.6",
            "everything on a deleted user is answered with 404",
            "Answer 404 to GET, PUT, PATCH and DELETE.",
            delete_final,
        ),
        Check::new(
            AREA,
            "delete-hidden",
            "RFC 7644 section 3.6",
            "a deleted user is found by no query",
            "Leave deleted resources out of queries.",
            delete_hidden,
        )
        .needs(Feature::Filter),
        Check::new(
            AREA,
            "delete-frees-name",
            "RFC 7644 section 3.6",
            "the name of a deleted user is free, and its id is not used again",
            "Do not count deleted resources for uniqueness; give a new id.",
            delete_frees_name,
        )
        .warning(),
        Check::new(
            AREA,
            "inactive-visible",
            "RFC 7643 section 4.1.1",
            "a deactivated user stays readable and can be found",
            "Keep deactivated users visible; they are not deleted.",
            inactive_visible,
        )
        .needs(Feature::Filter),
    ]
}

fn delete(session: &mut Session<'_>) -> Verdict {
    let made = session.user(&json!({}))?;
    let answer = session.send(&Ask::delete(made.path))?;
    answer.expect(&[204])?;
    ensure(answer.is_empty, || "the answer has a body".to_owned())
}

fn delete_final(session: &mut Session<'_>) -> Verdict {
    let made = session.user(&json!({}))?;
    session.send(&Ask::delete(made.path.clone()))?;
    session.send(&Ask::get(made.path.clone()))?.expect(&[404])?;
    replace(session, &made.path, &made.name, &json!({}))?.expect(&[404])?;
    if session.announced.has(Feature::Patch) {
        let operations = json!([{"op": "replace", "path": "userName", "value": "x"}]);
        session.patch(&made.path, &operations)?.expect(&[404])?;
    }
    session.send(&Ask::delete(made.path))?.expect(&[404])
}

fn delete_hidden(session: &mut Session<'_>) -> Verdict {
    let made = session.user(&json!({}))?;
    session.send(&Ask::delete(made.path))?;
    let answer = session.query("/Users", &[("filter", &format!("userName eq \"{}\"", made.name))])?;
    answer.expect_list()?;
    answer.expect_at("/totalResults", &json!(0))
}

fn delete_frees_name(session: &mut Session<'_>) -> Verdict {
    let (body, first) = created(session)?;
    let id = first.id().unwrap_or_default().to_owned();
    session.send(&Ask::delete(resource_path("/Users", &id)))?.expect(&[204, 200])?;
    let second = session.send(&Ask::post("/Users", &body))?;
    second.expect(&[201])?;
    ensure(second.id() != Some(id.as_str()), || "the new user has the id of the deleted one".to_owned())
}

fn inactive_visible(session: &mut Session<'_>) -> Verdict {
    let made = session.user(&json!({"active": false}))?;
    let found = session.read(&made.path)?;
    expect_at(&found, "/active", &json!(false))?;
    let answer = session.query("/Users", &[("filter", &format!("userName eq \"{}\"", made.name))])?;
    answer.expect_list()?;
    answer.expect_at("/totalResults", &json!(1))
}
