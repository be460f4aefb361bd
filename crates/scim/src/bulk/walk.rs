//! Walks over the data of one operation as its client wrote it, and names every text with the attribute it stands in.

use serde_json::{Map, Value};

use super::{BulkLanguage, Method};
use crate::filter::{CompareValue, Filter};
use crate::normalize::{Misspellings, locate};
use crate::patch::is_bare_operation;
use crate::path::{AttributePath, PatchPath};
use crate::schema::{ResolvedPath, Target};
use crate::v1::targets_to_clear;
use crate::{Leniency, ResourceSchema, Schema};

/// Who looks on while data is walked over. What the schema does not define is passed over: the operation itself will
/// say what is wrong with it.
pub(super) trait Visitor {
    /// The data names this attribute, with a value or without.
    fn attribute(&mut self, _path: &ResolvedPath) {}
    /// A filter of a PATCH path looks at this sub-attribute.
    fn filtered(&mut self, _path: &ResolvedPath) {}
    /// A text stands at the attribute, in it, or in a filter on it.
    fn text(&mut self, path: &ResolvedPath, text: &mut String);
}

/// One walk; the same for reading and for changing.
pub(super) struct Walk<'a, V> {
    pub(super) schema: &'a ResourceSchema,
    pub(super) leniency: &'a Leniency,
    pub(super) visitor: &'a mut V,
}

