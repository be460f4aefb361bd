//! Replace (RFC 7644 section 3.5.1).

use serde_json::{Value, json};

use super::super::area::Area;
use super::super::check::Check;
use super::super::session::Session;
use super::super::verdict::{Verdict, ensure, expect_at};
use crate::likeness::member;
use crate::wire::{Answer, Ask};

const AREA: Area = Area::Lifecycle;

pub(super) fn checks() -> Vec<Check> {
    vec![
        Check::new(
            AREA,
            "put",
            "RFC 7644 section 3.5.1",
            "PUT replaces what it names and answers 200 with the resource",
            "Replace, and answer with the resource as it is now.",
            put,
        ),
        Check::new(
            AREA,
            "put-clears",
            "RFC 7644 section 3.5.1",
            "PUT clears what it does not name",
            "Clear readWrite attributes that the body does not have; identity providers remove values so.",
            put_clears,
        )
        .note(),
        Check::new(
            AREA,
            "put-null-clears",
            "RFC 7643 section 2.5",
            "PUT with null clears the attribute",
            "Treat null as no value.",
            put_null_clears,
        ),
        Check::new(
            AREA,
            "put-read-only",
            "RFC 7644 section 3.5.1",
            "readOnly attributes in a PUT are ignored",
            "Ignore id, meta and groups; identity providers send back what they read.",
            put_read_only,
        ),
        Check::new(
            AREA,
            "put-required",
            "RFC 7644 section 3.5.1",
            "PUT without userName is refused and changes nothing",
            "Answer 400 with scimType invalidValue.",
            put_required,
        ),
        Check::new(
            AREA,
            "put-conflict",
            "RFC 7644 section 3.5.1",
            "PUT with the user name of another is a conflict",
            "Answer 409 with scimType uniqueness.",
            put_conflict,
        ),
        Check::new(
            AREA,
            "put-own-name",
            "RFC 7644 section 3.5.1",
            "PUT with one's own user name in another case is no conflict",
            "A resource is not in conflict with itself.",
            put_own_name,
        ),
        Check::new(
            AREA,
            "last-modified",
            "RFC 7643 section 3.1",
            "lastModified moves with a change, created does not",
            "Set meta.lastModified when something changes, never meta.created.",
            last_modified,
        )
        .warning(),
    ]
}

/// A PUT of the user's own body with these attributes added.
pub(super) fn replace(session: &mut Session<'_>, path: &str, name: &str, attributes: &Value) -> Verdict<Answer> {
    let body = replacement(session, name, attributes);
    session.send(&Ask::put(path, &body))
}

/// The body of a PUT with all that the server demands, under this name unless the attributes bring another.
pub(super) fn replacement(session: &mut Session<'_>, name: &str, attributes: &Value) -> Value {
    let mut body = session.user_body(attributes);
    if let Some(members) = body.as_object_mut()
        && attributes.get("userName").is_none()
    {
        members.insert("userName".to_owned(), json!(name));
    }
    body
}

fn put(session: &mut Session<'_>) -> Verdict {
    let made = session.user(&json!({"name": {"givenName": "Barbara", "familyName": "Jensen"}}))?;
    let wanted = json!({"givenName": "Babs", "familyName": "Smith"});
    let answer = replace(session, &made.path, &made.name, &json!({"name": wanted}))?;
    answer.expect_object(&[200])?;
    answer.expect_at("/name", &wanted)?;
    answer.expect_at("/id", &json!(made.id))?;
    let found = session.read(&made.path)?;
    expect_at(&found, "/name", &wanted)
}

fn put_clears(session: &mut Session<'_>) -> Verdict {
    let made = session.user(&json!({"nickName": "Babs"}))?;
    replace(session, &made.path, &made.name, &json!({}))?.expect(&[200])?;
    let found = session.read(&made.path)?;
    expect_at(&found, "/nickName", &Value::Null)
}

fn put_null_clears(session: &mut Session<'_>) -> Verdict {
    let made = session.user(&json!({"nickName": "Babs"}))?;
    replace(session, &made.path, &made.name, &json!({"nickName": null}))?.expect(&[200])?;
    let found = session.read(&made.path)?;
    expect_at(&found, "/nickName", &Value::Null)
}

fn put_read_only(session: &mut Session<'_>) -> Verdict {
    let made = session.user(&json!({}))?;
    let meta =
        json!({"resourceType": "Group", "created": "2001-01-01T00:00:00Z", "location": "https://elsewhere.example/"});
    let answer = replace(
        session,
        &made.path,
        &made.name,
        &json!({"id": made.id, "meta": meta, "groups": [], "nickName": "Babs"}),
    )?;
    answer.expect(&[200])?;
    let found = session.read(&made.path)?;
    expect_at(&found, "/id", &json!(made.id))?;
    expect_at(&found, "/meta/resourceType", &json!("User"))?;
    expect_at(&found, "/meta/created", member(&made.body, "/meta/created"))
}

fn put_required(session: &mut Session<'_>) -> Verdict {
    let made = session.user(&json!({}))?;
    let before = session.read(&made.path)?;
    session
        .send(&Ask::put(made.path.clone(), &json!({"schemas": [scim::schema::USER], "nickName": "x"})))?
        .expect(&[400])?;
    let after = session.read(&made.path)?;
    ensure(before == after, || "the user changed although the request was refused".to_owned())
}

fn put_conflict(session: &mut Session<'_>) -> Verdict {
    let (first, second) = (session.user(&json!({}))?, session.user(&json!({}))?);
    replace(session, &second.path, "", &json!({"userName": first.name}))?.expect(&[409])
}

fn put_own_name(session: &mut Session<'_>) -> Verdict {
    let made = session.user(&json!({}))?;
    let name = made.name.to_uppercase();
    replace(session, &made.path, "", &json!({"userName": name}))?.expect(&[200])
}

fn last_modified(session: &mut Session<'_>) -> Verdict {
    let made = session.user(&json!({}))?;
    // Some servers keep whole seconds.
    session.client.wait(std::time::Duration::from_millis(1100));
    replace(session, &made.path, &made.name, &json!({"nickName": "Babs"}))?.expect(&[200])?;
    let found = session.read(&made.path)?;
    expect_at(&found, "/meta/created", member(&made.body, "/meta/created"))?;
    let (before, after) = (member(&made.body, "/meta/lastModified"), member(&found, "/meta/lastModified"));
    ensure(before != after, || format!("meta.lastModified is {after} before and after a change"))
}
