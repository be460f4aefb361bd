//! Sorting (RFC 7644 section 3.4.2.3), where it is announced.

use serde_json::json;

use super::super::announced::Feature;
use super::super::area::Area;
use super::super::check::Check;
use super::super::session::Session;
use super::super::verdict::{Verdict, ensure};
use crate::likeness::member;

pub(super) fn checks() -> Vec<Check> {
    let check = |name, expected, remedy, question: fn(&mut Session<'_>) -> Verdict| {
        let check = Check::new(Area::Sorting, name, "RFC 7644 section 3.4.2.3", expected, remedy, question);
        check.needs(Feature::Sort).needs(Feature::Filter)
    };
    vec![
        check(
            "ascending",
            "sortBy orders ascending when nothing else is said",
            "Let sortOrder default to ascending.",
            |session| sorted(session, "userName", None, &["a", "B", "c"]),
        ),
        check("descending", "sortOrder=descending turns the order around", "Honour sortOrder.", |session| {
            sorted(session, "userName", Some("descending"), &["c", "B", "a"])
        }),
        check(
            "case",
            "attributes with caseExact=false are ordered without regard to case",
            "Compare folded values.",
            |session| sorted(session, "userName", Some("ascending"), &["a", "B", "c"]),
        ),
        check(
            "sub-attribute",
            "sortBy may name a sub-attribute",
            "Resolve attribute notation with a dot.",
            |session| sorted(session, "name.familyName", None, &["c", "a", "B"]),
        ),
        check(
            "missing-last",
            "those without a value come last when ascending",
            "Put resources without a value at the end.",
            |session| sorted(session, "title", None, &["B", "a", "c"]),
        )
        .warning(),
        check(
            "missing-first",
            "those without a value come first when descending",
            "Put resources without a value at the beginning.",
            |session| sorted(session, "title", Some("descending"), &["c", "a", "B"]),
        )
        .warning(),
    ]
}

/// Three people: by name a, B, c; by family name c, a, B; with the titles 2, 1 and none.
fn sorted(session: &mut Session<'_>, by: &str, order: Option<&str>, wanted: &[&str]) -> Verdict {
    let suffix = session.fresh_name();
    let people = [("a", "Mill", Some("2")), ("B", "Noon", Some("1")), ("c", "Ant", None)];
    let mut names = Vec::new();
    for (name, family, title) in people {
        let mut attributes =
            json!({"userName": format!("{name}.{suffix}"), "name": {"givenName": "x", "familyName": family}});
        if let (Some(title), Some(members)) = (title, attributes.as_object_mut()) {
            members.insert("title".to_owned(), json!(title));
        }
        let made = session.user(&attributes)?;
        names.push((made.id, name));
    }
    let filter = format!("userName ew \".{suffix}\"");
    let mut parameters = vec![("filter", filter.as_str()), ("sortBy", by)];
    parameters.extend(order.map(|order| ("sortOrder", order)));
    let answer = session.query("/Users", &parameters)?;
    answer.expect_list()?;
    let ids = answer.resources().iter().filter_map(|user| member(user, "/id").as_str());
    let found: Vec<&str> =
        ids.filter_map(|id| names.iter().find(|(known, _)| known == id)).map(|(_, name)| *name).collect();
    ensure(found == wanted, || format!("the order is {}, expected {}", found.join(" "), wanted.join(" ")))
}
