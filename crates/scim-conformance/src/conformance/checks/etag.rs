//! Versions (RFC 7644 section 3.14), where they are announced.

use serde_json::json;

use super::super::announced::Feature;
use super::super::area::Area;
use super::super::check::Check;
use super::super::session::{Made, Session, patch_body};
use super::super::verdict::{Verdict, ensure, fault};
use super::replacement::{replace, replacement};
use crate::encoding::resource_path;
use crate::wire::Ask;

pub(super) fn checks() -> Vec<Check> {
    let check = |name, expected, remedy, question: fn(&mut Session<'_>) -> Verdict| {
        Check::new(Area::Etag, name, "RFC 7644 section 3.14", expected, remedy, question).needs(Feature::Etag)
    };
    vec![
        check("header", "answers with a resource have an ETag header", "Send ETag with GET, POST and PUT.", header),
        check("meta-version", "meta.version is the same as the ETag header", "Send both, and the same.", meta_version)
            .warning(),
        check(
            "changes",
            "a change gives a new version",
            "Derive the version from the content or count changes.",
            changes,
        ),
        check(
            "if-none-match",
            "GET with the current version in If-None-Match is answered with 304",
            "Answer 304 without a body.",
            if_none_match,
        ),
        check(
            "if-none-match-old",
            "GET with another version in If-None-Match is answered with 200",
            "Compare the version.",
            if_none_match_old,
        ),
        check(
            "if-match-put",
            "PUT with an old version in If-Match is answered with 412 and changes nothing",
            "Compare before writing.",
            |session| {
                stale(session, |session, made| {
                    Ask::put(made.path.clone(), &replacement(session, &made.name, &json!({"nickName": "stale"})))
                })
            },
        ),
        check(
            "if-match-patch",
            "PATCH with an old version in If-Match is answered with 412 and changes nothing",
            "Compare before writing.",
            |session| {
                let operations = json!([{"op": "replace", "path": "nickName", "value": "stale"}]);
                stale(session, move |_, made| Ask::patch(made.path.clone(), &patch_body(&operations)))
            },
        )
        .needs(Feature::Patch),
        check(
            "if-match-delete",
            "DELETE with an old version in If-Match is answered with 412 and deletes nothing",
            "Compare before deleting.",
            |session| stale(session, |_, made| Ask::delete(made.path.clone())),
        ),
        check(
            "if-match-current",
            "PUT with the current version in If-Match is taken",
            "Compare weak tags by what is in the quotes.",
            current,
        ),
    ]
}

fn version(session: &mut Session<'_>, path: &str) -> Verdict<String> {
    let answer = session.send(&Ask::get(path))?;
    answer.expect(&[200])?;
    answer.header("etag").map_or_else(|| fault("GET is answered without an ETag header"), |tag| Ok(tag.to_owned()))
}

fn header(session: &mut Session<'_>) -> Verdict {
    let body = session.user_body(&json!({}));
    let answer = session.send(&Ask::post("/Users", &body))?;
    answer.expect(&[201])?;
    ensure(answer.header("etag").is_some(), || "POST is answered without an ETag header".to_owned())?;
    let path = resource_path("/Users", answer.id().unwrap_or_default());
    version(session, &path).map(drop)
}

fn meta_version(session: &mut Session<'_>) -> Verdict {
    let made = session.user(&json!({}))?;
    let answer = session.send(&Ask::get(made.path))?;
    let tag = answer.header("etag").unwrap_or_default().to_owned();
    answer.expect_at("/meta/version", &json!(tag))
}

/// A user who has changed once, and the version from before.
fn changed(session: &mut Session<'_>) -> Verdict<(Made, String)> {
    let made = session.user(&json!({}))?;
    let old = version(session, &made.path)?;
    replace(session, &made.path, &made.name, &json!({"nickName": "Babs"}))?.expect(&[200])?;
    Ok((made, old))
}

fn changes(session: &mut Session<'_>) -> Verdict {
    let (made, old) = changed(session)?;
    let new = version(session, &made.path)?;
    ensure(new != old, || format!("the version is {old} before and after a change"))
}

fn if_none_match(session: &mut Session<'_>) -> Verdict {
    let made = session.user(&json!({}))?;
    let tag = version(session, &made.path)?;
    let answer = session.send(&Ask::get(made.path).header("If-None-Match", tag))?;
    answer.expect(&[304])?;
    ensure(answer.is_empty, || "the answer 304 has a body".to_owned())
}

fn if_none_match_old(session: &mut Session<'_>) -> Verdict {
    let (made, old) = changed(session)?;
    session.send(&Ask::get(made.path).header("If-None-Match", old))?.expect(&[200])
}

fn stale(session: &mut Session<'_>, ask: impl Fn(&mut Session<'_>, &Made) -> Ask) -> Verdict {
    let (made, old) = changed(session)?;
    let before = session.read(&made.path)?;
    let ask = ask(session, &made).header("If-Match", old);
    session.send(&ask)?.expect(&[412])?;
    let after = session.read(&made.path)?;
    ensure(before == after, || "the user changed although the request was refused".to_owned())
}

fn current(session: &mut Session<'_>) -> Verdict {
    let (made, _) = changed(session)?;
    let tag = version(session, &made.path)?;
    let body = replacement(session, &made.name, &json!({"nickName": "fresh"}));
    session.send(&Ask::put(made.path, &body).header("If-Match", tag))?.expect(&[200])
}
