//! What `/Schemas` publishes, attribute by attribute (RFC 7643 sections 2, 4, 7 and 8.7).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use muster_model::Provider;
use muster_testkit::TestHub;
use serde_json::Value;

const FACTS: &str = include_str!("schema_facts.txt");

/// Where we publish something else than the corrected text, and why.
const DIFFERENCES: [(&str, &str); 8] = [
    ("User groups.value", "an identifier is case exact, because id is (section 3.1)"),
    ("Group members.value", "the same"),
    ("Group members.type", "the name of a resource type is case exact in meta.resourceType (section 3.1)"),
    ("Group members.display", "filled by the server and shown on request, so that lists of members stay cheap"),
    ("enterprise manager.displayName", "the same"),
    ("User addresses.primary", "section 8.2 shows it and 8.7.1 forgot it"),
    ("Schema id", "always returned (section 7), and case exact as every id"),
    ("ResourceType schemaExtensions", "optional (section 6)"),
];

async fn published(provider: Provider) -> Vec<Value> {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", provider).await;
    client.get("/Schemas").await.body["Resources"].as_array().unwrap().clone()
}

/// Each attribute and sub-attribute under the name that the facts use: `User emails.value`.
fn each(schemas: &[Value]) -> BTreeMap<String, Value> {
    fn walk(found: &mut BTreeMap<String, Value>, prefix: &str, attributes: &Value) {
        for attribute in attributes.as_array().into_iter().flatten() {
            let name = format!("{prefix}{}", attribute["name"].as_str().unwrap());
            walk(found, &format!("{name}."), &attribute["subAttributes"]);
            found.insert(name, attribute.clone());
        }
    }
    let mut found = BTreeMap::new();
    for schema in schemas {
        let id = schema["id"].as_str().unwrap();
        let short = if id.contains(":extension:") { "enterprise" } else { id.rsplit(':').next().unwrap() };
        walk(&mut found, &format!("{short} "), &schema["attributes"]);
    }
    found
}

/// An attribute as a line of the facts, without its name.
fn fact(attribute: &Value) -> String {
    let kind = attribute["type"].as_str().unwrap();
    let text = |name: &str| attribute[name].as_str().unwrap_or("-").to_owned();
    let list = |name: &str| {
        let listed: Vec<&str> = attribute[name].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        if listed.is_empty() { "-".to_owned() } else { listed.join(",") }
    };
    let choose = |name: &str, yes: &'static str, no: &'static str| if attribute[name] == true { yes } else { no };
    let has_uniqueness = !matches!(kind, "complex" | "boolean");
    let mut line = format!("{kind} {} ", choose("multiValued", "list", "one"));
    write!(line, "{} ", choose("required", "required", "optional")).unwrap();
    write!(line, "{} {} ", text("mutability"), text("returned")).unwrap();
    line.push_str(&if has_uniqueness { text("uniqueness") } else { "-".to_owned() });
    write!(line, " {} ", choose("caseExact", "exact", "any")).unwrap();
    line + &list("referenceTypes") + " " + &list("canonicalValues")
}

/// Rows: 7643-2.4-02, 7643-2.4-05, 7643-2.4-10, 7643-4.1-01, 7643-4.1.1-03, 7643-4.2-01, 7643-4.2-04, 7643-4.3-01,
/// 7643-7-19, 7643-8.7-01, 7643-2.3.7-04
#[tokio::test]
async fn the_published_schemas_are_those_of_the_rfc_with_its_errata() {
    let found = each(&published(Provider::Generic).await);
    let mut differing: Vec<&str> = Vec::new();
    let mut known = 0;
    for line in FACTS.lines().filter(|line| !line.starts_with('#')) {
        known += 1;
        let (short, rest) = line.split_once(' ').unwrap();
        let (name, expected) = rest.split_once(' ').unwrap();
        let name = &line[..short.len() + 1 + name.len()];
        let attribute = found.get(name).unwrap_or_else(|| panic!("{name} is not published"));
        if DIFFERENCES.iter().any(|(other, _)| *other == name) {
            assert_ne!(fact(attribute), expected, "{name} is no difference");
            differing.push(name);
        } else {
            assert_eq!(fact(attribute), expected, "{name}");
        }
    }
    assert_eq!(differing.len() + 1, DIFFERENCES.len(), "{differing:?}");
    assert_eq!(known + 1, found.len(), "all but addresses.primary are in the facts");
}

/// Rows: 7643-7-04, 7643-7-05, 7643-2.3.8-02, 7643-2.3.8-03, 7643-7-17, 7643-2.2-01
#[tokio::test]
async fn every_attribute_is_published_with_what_its_type_has() {
    let types = ["string", "boolean", "decimal", "integer", "dateTime", "reference", "complex", "binary"];
    for provider in [Provider::Generic, Provider::Strict, Provider::Entra] {
        for (name, attribute) in each(&published(provider).await) {
            let kind = attribute["type"].as_str().unwrap();
            assert!(types.contains(&kind), "{name}");
            for must in ["multiValued", "description", "required", "mutability", "returned"] {
                assert!(attribute.get(must).is_some(), "{name} lacks {must}");
            }
            let parts = attribute["subAttributes"].as_array();
            assert_eq!(parts.is_some_and(|parts| !parts.is_empty()), kind == "complex", "{name}");
            if kind == "complex" {
                assert!(attribute["uniqueness"].as_str().is_none_or(|scope| scope == "none"), "{name}");
                assert!(attribute["caseExact"] != true, "{name}");
                // Only the schema of schemas describes itself with parts of parts.
                assert!(name.matches('.').count() == 0 || name.starts_with("Schema "), "{name}");
            }
            assert_ne!(attribute["uniqueness"], "global", "{name}: nothing is promised beyond this service");
        }
    }
}

/// Rows: 7643-10.3-01, 7643-3.3-04
#[tokio::test]
async fn the_namespace_of_the_ietf_holds_only_what_the_ietf_defines() {
    let defined = [
        "core:2.0:User",
        "core:2.0:Group",
        "core:2.0:ServiceProviderConfig",
        "core:2.0:ResourceType",
        "core:2.0:Schema",
        "extension:enterprise:2.0:User",
    ];
    let schemas = published(Provider::Generic).await;
    for schema in &schemas {
        if let Some(name) = schema["id"].as_str().unwrap().strip_prefix("urn:ietf:params:scim:schemas:") {
            assert!(defined.contains(&name), "{name}");
        }
    }
    let all = each(&schemas);
    for name in all.keys().filter_map(|name| name.strip_prefix("enterprise ")).filter(|name| !name.contains('.')) {
        assert!(!all.contains_key(&format!("User {name}")), "{name} is in the core schema already");
    }
}