impl<V: Visitor> Walk<'_, V> {
    pub(super) fn data(&mut self, method: Method, language: BulkLanguage, data: &mut Value) {
        let Value::Object(members) = data else { return };
        if method == Method::Patch && language == BulkLanguage::Scim1 {
            self.cleared(members);
        }
        if method != Method::Patch || language != BulkLanguage::Scim2 {
            self.resource(members);
        } else if is_bare_operation(members, self.leniency) {
            self.operation(members);
        } else if let Some(Value::Array(operations)) = member_mut(members, "Operations") {
            for operation in operations.iter_mut().filter_map(Value::as_object_mut) {
                self.operation(operation);
            }
        }
    }

    /// What a partial resource of SCIM 1.1 clears by name, without a value.
    fn cleared(&mut self, members: &Map<String, Value>) {
        for target in targets_to_clear(self.schema, members, self.leniency) {
            match target {
                Target::Attribute(path) => self.attribute(&path, None),
                Target::Extension(extension) => self.extension(&extension, None),
            }
        }
    }

    /// A resource, or the value of a PATCH operation without a path.
    fn resource(&mut self, members: &mut Map<String, Value>) {
        let misspellings = Misspellings::in_object(self.leniency, "", members);
        for (name, value) in members {
            let named = locate(self.schema, name, self.leniency)
                .or_else(|| locate(self.schema, misspellings.meant_by(name)?, self.leniency));
            match named {
                Some(Target::Attribute(path)) => self.attribute(&path, Some(value)),
                Some(Target::Extension(extension)) => self.extension(&extension, Some(value)),
                None if self.leniency.notation_keys && name.contains('[') => self.filtered_member(name, value),
                None => {}
            }
        }
    }

    /// A member name with a filter in it. The name stays as it is: what its filter says of new resources describes no
    /// element that is there, and is refused where an element would be made from it.
    fn filtered_member(&mut self, name: &str, value: &mut Value) {
        if let Aim::Attribute(path) = self.path(&mut name.to_owned()) {
            self.attribute(&path, Some(value));
        }
    }

    fn extension(&mut self, extension: &Schema, value: Option<&mut Value>) {
        let Some(members) = value.and_then(Value::as_object_mut) else {
            // The whole extension is removed or replaced by nothing.
            for attribute in &extension.attributes {
                let path = own_path(extension, attribute);
                self.visitor.attribute(&path);
            }
            return;
        };
        for (name, value) in members {
            let path = match extension.attribute(name) {
                Some(attribute) => Some(own_path(extension, attribute)),
                None => AttributePath::parse(name).ok().and_then(|mut path| {
                    path.urn.get_or_insert_with(|| extension.id.clone());
                    self.schema.resolve_attribute(&path).ok()
                }),
            };
            if let Some(path) = path {
                self.attribute(&path, Some(value));
            }
        }
    }

    fn operation(&mut self, operation: &mut Map<String, Value>) {
        let target = match member_mut(operation, "path") {
            Some(Value::String(text)) => self.path(text),
            _ => Aim::Whole,
        };
        let value = member_mut(operation, "value");
        match (target, value) {
            (Aim::Whole, Some(Value::Object(members))) => self.resource(members),
            (Aim::Attribute(path), value) => self.attribute(&path, value),
            (Aim::Extension(extension), value) => self.extension(&extension, value),
            _ => {}
        }
    }

    /// What a PATCH path aims at. Texts in its filter are visited, and the path is written anew if they changed.
    fn path(&mut self, text: &mut String) -> Aim {
        let Ok(path) = PatchPath::parse(text, self.leniency) else { return Aim::Nothing };
        match path {
            PatchPath::Attribute(path) if self.schema.is_base_named_by(&path) => Aim::Whole,
            PatchPath::Attribute(path) => match locate(self.schema, &path.to_string(), &named_anyhow(self.leniency)) {
                Some(Target::Attribute(path)) => Aim::Attribute(path),
                Some(Target::Extension(extension)) => Aim::Extension(extension),
                None => Aim::Nothing,
            },
            PatchPath::Elements { attribute, mut filter, sub_attribute } => {
                let found = locate(self.schema, &attribute.to_string(), &named_anyhow(self.leniency));
                let Some(Target::Attribute(mut resolved)) = found else { return Aim::Nothing };
                let before = filter.clone();
                self.filter(&resolved, &mut filter);
                let is_changed = filter != before;
                if let Some(name) = &sub_attribute {
                    resolved.sub_attribute = resolved.attribute.sub_attribute(name).cloned();
                }
                if is_changed {
                    *text = PatchPath::Elements { attribute, filter, sub_attribute }.to_string();
                }
                Aim::Attribute(resolved)
            }
        }
    }

    fn filter(&mut self, of: &ResolvedPath, filter: &mut Filter) {
        match filter {
            Filter::And(left, right) | Filter::Or(left, right) => {
                self.filter(of, left);
                self.filter(of, right);
            }
            Filter::Not(inner) | Filter::Elements { filter: inner, .. } => self.filter(of, inner),
            Filter::Compare { path, value, .. } => {
                let sub_attribute = of.attribute.sub_attribute(&path.attribute).cloned();
                let path = ResolvedPath { sub_attribute, ..of.clone() };
                self.visitor.filtered(&path);
                if let CompareValue::String(text) = value {
                    self.visitor.text(&path, text);
                }
            }
            Filter::Present(path) => {
                let sub_attribute = of.attribute.sub_attribute(&path.attribute).cloned();
                self.visitor.filtered(&ResolvedPath { sub_attribute, ..of.clone() });
            }
        }
    }

    fn attribute(&mut self, path: &ResolvedPath, value: Option<&mut Value>) {
        self.visitor.attribute(path);
        if let Some(value) = value {
            self.value(path, value);
        }
    }

    fn value(&mut self, path: &ResolvedPath, value: &mut Value) {
        match value {
            Value::String(text) => self.visitor.text(path, text),
            Value::Array(elements) => {
                for element in elements {
                    // A list in a list is no value of any attribute.
                    if !element.is_array() {
                        self.value(path, element);
                    }
                }
            }
            // With a sub-attribute this is `emails.value` and a list of whole elements, which names them by it.
            Value::Object(members) => {
                let misspellings = Misspellings::in_object(self.leniency, &path.attribute.name, members);
                for (name, value) in members {
                    let sub = path.attribute.sub_attribute(name);
                    let meant = || path.attribute.sub_attribute(misspellings.meant_by(name)?);
                    let Some(sub) = sub.or_else(meant) else { continue };
                    if !value.is_object() {
                        self.value(&ResolvedPath { sub_attribute: Some(sub.clone()), ..path.clone() }, value);
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// What a PATCH operation aims at.
enum Aim {
    Whole,
    Attribute(ResolvedPath),
    Extension(std::sync::Arc<Schema>),
    Nothing,
}

/// PATCH paths are attribute notation whatever the peer may write in bodies.
fn named_anyhow(leniency: &Leniency) -> Leniency {
    Leniency { notation_keys: true, ..*leniency }
}

fn own_path(extension: &Schema, attribute: &std::sync::Arc<crate::Attribute>) -> ResolvedPath {
    ResolvedPath {
        extension: Some(extension.id.clone()),
        attribute: std::sync::Arc::clone(attribute),
        sub_attribute: None,
    }
}

/// A member by name in any letter case; a name given twice is refused when the operation runs.
fn member_mut<'a>(members: &'a mut Map<String, Value>, name: &str) -> Option<&'a mut Value> {
    members.iter_mut().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}
