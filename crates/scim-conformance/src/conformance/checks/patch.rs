//! What PATCH answers, and what it leaves alone (RFC 7644 section 3.5.2). What it does is in `cases/patch.json`.

use serde_json::json;

use super::super::announced::Feature;
use super::super::area::Area;
use super::super::check::Check;
use super::super::session::Session;
use super::super::verdict::{Verdict, ensure};
use crate::likeness::member;

pub(super) fn checks() -> Vec<Check> {
    let checks = vec![
        Check::new(
            Area::Patch,
            "answer",
            "RFC 7644 section 3.5.2",
            "PATCH answers 200 with the whole resource, or 204 without a body",
            "Answer 200 and the resource as it is now, or 204.",
            answer,
        ),
        Check::new(
            Area::Patch,
            "no-change-no-version",
            "RFC 7644 section 3.5.2.1",
            "a PATCH that changes nothing leaves lastModified and version alone",
            "Compare before storing; an identity provider that repeats itself must not make changes.",
            no_change,
        )
        .warning(),
    ];
    checks.into_iter().map(|check| check.needs(Feature::Patch)).collect()
}

fn answer(session: &mut Session<'_>) -> Verdict {
    let made = session.user(&json!({"active": true}))?;
    let answer = session.patch(&made.path, &json!([{"op": "replace", "path": "active", "value": false}]))?;
    answer.expect(&[200, 204])?;
    if answer.status == 204 {
        return ensure(answer.is_empty, || "the answer 204 has a body".to_owned());
    }
    answer.expect_at("/id", &json!(made.id))?;
    answer.expect_at("/userName", &json!(made.name))?;
    answer.expect_at("/active", &json!(false))
}

fn no_change(session: &mut Session<'_>) -> Verdict {
    let made = session.user(&json!({"active": true}))?;
    let before = session.read(&made.path)?;
    // Long enough that a new date would differ.
    session.client.wait(std::time::Duration::from_millis(1100));
    session.patch(&made.path, &json!([{"op": "replace", "path": "active", "value": true}]))?.expect(&[200, 204])?;
    let after = session.read(&made.path)?;
    for name in ["lastModified", "version"] {
        let pointer = format!("/meta/{name}");
        let (before, after) = (member(&before, &pointer), member(&after, &pointer));
        ensure(before == after, || format!("meta.{name} was {before} and is {after}"))?;
    }
    Ok(())
}
