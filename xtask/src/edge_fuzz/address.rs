//! Paths and queries.

use super::message::Plan;
use super::sender::{Known, Place};
use crate::http::query_value;
use crate::seed::Seed;

const ENDPOINTS: &[&str] = &[
    "/Users",
    "/Users",
    "/Users",
    "/Groups",
    "/Groups",
    "/Users/.search",
    "/.search",
    "/Bulk",
    "/Me",
    "/Schemas",
    "/ResourceTypes",
    "/ServiceProviderConfig",
    "/ServiceProviderConfigs",
    "",
    "/",
    "/users",
    "/Users/",
    "/Groups/.search",
    "/Schemas/urn:ietf:params:scim:schemas:core:2.0:User",
    "/ResourceTypes/User",
    "/Users.json",
    "/Nothing",
    "/Users/a/b",
    "/Users/%2e%2e/Groups",
    "/..%2f..%2fetc/passwd",
    "/Users/%00",
    "/Users/%ff%fe",
    "/Users//",
    "/Users/;a=b",
    "/Users/\u{30c6}",
    "/%5BUsers%5D",
    "/Users?",
    "/Users/bulkId:x",
];
const FILTERS: &[&str] = &[
    "userName eq \"a\"",
    "userName sw \"u\"",
    "emails[type eq \"work\" and value co \"@\"]",
    "not (active eq true)",
    "id eq \"1\"",
    "meta.lastModified gt \"2020-01-01T00:00:00Z\"",
    "members.value eq \"x\"",
    "groups[value pr]",
    "externalId pr",
    "(((((userName pr)))))",
    "userName eq",
    "eq eq eq",
    "password eq \"a\"",
    "name.familyName ne null",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq \"1\"",
    "emails.type ge 5",
    "userName eq \"\\ud800\"",
    "userName eq \"\u{1F600}\u{0}\"",
    "a[b[c eq 1]]",
    "active eq \"True\"",
    "schemas eq \"x\"",
    "userName co \"\"",
    "title pr or title pr or title pr and not (title pr)",
    "meta.resourceType eq \"User\"",
    "\"",
    "[",
    ")",
];
const NAMES: &[&str] = &[
    "userName",
    "name",
    "name.givenName",
    "emails",
    "emails.value",
    "members",
    "groups",
    "meta.created",
    "password",
    "id",
    "x",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    "displayName",
    "a,b,c",
    "",
    "members.display",
    "active",
    "$ref",
    "manager.displayName",
    "externalId",
    "urn:",
    ":",
    ".",
    "[",
];
const NUMBERS: &[&str] =
    &["0", "1", "-1", "2", "50", "1000", "99999999999999999999", "x", "", "1.5", "-9223372036854775808", "10001"];

pub(super) fn random(seed: &mut Seed, place: &Place, known: &Known, plan: Plan) -> String {
    let base = if seed.one_in(50) {
        seed.word(&["", "/scim/v2", "/scim/v2/con_x", "/healthz", "/metrics", "/readyz", "/scim/v9", "/api/v1"])
            .to_owned()
    } else {
        place.base_path.clone()
    };
    let endpoint = if seed.one_in(12) { seed.word(ENDPOINTS) } else { plan.path };
    let ids = if plan.path == "/Groups" { &known.groups } else { &known.users };
    let mut path = match seed.choose(ids) {
        Some(id) if plan.names_one && !seed.one_in(25) => format!("{base}{endpoint}/{id}"),
        _ if plan.names_one => {
            format!("{base}{endpoint}/{}", seed.word(&["x", "", "01a20126-0000-7000-8000-000000000000"]))
        }
        _ => format!("{base}{endpoint}"),
    };
    if seed.one_in(300) {
        path.push_str(&"/x".repeat(seed.between(1, 40_000)));
    }
    let parameters: Vec<String> = (0..seed.between(0, 6).saturating_sub(4)).map(|_| parameter(seed, known)).collect();
    if !parameters.is_empty() {
        path.push('?');
        path.push_str(&parameters.join(seed.word(&["&", "&", "&", ";", "&&"])));
    }
    // What stands in a request line is visible ASCII; everything else must be encoded to be HTTP at all.
    path.bytes()
        .map(|byte| if byte.is_ascii_graphic() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

fn parameter(seed: &mut Seed, known: &Known) -> String {
    let (name, value) = match seed.between(0, 9) {
        0..3 => ("filter", damaged(seed, FILTERS)),
        3 => ("sortBy", damaged(seed, NAMES)),
        4 => ("sortOrder", seed.word(&["ascending", "descending", "x", ""]).to_owned()),
        5 => ("count", seed.word(NUMBERS).to_owned()),
        6 => ("startIndex", seed.word(NUMBERS).to_owned()),
        7 => ("attributes", damaged(seed, NAMES)),
        8 => ("excludedAttributes", damaged(seed, NAMES)),
        _ => ("cursor", seed.choose(&known.cursors).cloned().unwrap_or_default()),
    };
    match seed.between(0, 20) {
        0 => format!("{name}={value}%zz%"),
        1 => format!("{}={}", name.to_uppercase(), query_value(&value)),
        2 => name.to_owned(),
        3 => value,
        _ => format!("{name}={}", query_value(&value)),
    }
}

/// One of the words, sometimes joined with others, sometimes with a character too many or too few.
fn damaged(seed: &mut Seed, words: &[&'static str]) -> String {
    let mut text = seed.word(words).to_owned();
    for _ in 0..seed.between(0, 8).saturating_sub(6) {
        text = format!("{text}{}{}", seed.word(&[" and ", " or ", ",", " ", "."]), seed.word(words));
    }
    if seed.one_in(6) {
        let place = seed.between(0, text.len());
        let kept: String = text.chars().take(place).collect();
        text = format!(
            "{kept}{}{}",
            seed.word(&["(", ")", "\"", "\\", "\u{0}", "\u{e9}", " not ", "]"]),
            text.get(place..).unwrap_or("")
        );
    }
    if seed.one_in(500) {
        text = vec![text; seed.between(2, 300)].join(" or ");
    }
    text
}
