//! Which resource a PATCH says that it is about. Okta sends the `id` along; it may not be that of another resource.

use serde_json::Value;

use super::{PatchBody, PatchRequest};
use crate::message::member;
use crate::{Error, Result};

impl PatchRequest {
    /// The `id` that a value without path names, as it was sent. Whoever knows the resource refuses another's.
    pub fn path_less_id(&self) -> Option<&str> {
        self.path_less_ids().next()
    }

    /// A request is about one resource, so that [`Self::path_less_id`] tells all there is to tell.
    pub(super) fn check_one_resource(&self) -> Result<()> {
        let mut ids = self.path_less_ids();
        let Some(first) = ids.next() else { return Ok(()) };
        if ids.all(|id| id == first) { Ok(()) } else { Err(several_resources()) }
    }

    fn path_less_ids(&self) -> impl Iterator<Item = &str> {
        self.operations
            .iter()
            .filter(|operation| operation.path.is_none())
            .filter_map(|operation| operation.value.as_ref().and_then(id_in))
    }
}

impl<'a> PatchBody<'a> {
    /// The `id` that the body names: in a value without path (see [`PatchRequest::path_less_id`]), or in the partial
    /// resource of SCIM 1.1.
    pub fn resource_id(self) -> Option<&'a str> {
        let body = match self {
            Self::PartialResource(body) => return id_in(body),
            Self::Operations(body) => body.as_object()?,
        };
        let operations = match member(body, "Operations").ok()? {
            Some(operations) => operations.as_array()?.iter().filter_map(Value::as_object).collect(),
            // The envelope may be missing, see `Leniency::bare_patch_operation`.
            None => vec![body],
        };
        operations.into_iter().find_map(|operation| {
            let path = member(operation, "path").ok()?;
            if path.is_some_and(|path| !path.is_null()) {
                return None;
            }
            id_in(member(operation, "value").ok()??)
        })
    }
}

fn id_in(value: &Value) -> Option<&str> {
    value.as_object()?.iter().find(|(name, _)| name.eq_ignore_ascii_case("id"))?.1.as_str()
}

fn several_resources() -> Error {
    Error::mutability("The operations name several ids; a PATCH changes the one resource of its address")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Leniency, ScimType};

    #[test]
    fn the_id_is_found_in_values_without_path() {
        for (operations, expected) in [
            (json!([{ "op": "replace", "value": { "id": "Ab", "displayName": "x" } }]), Some("Ab")),
            (
                json!([{ "op": "add", "path": "title", "value": "t" }, { "op": "add", "path": null, "value": { "ID": "1" } }]),
                Some("1"),
            ),
            (json!([{ "op": "add", "path": "name", "value": { "id": "1" } }]), None),
            (json!([{ "op": "replace", "value": { "id": null } }]), None),
            (json!([{ "op": "remove", "path": "title" }]), None),
        ] {
            let body = json!({ "Operations": operations });
            let request = PatchRequest::parse(&body, &Leniency::TOLERANT).unwrap();
            assert_eq!(request.path_less_id(), expected, "{body}");
            assert_eq!(PatchBody::Operations(&body).resource_id(), expected, "{body}");
        }
        assert_eq!(PatchBody::PartialResource(&json!({ "id": "x", "active": false })).resource_id(), Some("x"));
        assert_eq!(PatchBody::Operations(&json!({ "op": "add", "value": { "id": "x" } })).resource_id(), Some("x"));
        assert_eq!(PatchBody::Operations(&json!([])).resource_id(), None);
    }

    #[test]
    fn two_ids_are_refused() {
        let body = |second: &str| json!({ "Operations": [{ "op": "add", "value": { "id": "a" } }, { "op": "add", "value": { "id": second } }] });
        let check =
            |second: &str| PatchRequest::parse(&body(second), &Leniency::TOLERANT).unwrap().check_one_resource();
        assert_eq!(check("a"), Ok(()));
        assert_eq!(check("b").unwrap_err().scim_type, ScimType::Mutability);
    }
}
