//! Whether a new text of a schema leaves everything as it is that was written under the former one.

use super::{Attribute, Schema};

impl Schema {
    /// Whether `new` only says more than `self`: every attribute is there with the same characteristics, and nothing that
    /// is new is required. Then resources that were written under `self` are lawful under `new`.
    pub fn grows_into(&self, new: &Self) -> bool {
        self.id.eq_ignore_ascii_case(&new.id) && list_grows(&self.attributes, &new.attributes)
    }
}

fn list_grows(old: &[std::sync::Arc<Attribute>], new: &[std::sync::Arc<Attribute>]) -> bool {
    let find = |list: &[std::sync::Arc<Attribute>], name: &str| list.iter().find(|one| one.name == name).cloned();
    old.iter().all(|old| find(new, &old.name).is_some_and(|new| attribute_grows(old, &new)))
        && new.iter().all(|new| !new.required || find(old, &new.name).is_some())
}

fn attribute_grows(old: &Attribute, new: &Attribute) -> bool {
    old.attribute_type == new.attribute_type
        && old.multi_valued == new.multi_valued
        && old.case_exact == new.case_exact
        // What was written in confidence must not be shown later.
        && old.mutability == new.mutability
        && old.returned == new.returned
        // Values are in the index of unique ones from their writing on.
        && old.uniqueness == new.uniqueness
        && (old.required || !new.required)
        && list_grows(&old.sub_attributes, &new.sub_attributes)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn schema(attributes: &Value) -> Schema {
        Schema::parse(&json!({ "id": "urn:example:Badge", "attributes": attributes })).unwrap()
    }

    #[test]
    fn only_what_says_more_is_growth() {
        let old = schema(&json!([
            { "name": "colour", "required": true },
            { "name": "door", "type": "complex", "subAttributes": [{ "name": "value" }] },
        ]));
        let door = json!({ "name": "door", "type": "complex", "subAttributes": [{ "name": "value" }] });
        for (new, grows) in [
            (json!([door, { "name": "colour", "description": "new words", "canonicalValues": ["red"] }]), true),
            (json!([door, { "name": "colour" }, { "name": "size", "type": "integer" }]), true),
            (json!([door, { "name": "colour" }, { "name": "size", "required": true }]), false),
            (json!([door, { "name": "colour", "type": "integer" }]), false),
            (json!([door, { "name": "colour", "multiValued": true }]), false),
            (json!([door, { "name": "colour", "caseExact": true }]), false),
            (json!([door, { "name": "colour", "uniqueness": "server" }]), false),
            (json!([door, { "name": "colour", "returned": "always" }]), false),
            (json!([door, { "name": "Colour" }]), false),
            (json!([door]), false),
            (
                json!([{ "name": "colour" }, { "name": "door", "type": "complex", "subAttributes": [{ "name": "x" }] }]),
                false,
            ),
        ] {
            assert_eq!(old.grows_into(&schema(&new)), grows, "{new}");
        }
    }
}
