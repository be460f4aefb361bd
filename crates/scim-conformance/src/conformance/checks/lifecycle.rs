//! Create and read (RFC 7644 sections 3.3 and 3.4.1).

use serde_json::{Value, json};

use super::super::area::Area;
use super::super::check::Check;
use super::super::session::Session;
use super::super::verdict::{Verdict, ensure, expect_at, fault};
use crate::likeness::member;
use crate::wire::{Answer, Ask};

const AREA: Area = Area::Lifecycle;

pub(super) fn checks() -> Vec<Check> {
    vec![
        Check::new(
            AREA,
            "create",
            "RFC 7644 section 3.3",
            "POST makes the user and answers 201 with an id",
            "Answer 201 with the whole resource; identity providers need its id.",
            create,
        ),
        Check::new(
            AREA,
            "create-minimal",
            "RFC 7643 section 4.1",
            "a user needs nothing but userName",
            "Demand only userName, or publish what else is required.",
            create_minimal,
        )
        .warning(),
        Check::new(
            AREA,
            "create-schemas",
            "RFC 7643 section 3",
            "the resource names its schemas",
            "Send schemas with the base schema's URN.",
            create_schemas,
        ),
        Check::new(
            AREA,
            "create-location",
            "RFC 7644 section 3.3",
            "Location and meta.location say where the user is",
            "Send both, and send the same.",
            create_location,
        ),
        Check::new(
            AREA,
            "create-location-works",
            "RFC 7644 section 3.3",
            "the user can be read where Location says",
            "Build addresses from the configured public address of the server.",
            create_location_works,
        )
        .warning(),
        Check::new(
            AREA,
            "create-meta",
            "RFC 7643 section 3.1",
            "meta has resourceType, created and lastModified",
            "Fill meta when the resource is made.",
            create_meta,
        ),
        Check::new(
            AREA,
            "create-duplicate",
            "RFC 7644 section 3.3",
            "a second user of the same userName is answered with 409",
            "Answer 409; identity providers take it as a sign to look for the user.",
            create_duplicate,
        ),
        Check::new(
            AREA,
            "create-duplicate-type",
            "RFC 7644 section 3.3",
            "the conflict says scimType uniqueness",
            "Put scimType uniqueness into the error body.",
            create_duplicate_type,
        ),
        Check::new(
            AREA,
            "create-duplicate-case",
            "RFC 7643 section 4.1.1",
            "userName is unique without regard to case",
            "Compare user names folded.",
            create_duplicate_case,
        ),
        Check::new(
            AREA,
            "create-id-unused",
            "RFC 7643 section 3.1",
            "a client cannot choose the id",
            "Ignore id in a POST.",
            create_id_unused,
        ),
        Check::new(
            AREA,
            "no-external-id",
            "RFC 7643 section 3.1",
            "the server does not make up an externalId",
            "externalId belongs to the client.",
            no_external_id,
        ),
        Check::new(
            AREA,
            "read",
            "RFC 7644 section 3.4.1",
            "GET answers with what was made",
            "Answer 200 with the resource.",
            read,
        ),
    ]
}

fn full_user(session: &mut Session<'_>) -> Value {
    session.user_body(&json!({"name": {"givenName": "Barbara", "familyName": "Jensen"}}))
}

pub(super) fn created(session: &mut Session<'_>) -> Verdict<(Value, Answer)> {
    let body = full_user(session);
    let answer = session.send(&Ask::post("/Users", &body))?;
    Ok((body, answer))
}

fn create(session: &mut Session<'_>) -> Verdict {
    let (body, answer) = created(session)?;
    answer.expect_object(&[201])?;
    ensure(answer.id().is_some(), || "the answer has no id".to_owned())?;
    answer.expect_at("/userName", member(&body, "/userName"))?;
    answer.expect_at("/name", member(&body, "/name"))
}

fn create_minimal(session: &mut Session<'_>) -> Verdict {
    let body = json!({"schemas": [scim::schema::USER], "userName": session.fresh_name()});
    session.send(&Ask::post("/Users", &body))?.expect(&[201])
}

