//! Any text: a path is refused or understood, never a panic; what is understood can be printed and read again.

use scim::path::{AttributePath, PatchPath};
use scim::schema::{group_resource_schema, user_resource_schema};
use scim::{Leniency, ScimType};
use serde_json::json;

use crate::scraps::text_from;

fn check_attribute_path(text: &str) {
    match AttributePath::parse(text) {
        Ok(path) => {
            assert_eq!(path.to_string(), text.trim_ascii());
            assert_eq!(AttributePath::parse(&path.to_string()).as_ref(), Ok(&path));
            let _target = user_resource_schema().resolve(&path);
        }
        Err(error) => assert_eq!(error.scim_type, ScimType::InvalidPath),
    }
}

fn check_patch_path(text: &str, leniency: &Leniency) {
    let path = match PatchPath::parse(text, leniency) {
        Ok(path) => path,
        Err(error) => {
            assert!(matches!(error.scim_type, ScimType::InvalidPath | ScimType::InvalidFilter));
            return;
        }
    };
    let printed = path.to_string();
    if printed.len() <= 16 * 1024 {
        assert_eq!(PatchPath::parse(&printed, leniency).as_ref(), Ok(&path), "{printed}");
    }
    let PatchPath::Elements { attribute, filter, .. } = &path else { return };
    for schema in [user_resource_schema(), group_resource_schema()] {
        let Ok(resolved) = schema.resolve_attribute(attribute) else { continue };
        match filter.compile_elements(&resolved, leniency) {
            Ok(compiled) => {
                for element in [json!({ "value": "x", "type": "work", "primary": true }), json!("x"), json!(null)] {
                    let _answer = compiled.matches_element(&element);
                }
            }
            Err(error) => assert!(matches!(error.scim_type, ScimType::InvalidFilter | ScimType::Sensitive)),
        }
    }
}

#[test]
fn fuzz_path() {
    bolero::check!().for_each(|input: &[u8]| {
        let text = text_from(input);
        check_attribute_path(&text);
        check_patch_path(&text, &Leniency::TOLERANT);
        check_patch_path(&text, &Leniency::STRICT);
    });
}
