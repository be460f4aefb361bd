use std::collections::HashSet;

use super::*;
use crate::schema::{group_resource_schema, user_resource_schema};
use crate::v1::ENTERPRISE_USER;

fn attribute(schema: &Value, name: &str) -> Value {
    part(&schema["attributes"], name)
}

fn part(parts: &Value, name: &str) -> Value {
    let found = parts.as_array().unwrap().iter().find(|one| one["name"] == name);
    found.unwrap_or_else(|| panic!("{name} is missing")).clone()
}

fn names(parts: &Value) -> HashSet<String> {
    parts.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

/// Rows: 1.1-core-10-01, 1.1-api-3-02, 1.1-core-7-01
#[test]
fn a_schema_resource_describes_a_type_with_its_extensions() {
    let user = show_schema(&user_resource_schema());
    assert_eq!(user["id"], "urn:scim:schemas:core:1.0:User");
    assert_eq!((&user["name"], &user["schema"], &user["endpoint"]), (&json!("User"), &json!(CORE), &json!("/Users")));
    let emails = attribute(&user, "emails");
    assert_eq!(emails["schema"], CORE);
    assert_eq!((&emails["multiValued"], &emails["multiValuedAttributeChildName"]), (&json!(true), &json!("email")));
    assert_eq!(part(&emails["subAttributes"], "type")["canonicalValues"], json!(["work", "home", "other"]));
    assert_eq!(attribute(&user, "addresses")["multiValuedAttributeChildName"], "address");
    assert_eq!(attribute(&user, "id")["readOnly"], true);
    assert_eq!(attribute(&user, "userName")["required"], true);
    assert!(attribute(&user, "userName").get("multiValuedAttributeChildName").is_none());
    let manager = attribute(&user, "manager");
    assert_eq!(manager["schema"], ENTERPRISE_USER);
    assert_eq!(names(&manager["subAttributes"]), HashSet::from(["managerId".to_owned(), "displayName".to_owned()]));
    let meta = names(&attribute(&user, "meta")["subAttributes"]);
    assert!(meta.contains("attributes") && !meta.contains("resourceType"));
    let text = user.to_string();
    for word in ["mutability", "returned", "uniqueness", "referenceTypes", "urn:ietf:"] {
        assert!(!text.contains(word), "{word}");
    }
}

/// Rows: 1.1-core-8-01
#[test]
fn members_have_no_reference_and_a_type_that_is_read_only() {
    let group = show_schema(&group_resource_schema());
    assert_eq!(attribute(&group, "displayName")["required"], true);
    let members = attribute(&group, "members");
    assert_eq!(
        names(&members["subAttributes"]),
        HashSet::from(["value".to_owned(), "display".to_owned(), "type".to_owned()])
    );
    let kind = part(&members["subAttributes"], "type");
    assert_eq!((&kind["readOnly"], &kind["canonicalValues"]), (&json!(true), &json!(["User", "Group"])));
}

/// Rows: 1.1-core-3.1-01, 1.1-core-3-01, 1.1-core-4-01
#[test]
fn types_and_names_are_lawful() {
    fn check(parts: &Value) {
        for one in parts.as_array().unwrap() {
            let kind = one["type"].as_str().unwrap();
            let known = ["string", "boolean", "decimal", "integer", "dateTime", "binary", "complex"];
            assert!(known.contains(&kind), "{kind}");
            let name = one["name"].as_str().unwrap();
            let is_xml_name = name.starts_with(|first: char| first.is_ascii_alphabetic())
                && name.chars().all(|one| one.is_ascii_alphanumeric() || "-_.".contains(one));
            assert!(is_xml_name, "{name}");
            if let Some(parts) = one.get("subAttributes") {
                check(parts);
            }
        }
    }
    for schema in [user_resource_schema(), group_resource_schema()] {
        let shown = show_schema(&schema);
        check(&shown["attributes"]);
        let count = shown["attributes"].as_array().unwrap().len();
        assert_eq!(names(&shown["attributes"]).len(), count, "an extension redefines no core attribute");
    }
}

#[test]
fn schemas_are_found_by_id_name_and_endpoint() {
    let all = [user_resource_schema(), group_resource_schema()];
    for (name, expected) in [
        ("urn:scim:schemas:core:1.0:User", Some("User")),
        ("URN:scim:schemas:core:1.0:group", Some("Group")),
        ("User", Some("User")),
        ("Users", Some("User")),
        ("groups", Some("Group")),
        ("urn:scim:schemas:core:1.0", None),
        ("urn:ietf:params:scim:schemas:core:2.0:User", None),
    ] {
        let found = find_schema(&all, name).map(|schema| schema.resource_type().name.as_str());
        assert_eq!(found, expected, "{name}");
    }
    let list = show_schemas(&all);
    assert_eq!(list["schemas"], json!([CORE, LIST_RESPONSE]));
    assert_eq!((&list["totalResults"], &list["Resources"][1]["name"]), (&json!(2), &json!("Group")));
}
