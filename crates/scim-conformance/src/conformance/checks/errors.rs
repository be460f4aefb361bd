//! The form of error answers (RFC 7644 section 3.12) and who may ask at all. What is refused is in `cases/errors.json`.

use serde_json::{Value, json};

use super::super::area::Area;
use super::super::check::Check;
use super::super::session::Session;
use super::super::verdict::{Verdict, ensure, skip};
use crate::wire::{Answer, Ask};

const AREA: Area = Area::Errors;

pub(super) fn checks() -> Vec<Check> {
    let check = |name, section, expected, remedy, question: fn(&mut Session<'_>) -> Verdict| {
        Check::new(AREA, name, section, expected, remedy, question)
    };
    vec![
        check(
            "body",
            "RFC 7644 section 3.12",
            "an error has a JSON body with the Error schema",
            "Send schemas urn:ietf:params:scim:api:messages:2.0:Error.",
            |session| each(session, |answer| answer.expect_at("/schemas", &json!([scim::message::ERROR]))),
        ),
        check(
            "status-text",
            "RFC 7644 section 3.12",
            "status in the body is the status code as a text",
            "Send \"status\": \"404\", not a number.",
            |session| each(session, |answer| answer.expect_at("/status", &json!(answer.status.to_string()))),
        ),
        check(
            "members",
            "RFC 7644 section 3.12",
            "an error body has no members but schemas, status, scimType and detail",
            "Put request ids and the like into headers; some clients refuse unknown members.",
            |session| each(session, members),
        )
        .warning(),
        check(
            "media-type",
            "RFC 7644 section 8.1",
            "errors say application/scim+json",
            "Send Content-Type: application/scim+json with errors too.",
            |session| each(session, media_type),
        )
        .warning(),
        check(
            "detail",
            "RFC 7644 section 3.12",
            "an error says in words what is wrong",
            "Send detail; people read it in the log of their identity provider.",
            |session| {
                each(session, |answer| {
                    ensure(answer.text_at("/detail").is_some_and(|text| !text.is_empty()), || {
                        format!("the error {} has no detail", answer.status)
                    })
                })
            },
        )
        .note(),
        check(
            "media-type-of-users",
            "RFC 7644 section 8.1",
            "answers with resources say application/scim+json",
            "Send Content-Type: application/scim+json.",
            media_type_of_users,
        )
        .warning(),
        check(
            "no-token",
            "RFC 7644 section 2",
            "a request without credentials is answered with 401",
            "Answer 401; nobody may read people without a token.",
            |session| unauthorized(session, ""),
        ),
        check("wrong-token", "RFC 7644 section 2", "a wrong token is answered with 401", "Answer 401.", |session| {
            unauthorized(session, "Bearer no-such-token")
        }),
        check(
            "no-token-header",
            "RFC 7644 section 2",
            "the answer 401 says in WWW-Authenticate how to authenticate",
            "Send WWW-Authenticate: Bearer.",
            authenticate,
        )
        .warning(),
        check(
            "me",
            "RFC 7644 section 3.11",
            "/Me is answered with 501 where it is not supported",
            "Answer 501, not 404.",
            me,
        )
        .note(),
    ]
}

/// Errors of three kinds.
fn each(session: &mut Session<'_>, look: impl Fn(&Answer) -> Verdict) -> Verdict {
    let asks = [
        Ask::get(format!("/Users/none-{}", session.marker)),
        Ask::post("/Users", &json!({"schemas": [scim::schema::USER], "nickName": "x"})),
        Ask::post("/Users", &Value::Null).text("{"),
    ];
    for ask in asks {
        let answer = session.send(&ask)?;
        ensure(answer.status >= 400, || format!("{} {} was answered with {}", ask.method, ask.path, answer.status))?;
        look(&answer)?;
    }
    Ok(())
}

fn members(answer: &Answer) -> Verdict {
    const KNOWN: [&str; 4] = ["schemas", "status", "scimType", "detail"];
    let names = answer.body.as_object().map(|members| members.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
    let extra: Vec<&str> = names.iter().map(String::as_str).filter(|name| !KNOWN.contains(name)).collect();
    ensure(extra.is_empty(), || format!("the error {} also has {}", answer.status, extra.join(", ")))
}

fn media_type(answer: &Answer) -> Verdict {
    let found = answer.header("content-type").unwrap_or("nothing");
    ensure(found.to_ascii_lowercase().starts_with("application/scim+json"), || {
        format!("the error {} says {found}", answer.status)
    })
}

fn media_type_of_users(session: &mut Session<'_>) -> Verdict {
    let made = session.user(&json!({}))?;
    for path in ["/Users", &made.path] {
        let answer = session.query(path, &[])?;
        answer.expect(&[200])?;
        media_type_of(path, &answer)?;
    }
    Ok(())
}

fn media_type_of(path: &str, answer: &Answer) -> Verdict {
    let found = answer.header("content-type").unwrap_or("nothing");
    ensure(found.to_ascii_lowercase().starts_with("application/scim+json"), || format!("{path} says {found}"))
}

fn unauthorized(session: &mut Session<'_>, credentials: &str) -> Verdict {
    if !session.client.has_token() {
        return skip("the run has no token, so the server may be open to everybody");
    }
    let answer = session.send(&Ask::get("/Users").header("Authorization", credentials))?;
    answer.expect(&[401])?;
    answer.expect_at("/schemas", &json!([scim::message::ERROR]))
}

fn authenticate(session: &mut Session<'_>) -> Verdict {
    if !session.client.has_token() {
        return skip("the run has no token, so the server may be open to everybody");
    }
    let answer = session.send(&Ask::get("/Users").header("Authorization", ""))?;
    ensure(answer.header("www-authenticate").is_some(), || "there is no WWW-Authenticate header".to_owned())
}

fn me(session: &mut Session<'_>) -> Verdict {
    session.send(&Ask::get("/Me"))?.expect(&[501, 308, 200])
}
