//! PATCH paths from their text to the attribute they name and the elements they choose.

use scim::path::{AttributePath, PatchPath};
use scim::schema::{ENTERPRISE_USER, ResolvedPath, Target, group_resource_schema, user_resource_schema};
use scim::{Leniency, ResourceSchema, ScimType};
use serde_json::json;

fn resolve(path: &str, schema: &ResourceSchema) -> ResolvedPath {
    schema.resolve_attribute(&AttributePath::parse(path).unwrap()).unwrap()
}

#[test]
fn names_are_found_in_any_letter_case_and_with_any_prefix() {
    let user = user_resource_schema();
    for (text, notation) in [
        ("USERNAME", "userName".to_owned()),
        ("Name.GivenName", "name.givenName".to_owned()),
        ("urn:ietf:params:scim:schemas:core:2.0:user:name.familyName", "name.familyName".to_owned()),
        ("groups.$REF", "groups.$ref".to_owned()),
        ("meta.lastModified", "meta.lastModified".to_owned()),
        (&format!("{ENTERPRISE_USER}:Department"), format!("{ENTERPRISE_USER}:department")),
        (&format!("{ENTERPRISE_USER}:manager.value"), format!("{ENTERPRISE_USER}:manager.value")),
        (&format!("{ENTERPRISE_USER}.department"), format!("{ENTERPRISE_USER}:department")),
    ] {
        assert_eq!(resolve(text, &user).notation(), notation, "{text}");
    }
    let whole = user.resolve(&AttributePath::parse(ENTERPRISE_USER).unwrap()).unwrap();
    assert!(matches!(whole, Target::Extension(schema) if schema.id == ENTERPRISE_USER));
    for text in ["nosuch", "name.nosuch", "urn:a:b:userName", "members"] {
        let error = user.resolve(&AttributePath::parse(text).unwrap()).unwrap_err();
        assert_eq!(error.scim_type, ScimType::InvalidPath, "{text}");
    }
}

#[test]
fn the_elements_of_a_patch_path_are_chosen_by_its_filter() {
    let path = PatchPath::parse(r#"members[value eq "a.b:c" and not (type eq "Group")].display"#, &Leniency::STRICT);
    let Ok(PatchPath::Elements { attribute, filter, sub_attribute }) = path else { panic!("{path:?}") };
    assert_eq!(sub_attribute.as_deref(), Some("display"));
    let resolved = group_resource_schema().resolve_attribute(&attribute).unwrap();
    let chosen = filter.compile_elements(&resolved, &Leniency::STRICT).unwrap();
    assert!(chosen.matches_element(&json!({ "value": "a.b:c", "type": "User" })));
    assert!(chosen.matches_element(&json!({ "value": "a.b:c" })));
    assert!(!chosen.matches_element(&json!({ "value": "a.b:c", "type": "Group" })));
    assert!(!chosen.matches_element(&json!({ "value": "a.b" })));
}
