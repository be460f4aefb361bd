//! Bulk requests (RFC 7644 section 3.7), where they are announced.

use serde_json::{Value, json};

use super::super::announced::Feature;
use super::super::area::Area;
use super::super::case::unknown_id;
use super::super::check::Check;
use super::super::session::Session;
use super::super::verdict::{Verdict, ensure, expect_at, fault, skip};
use super::replacement::replacement;
use crate::encoding::resource_path;
use crate::likeness::member;
use crate::wire::{Answer, Ask};

/// A limit beyond this is not tried out: the server would be flooded.
const MOST_OPERATIONS: u64 = 5_000;
const MOST_PAYLOAD: u64 = 24 * 1024 * 1024;

pub(super) fn checks() -> Vec<Check> {
    let check = |name, section, expected, remedy, question: fn(&mut Session<'_>) -> Verdict| {
        Check::new(Area::Bulk, name, section, expected, remedy, question).needs(Feature::Bulk)
    };
    vec![
        check(
            "create",
            "RFC 7644 section 3.7",
            "a bulk request makes resources and answers 200 with a BulkResponse",
            "Answer with schemas BulkResponse and one entry for each operation.",
            create,
        ),
        check(
            "entry",
            "RFC 7644 section 3.7",
            "an entry of a created resource has method, bulkId, location and the status as a text",
            "status is a string (erratum 7916); location is the address of the resource.",
            entry,
        ),
        check(
            "reference",
            "RFC 7644 section 3.7.2",
            "bulkId:x in a value stands for the id of the resource made with it",
            "Resolve bulkId references.",
            reference,
        ),
        check(
            "reference-forward",
            "RFC 7644 section 3.7.2",
            "a bulkId may be used before the operation that makes it",
            "Order the operations by their references.",
            reference_forward,
        )
        .warning(),
        check(
            "circular",
            "RFC 7644 section 3.7.1",
            "two groups that are members of each other can be made, or are refused with 409",
            "Make both first and add the members afterwards.",
            circular,
        )
        .warning()
        .needs(Feature::Groups),
        check(
            "goes-on",
            "RFC 7644 section 3.7.3",
            "an operation that fails does not stop the others",
            "Process every operation when failOnErrors is absent.",
            goes_on,
        ),
        check(
            "error-entry",
            "RFC 7644 section 3.7.3",
            "a failed operation has the status of a single request and an Error in response",
            "Put the Error body into response.",
            error_entry,
        ),
        check(
            "fail-on-errors",
            "RFC 7644 section 3.7.3",
            "with failOnErrors reached the rest is not processed",
            "Stop after that many errors and answer with the results so far.",
            fail_on_errors,
        ),
        check(
            "all-methods",
            "RFC 7644 section 3.7",
            "PUT, PATCH and DELETE work as single requests do",
            "Process each operation as the request it stands for.",
            all_methods,
        )
        .needs(Feature::Patch),
        check(
            "no-bulk-id",
            "RFC 7644 section 3.7",
            "POST without a bulkId fails",
            "bulkId is required with POST.",
            no_bulk_id,
        )
        .warning(),
        check(
            "max-operations",
            "RFC 7644 section 3.7.4",
            "more operations than announced are answered with 413",
            "Answer 413 and name the limit.",
            max_operations,
        ),
        check(
            "max-payload",
            "RFC 7644 section 3.7.4",
            "a body larger than announced is answered with 413",
            "Answer 413 and name the limit.",
            max_payload,
        ),
    ]
}

fn send(session: &mut Session<'_>, operations: &Value) -> Verdict<Answer> {
    session.send(&Ask::post("/Bulk", &json!({"schemas": [scim::message::BULK_REQUEST], "Operations": operations})))
}

fn entries(answer: &Answer) -> Vec<Value> {
    answer.at("/Operations").as_array().cloned().unwrap_or_default()
}

fn posted(session: &mut Session<'_>, bulk_id: &str) -> Value {
    let body = session.user_body(&json!({}));
    json!({"method": "POST", "path": "/Users", "bulkId": bulk_id, "data": body})
}

/// A POST that must fail: a user without a name.
fn bad(bulk_id: &str) -> Value {
    json!({"method": "POST", "path": "/Users", "bulkId": bulk_id, "data": {"schemas": [scim::schema::USER], "nickName": "x"}})
}

fn status(entry: &Value) -> &str {
    member(entry, "/status").as_str().unwrap_or("missing or no text")
}

