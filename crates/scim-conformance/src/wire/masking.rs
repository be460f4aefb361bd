//! What must not stand in a report that is sent to others.

use serde_json::Value;

use crate::likeness::member;

const MASK: &str = "***";

/// Every occurrence of a secret is replaced, in whatever a server echoes.
pub(super) fn masked_text(text: &str, secrets: &[String]) -> String {
    let is_worth_it = |secret: &&String| !secret.is_empty();
    secrets.iter().filter(is_worth_it).fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), MASK))
}

/// Credentials keep their scheme only; cookies are credentials.
pub(super) fn masked_header(name: &str, value: &str, secrets: &[String]) -> String {
    match name.to_ascii_lowercase().as_str() {
        "authorization" => match value.split_once(' ') {
            Some((scheme, _)) => format!("{scheme} {MASK}"),
            None => MASK.to_owned(),
        },
        "cookie" | "set-cookie" => MASK.to_owned(),
        _ => masked_text(value, secrets),
    }
}

/// Passwords in JSON, at any depth; also as values of PATCH operations on `password`.
pub(super) fn mask_members(value: &mut Value) {
    match value {
        Value::Object(members) => {
            let is_password_operation =
                members.get("path").and_then(Value::as_str).is_some_and(|path| path.eq_ignore_ascii_case("password"));
            for (name, member) in members.iter_mut() {
                if name.eq_ignore_ascii_case("password")
                    || (is_password_operation && name.eq_ignore_ascii_case("value"))
                {
                    if !member.is_null() && !member.is_object() {
                        *member = Value::from(MASK);
                    }
                } else {
                    mask_members(member);
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(mask_members),
        _ => {}
    }
}

/// Resources of a list, and a lone one, that do not hold the marker of this run belong to real people. Discovery
/// documents belong to nobody.
pub(super) fn hide_foreign_resources(value: &mut Value, marker: &str) {
    let hide = |resource: &mut Value| {
        let is_personal = ["userName", "displayName", "emails", "name", "members"]
            .iter()
            .any(|name| !member(resource, &format!("/{name}")).is_null());
        let is_discovery = !member(resource, "/attributes").is_null() || !member(resource, "/endpoint").is_null();
        if is_personal && !is_discovery && !resource.to_string().contains(marker) {
            *resource = Value::from("(a resource that this run did not make)");
        }
    };
    match value.get_mut("Resources").and_then(Value::as_array_mut) {
        Some(resources) => resources.iter_mut().for_each(hide),
        None => hide(value),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn people_of_the_server_do_not_get_into_the_record() {
        let mut list = json!({"totalResults": 2, "Resources": [{"userName": "real"}, {"userName": "mark.1"}]});
        hide_foreign_resources(&mut list, "mark");
        assert!(!list.to_string().contains("real\"") && list.to_string().contains("mark.1"), "{list}");
        let mut schema = json!({"id": "urn:x", "name": "User", "attributes": []});
        let before = schema.clone();
        hide_foreign_resources(&mut schema, "mark");
        assert_eq!(schema, before);
    }

    #[test]
    fn a_password_in_a_patch_is_masked_and_nothing_else() {
        let mut body = json!({"Operations": [
            {"op": "replace", "path": "password", "value": "open"},
            {"op": "replace", "value": {"password": "sesame"}},
            {"op": "replace", "path": "title", "value": "Clerk"},
        ]});
        mask_members(&mut body);
        let text = body.to_string();
        assert!(!text.contains("open") && !text.contains("sesame") && text.contains("Clerk"), "{text}");
    }
}
