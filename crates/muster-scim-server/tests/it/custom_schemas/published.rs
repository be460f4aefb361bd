//! What discovery publishes, built-in and added alike (RFC 7643 sections 5, 7 and 8.7 with their errata).

use muster_model::Provider;
use muster_testkit::TestHub;
use serde_json::{Value, json};

use super::{add, badges};

fn each_attribute(list: &Value, mut visit: impl FnMut(&str, &Value)) {
    for schema in list["Resources"].as_array().unwrap() {
        for attribute in schema["attributes"].as_array().unwrap() {
            visit(schema["id"].as_str().unwrap(), attribute);
            for sub in attribute["subAttributes"].as_array().into_iter().flatten() {
                visit(schema["id"].as_str().unwrap(), sub);
            }
        }
    }
}

/// Rows: 7643-7-03, 7643-7-04, 7643-7-05, 7643-7-19
#[tokio::test]
async fn every_attribute_is_published_with_its_characteristics() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    add(&hub, &badges(), None).await;
    let list = client.get("/Schemas").await.body;
    let types: Vec<Value> = client.get("/ResourceTypes").await.body["Resources"].as_array().unwrap().clone();
    let mut seen = 0;
    each_attribute(&list, |urn, attribute| {
        let named = format!("{urn} {}", attribute["name"]);
        seen += 1;
        let word = attribute["type"].as_str().unwrap();
        let known = ["string", "boolean", "decimal", "integer", "dateTime", "reference", "complex", "binary"];
        assert!(known.contains(&word), "{named}");
        for member in ["multiValued", "required"] {
            assert!(attribute[member].is_boolean(), "{named}: {member}");
        }
        for member in ["mutability", "returned"] {
            assert!(attribute[member].is_string(), "{named}: {member}");
        }
        // Erratum 6004.
        let compares = !matches!(word, "complex" | "boolean");
        assert_eq!(attribute.get("uniqueness").is_some(), compares, "{named}");
        let is_complex = word == "complex";
        assert_eq!(attribute["subAttributes"].as_array().is_some_and(|subs| !subs.is_empty()), is_complex, "{named}");
        for target in attribute["referenceTypes"].as_array().into_iter().flatten() {
            let is_known = ["external", "uri"].contains(&target.as_str().unwrap());
            assert!(is_known || types.iter().any(|one| one["name"] == *target), "{named}: {target}");
        }
    });
    assert!(seen > 100, "{seen}");
}

/// Rows: 7643-8.7-01
#[tokio::test]
async fn the_built_in_schemas_are_those_of_the_standard_with_its_errata() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    let list = client.get("/Schemas").await.body;
    let find = |urn: &str, path: &str| {
        let schema = list["Resources"].as_array().unwrap().iter().find(|schema| schema["id"] == urn).unwrap();
        let mut found = schema.clone();
        for (depth, name) in path.split('.').enumerate() {
            let member = if depth == 0 { "attributes" } else { "subAttributes" };
            found = found[member].as_array().unwrap().iter().find(|one| one["name"] == name).unwrap().clone();
        }
        found
    };
    let core = |name: &str| format!("urn:ietf:params:scim:schemas:core:2.0:{name}");
    assert_eq!(find(&core("Group"), "displayName")["required"], true, "5368");
    assert!(find(&core("Schema"), "attributes.type")["canonicalValues"].as_array().unwrap().contains(&json!("binary")));
    assert_eq!(find(&core("Schema"), "attributes.subAttributes.referenceTypes")["multiValued"], true, "5607");
    assert_eq!(find(&core("ResourceType"), "schemaExtensions")["multiValued"], true, "7522");
    let nested = find(&core("Schema"), "attributes.subAttributes.type");
    assert!(!nested["canonicalValues"].as_array().unwrap().contains(&json!("complex")), "8415");
    assert_eq!(find(&core("User"), "groups.$ref")["referenceTypes"], json!(["Group"]), "8471");
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    assert_eq!(find(enterprise, "manager.value")["caseExact"], true, "8472");
    assert_eq!(find(&core("ResourceType"), "endpoint")["uniqueness"], "server", "8475");
    assert_eq!(find(&core("User"), "userName")["uniqueness"], "server");
}

/// Rows: 7643-5-04, 7643-5-05, 7643-5-06, 7643-5-07, 7643-5-08
#[tokio::test]
async fn the_configuration_says_what_there_is() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    let config = client.get("/ServiceProviderConfig").await.body;
    for feature in ["patch", "bulk", "filter", "changePassword", "sort", "etag"] {
        assert!(config[feature]["supported"].is_boolean(), "{feature}");
    }
    let scheme = &config["authenticationSchemes"][0];
    for member in ["type", "name", "description"] {
        assert!(scheme[member].is_string(), "{member}");
    }
    let known = ["oauth", "oauth2", "oauthbearertoken", "httpbasic", "httpdigest"];
    assert!(known.contains(&scheme["type"].as_str().unwrap()));
}