fn of<'e>(entries: &'e [Value], bulk_id: &str) -> Verdict<&'e Value> {
    let found = entries.iter().find(|entry| member(entry, "/bulkId").as_str() == Some(bulk_id));
    found.map_or_else(|| fault(format!("there is no entry with bulkId {bulk_id}")), Ok)
}

/// What an entry says was made. The last segment of its location is the id as a path writes it.
fn read(session: &mut Session<'_>, endpoint: &str, entry: &Value) -> Verdict<Value> {
    let location = member(entry, "/location").as_str().unwrap_or_default();
    session.read(&format!("{endpoint}/{}", location.rsplit('/').next().unwrap_or_default()))
}

fn create(session: &mut Session<'_>) -> Verdict {
    let operations = json!([posted(session, "one"), posted(session, "two")]);
    let answer = send(session, &operations)?;
    answer.expect_object(&[200])?;
    answer.expect_at("/schemas", &json!([scim::message::BULK_RESPONSE]))?;
    let entries = entries(&answer);
    ensure(entries.len() == 2, || format!("{} entries came for 2 operations", entries.len()))?;
    for bulk_id in ["one", "two"] {
        read(session, "/Users", of(&entries, bulk_id)?)?;
    }
    Ok(())
}

fn entry(session: &mut Session<'_>) -> Verdict {
    let operations = json!([posted(session, "one")]);
    let answer = send(session, &operations)?;
    answer.expect(&[200])?;
    let entries = entries(&answer);
    let entry = of(&entries, "one")?;
    expect_at(entry, "/method", &json!("POST"))?;
    expect_at(entry, "/status", &json!("201"))?;
    ensure(member(entry, "/location").is_string(), || "location is missing".to_owned())
}

fn group_of(bulk_id: &str, name: &str, member: &str) -> Value {
    let data = json!({"schemas": [scim::schema::GROUP], "displayName": name, "members": [{"value": member}]});
    json!({"method": "POST", "path": "/Groups", "bulkId": bulk_id, "data": data})
}

fn referenced(session: &mut Session<'_>, is_forward: bool) -> Verdict {
    let name = session.fresh_name();
    let mut operations = vec![posted(session, "user"), group_of("group", &name, "bulkId:user")];
    if is_forward {
        operations.reverse();
    }
    let answer = send(session, &Value::Array(operations))?;
    answer.expect(&[200])?;
    let entries = entries(&answer);
    let (user, group) = (of(&entries, "user")?, of(&entries, "group")?);
    ensure(status(group) == "201", || format!("the group's status is {}", status(group)))?;
    let (user, group) = (read(session, "/Users", user)?, read(session, "/Groups", group)?);
    expect_at(&group, "/members", &json!([{"value": member(&user, "/id")}]))
}

fn reference(session: &mut Session<'_>) -> Verdict {
    if !session.announced.has(Feature::Groups) {
        return skip("the server does not announce Groups");
    }
    referenced(session, false)
}

fn reference_forward(session: &mut Session<'_>) -> Verdict {
    if !session.announced.has(Feature::Groups) {
        return skip("the server does not announce Groups");
    }
    referenced(session, true)
}

fn circular(session: &mut Session<'_>) -> Verdict {
    let names = [session.fresh_name(), session.fresh_name()];
    let [first, second] = names;
    let operations = json!([group_of("a", &first, "bulkId:b"), group_of("b", &second, "bulkId:a")]);
    let answer = send(session, &operations)?;
    answer.expect(&[200])?;
    let entries = entries(&answer);
    let (a, b) = (of(&entries, "a")?, of(&entries, "b")?);
    if [status(a), status(b)].contains(&"409") {
        return Ok(());
    }
    for group in [a, b] {
        ensure(status(group) == "201", || format!("status {}, expected 201 or 409", status(group)))?;
    }
    let (a, b) = (read(session, "/Groups", a)?, read(session, "/Groups", b)?);
    for (group, other) in [(&a, &b), (&b, &a)] {
        expect_at(group, "/members", &json!([{"value": member(other, "/id")}]))?;
    }
    Ok(())
}

