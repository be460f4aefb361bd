//! What attributes are (RFC 7643 sections 2 and 4), where one request is not enough to see it.

use serde_json::json;

use super::super::area::Area;
use super::super::check::Check;
use super::super::session::Session;
use super::super::verdict::{Verdict, ensure};
use crate::likeness::member;
use crate::wire::Ask;

pub(super) fn checks() -> Vec<Check> {
    vec![
        Check::new(
            Area::Attributes,
            "one-primary",
            "RFC 7643 section 2.4",
            "no more than one value is primary",
            "Refuse two primary values, or keep the mark of one.",
            one_primary,
        ),
        Check::new(
            Area::Attributes,
            "order-of-members",
            "RFC 7643 section 2.3.8",
            "the order of members in a body means nothing",
            "Read objects whatever the order of their members.",
            order_of_members,
        ),
    ]
}

fn one_primary(session: &mut Session<'_>) -> Verdict {
    let marker = session.marker.clone();
    let value = |name: &str| json!({"value": format!("{name}@{marker}.example"), "type": name, "primary": true});
    let body = session.user_body(&json!({"emails": [value("work"), value("home")]}));
    let answer = session.send(&Ask::post("/Users", &body))?;
    if answer.status == 400 {
        return Ok(());
    }
    answer.expect(&[201])?;
    let emails = answer.at("/emails").as_array().cloned().unwrap_or_default();
    let primaries = emails.iter().filter(|email| member(email, "/primary").as_bool() == Some(true)).count();
    ensure(primaries <= 1, || format!("{primaries} values are primary"))
}

fn order_of_members(session: &mut Session<'_>) -> Verdict {
    let body = session.user_body(&json!({}));
    let Some(members) = body.as_object() else { return Ok(()) };
    // The schemas come last, as Microsoft sends them.
    let reversed: serde_json::Map<_, _> =
        members.iter().rev().map(|(name, value)| (name.clone(), value.clone())).collect();
    session.send(&Ask::post("/Users", &serde_json::Value::Object(reversed)))?.expect(&[201])
}
