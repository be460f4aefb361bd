//! SCIM 1.1. Most of it is in `cases/v1.json`.

use serde_json::json;

use super::super::area::Area;
use super::super::case::Case;
use super::super::check::Check;
use super::super::finding::Severity;
use super::super::profile::Profile;
use super::super::session::Session;
use super::super::verdict::{Verdict, ensure};
use crate::encoding::resource_path;
use crate::version::ScimVersion;
use crate::wire::Ask;

pub(super) fn checks(profile: Profile) -> Vec<Check> {
    let check = |area, name, section, expected, remedy, question: fn(&mut Session<'_>) -> Verdict| {
        Check::new(area, name, section, expected, remedy, question).of_v1()
    };
    let mut checks = vec![
        check(
            Area::Discovery,
            "config",
            "SCIM 1.1 core section 9",
            "/ServiceProviderConfigs announces the features",
            "Answer 200 with patch, bulk, filter, changePassword, sort, etag and xmlDataFormat.",
            config,
        ),
        check(
            Area::Discovery,
            "schemas",
            "SCIM 1.1 core section 10",
            "/Schemas lists the schemas",
            "Answer 200 with a list.",
            schemas,
        )
        .warning(),
    ];
    checks.extend(cases(profile));
    checks.extend([
        check(
            Area::Lifecycle,
            "deleted",
            "SCIM 1.1 api section 3.4",
            "a deleted user is gone and their name is free",
            "Answer 404 afterwards, and do not count deleted users.",
            deleted,
        ),
        check(
            Area::Lifecycle,
            "location",
            "SCIM 1.1 api section 3.1",
            "Location and meta.location say where the user is",
            "Send both, and the same.",
            location,
        ),
        check(
            Area::Lifecycle,
            "no-2.0-words",
            "SCIM 1.1 core section 5.1",
            "resources name 1.0 schemas and have no meta.resourceType",
            "Speak 1.1 on the 1.1 address.",
            words,
        )
        .warning(),
    ]);
    // Areas stand together in a report, whatever the order of the files.
    checks.sort_by_key(|check| Area::ALL.iter().position(|area| *area == check.area));
    checks
}

fn cases(profile: Profile) -> impl Iterator<Item = Check> {
    // A test reads the file; one that is not sound never leaves the workshop.
    let cases = Case::read_all(include_str!("../../../cases/v1.json")).unwrap_or_default();
    cases.into_iter().map(move |case| {
        let is_foreign = !case.providers.is_empty() && !case.providers.contains(&profile);
        let severity = is_foreign.then_some(Severity::Note);
        let area = match case.id.split('-').next().unwrap_or_default() {
            "patch" | "method" => Area::Patch,
            "group" => Area::Groups,
            "filter" => Area::Filter,
            "list" => Area::Paging,
            "attributes" => Area::Projection,
            "missing" | "error" | "schemas" => Area::Errors,
            "plain" | "password" => Area::Attributes,
            _ => Area::Lifecycle,
        };
        case.into_check(area, ScimVersion::V1_1, severity)
    })
}

fn config(session: &mut Session<'_>) -> Verdict {
    let answer = session.send(&Ask::get("/ServiceProviderConfigs"))?;
    answer.expect_object(&[200])?;
    let missing: Vec<&str> = ["patch", "bulk", "filter", "changePassword", "sort", "etag", "xmlDataFormat"]
        .into_iter()
        .filter(|feature| {
            let found =
                ["", "/Resources/0"].map(|place| answer.at(&format!("{place}/{feature}/supported")).is_boolean());
            !found.contains(&true)
        })
        .collect();
    ensure(missing.is_empty(), || format!("without a boolean supported: {}", missing.join(", ")))
}

fn schemas(session: &mut Session<'_>) -> Verdict {
    let answer = session.send(&Ask::get("/Schemas"))?;
    answer.expect_list()?;
    ensure(!answer.resources().is_empty(), || "Resources is missing or empty".to_owned())
}

fn deleted(session: &mut Session<'_>) -> Verdict {
    let body = session.user_body(&json!({}));
    let first = session.send(&Ask::post("/Users", &body))?;
    first.expect(&[201])?;
    let path = resource_path("/Users", first.id().unwrap_or_default());
    session.send(&Ask::delete(path.clone()))?.expect(&[200, 204])?;
    session.send(&Ask::get(path))?.expect(&[404])?;
    session.send(&Ask::post("/Users", &body))?.expect(&[201])
}

fn location(session: &mut Session<'_>) -> Verdict {
    let body = session.user_body(&json!({}));
    let answer = session.send(&Ask::post("/Users", &body))?;
    answer.expect(&[201])?;
    let header = answer.header("location").unwrap_or("(no Location header)").to_owned();
    answer.expect_at("/meta/location", &json!(header))
}

fn words(session: &mut Session<'_>) -> Verdict {
    let made = session.user(&json!({}))?;
    let found = session.read(&made.path)?;
    let schemas = found.get("schemas").map(ToString::to_string).unwrap_or_default();
    ensure(!schemas.contains("urn:ietf"), || format!("schemas is {schemas}"))?;
    let kind = found.pointer("/meta/resourceType").is_some();
    ensure(!kind, || "meta has resourceType".to_owned())
}