fn goes_on(session: &mut Session<'_>) -> Verdict {
    let operations = json!([posted(session, "one"), bad("bad"), posted(session, "two")]);
    let answer = send(session, &operations)?;
    answer.expect(&[200])?;
    let entries = entries(&answer);
    for (bulk_id, wanted) in [("one", "201"), ("bad", "400"), ("two", "201")] {
        let found = status(of(&entries, bulk_id)?);
        ensure(found == wanted, || format!("the status of {bulk_id} is {found}, expected {wanted}"))?;
    }
    Ok(())
}

fn error_entry(session: &mut Session<'_>) -> Verdict {
    let answer = send(session, &json!([bad("bad")]))?;
    answer.expect(&[200])?;
    let entries = entries(&answer);
    let entry = of(&entries, "bad")?;
    expect_at(entry, "/response/schemas", &json!([scim::message::ERROR]))?;
    expect_at(entry, "/response/status", &json!(status(entry)))
}

fn fail_on_errors(session: &mut Session<'_>) -> Verdict {
    let late = posted(session, "late");
    let name = member(&late, "/data/userName").as_str().unwrap_or_default().to_owned();
    let body = json!({"schemas": [scim::message::BULK_REQUEST], "failOnErrors": 1, "Operations": [bad("bad"), late]});
    let answer = session.send(&Ask::post("/Bulk", &body))?;
    answer.expect(&[200])?;
    let found = session.query("/Users", &[("filter", &format!("userName eq \"{name}\""))])?;
    ensure(found.number_at("/totalResults") == Some(0), || "the operation after the error was processed".to_owned())
}

fn all_methods(session: &mut Session<'_>) -> Verdict {
    let (replaced, patched, deleted) =
        (session.user(&json!({}))?, session.user(&json!({}))?, session.user(&json!({}))?);
    let body = replacement(session, &replaced.name, &json!({"nickName": "replaced"}));
    let patch = super::super::session::patch_body(&json!([{"op": "add", "path": "nickName", "value": "patched"}]));
    let operations = json!([
        {"method": "PUT", "path": replaced.path, "data": body},
        {"method": "PATCH", "path": patched.path, "data": patch},
        {"method": "DELETE", "path": deleted.path},
    ]);
    send(session, &operations)?.expect(&[200])?;
    for (user, wanted) in [(replaced, "replaced"), (patched, "patched")] {
        let found = session.read(&user.path)?;
        expect_at(&found, "/nickName", &json!(wanted))?;
    }
    session.send(&Ask::get(deleted.path))?.expect(&[404])
}

fn no_bulk_id(session: &mut Session<'_>) -> Verdict {
    let body = session.user_body(&json!({}));
    let answer = send(session, &json!([{"method": "POST", "path": "/Users", "data": body}]))?;
    let entry = answer.at("/Operations/0").clone();
    let is_refused = answer.status == 400 || (answer.status == 200 && status(&entry) == "400");
    ensure(is_refused, || format!("status {} with an entry of status {}", answer.status, status(&entry)))
}

/// An operation that neither makes nor removes anything should the server take it: where ids are numbers, a short one
/// may be somebody's.
fn deletion_of_nobody(session: &Session<'_>) -> Value {
    json!({"method": "DELETE", "path": resource_path("/Users", &unknown_id(&session.marker))})
}

fn max_operations(session: &mut Session<'_>) -> Verdict {
    let Some(limit) = session.announced.number("/bulk/maxOperations") else {
        return skip("maxOperations is not announced");
    };
    if limit > MOST_OPERATIONS {
        return skip(format!("the limit of {limit} is too high to be tried out"));
    }
    let operation = deletion_of_nobody(session);
    let operations: Vec<Value> = (0..=limit).map(|_| operation.clone()).collect();
    send(session, &Value::Array(operations))?.expect(&[413])
}

fn max_payload(session: &mut Session<'_>) -> Verdict {
    let Some(limit) = session.announced.number("/bulk/maxPayloadSize") else {
        return skip("maxPayloadSize is not announced");
    };
    if limit > MOST_PAYLOAD {
        return skip(format!("the limit of {limit} bytes is too high to be tried out"));
    }
    let mut operation = deletion_of_nobody(session);
    if let Some(members) = operation.as_object_mut() {
        members.insert("filling".to_owned(), Value::from("x".repeat(usize::try_from(limit).unwrap_or(0))));
    }
    let body = json!({"schemas": [scim::message::BULK_REQUEST], "Operations": [operation]});
    // The server may answer before it has read everything and then hang up; nothing else should use that connection.
    session.send(&Ask::post("/Bulk", &body).header("Connection", "close"))?.expect(&[413])
}