fn create_schemas(session: &mut Session<'_>) -> Verdict {
    let made = session.user(&json!({}))?;
    for body in [made.body.clone(), session.read(&made.path)?] {
        let schemas = member(&body, "/schemas").as_array().cloned().unwrap_or_default();
        let is_there = schemas.iter().any(|urn| urn.as_str() == Some(scim::schema::USER));
        ensure(is_there, || "schemas does not hold the URN of User".to_owned())?;
    }
    Ok(())
}

fn create_location(session: &mut Session<'_>) -> Verdict {
    let (_, answer) = created(session)?;
    answer.expect(&[201])?;
    let header = answer.header("location").map(str::to_owned);
    let Some(header) = header else { return fault("there is no Location header") };
    answer.expect_at("/meta/location", &json!(header))
}

fn create_location_works(session: &mut Session<'_>) -> Verdict {
    let (_, answer) = created(session)?;
    let location = answer.header("location").unwrap_or_default().to_owned();
    let base = session.client.base().to_owned();
    let Some(path) = location.strip_prefix(base.as_str()) else {
        return fault(format!("Location is not below the base address: {location}"));
    };
    session.send(&Ask::get(path))?.expect_object(&[200])
}

fn create_meta(session: &mut Session<'_>) -> Verdict {
    let made = session.user(&json!({}))?;
    expect_at(&made.body, "/meta/resourceType", &json!("User"))?;
    for name in ["created", "lastModified"] {
        let found = member(&made.body, &format!("/meta/{name}"));
        let is_date = found.as_str().is_some_and(is_date_time);
        ensure(is_date, || format!("meta.{name} is {found}, expected a date and time as in RFC 7643 section 2.3.5"))?;
    }
    Ok(())
}

/// The form of xsd:dateTime: `2008-01-23T04:56:22Z`.
fn is_date_time(text: &str) -> bool {
    scim::value::parse_date_time(text).is_some() && text.contains('T')
}

fn create_duplicate(session: &mut Session<'_>) -> Verdict {
    let (body, _) = created(session)?;
    session.send(&Ask::post("/Users", &body))?.expect(&[409])
}

fn create_duplicate_type(session: &mut Session<'_>) -> Verdict {
    let (body, _) = created(session)?;
    session.send(&Ask::post("/Users", &body))?.expect_refusal(&[409], &["uniqueness"])
}

fn create_duplicate_case(session: &mut Session<'_>) -> Verdict {
    let (mut body, answer) = created(session)?;
    answer.expect(&[201])?;
    if let Some(members) = body.as_object_mut() {
        let name = members.get("userName").and_then(Value::as_str).unwrap_or_default().to_uppercase();
        members.insert("userName".to_owned(), json!(name));
    }
    session.send(&Ask::post("/Users", &body))?.expect(&[409])
}

fn create_id_unused(session: &mut Session<'_>) -> Verdict {
    let mut body = full_user(session);
    let wanted = format!("mine-{}", session.marker);
    if let Some(members) = body.as_object_mut() {
        members.insert("id".to_owned(), json!(wanted));
    }
    let answer = session.send(&Ask::post("/Users", &body))?;
    answer.expect(&[201])?;
    ensure(answer.id() != Some(wanted.as_str()), || "the user got the id that the client sent".to_owned())
}

fn no_external_id(session: &mut Session<'_>) -> Verdict {
    let made = session.user(&json!({}))?;
    let found = session.read(&made.path)?;
    expect_at(&found, "/externalId", &Value::Null)
}

fn read(session: &mut Session<'_>) -> Verdict {
    let made = session.user(&json!({"name": {"givenName": "Barbara", "familyName": "Jensen"}}))?;
    let answer = session.send(&Ask::get(made.path))?;
    answer.expect_object(&[200])?;
    answer.expect_at("/id", &json!(made.id))?;
    answer.expect_at("/userName", &json!(made.name))?;
    answer.expect_at("/name", &json!({"givenName": "Barbara", "familyName": "Jensen"}))
}
