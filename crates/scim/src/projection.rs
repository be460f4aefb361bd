//! Which attributes an answer carries (RFC 7643 section 7 "returned", RFC 7644 section 3.9).

mod shown_attribute;
mod text;

pub use shown_attribute::ShownAttribute;
pub use text::{Complete, Cut, TextCut};

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::path::AttributePath;
use crate::schema::{Attribute, ResolvedPath, Returned, Target};
use crate::{Document, Error, Leniency, ResourceSchema, Result};

/// The choice that the parameters `attributes` and `excludedAttributes` make. The default is what is returned when
/// neither is given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Projection {
    selection: Selection,
    /// Attributes of the base schema that are `returned: request` here, whatever the schema says.
    on_request: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq)]
enum Selection {
    #[default]
    Default,
    Only(Vec<Named>),
    Except(Vec<Named>),
}

/// One name of a parameter, spelt as the schema spells it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Named {
    extension: Option<String>,
    /// `None`: the whole extension.
    attribute: Option<String>,
    /// `None`: the whole attribute.
    sub_attribute: Option<String>,
}

/// How much of an attribute the client named.
#[derive(Clone, Copy, PartialEq)]
enum Mention {
    Not,
    Partly,
    Whole,
}

impl Projection {
    /// Looks the names up. Both parameters at once contradict each other (RFC 7644 section 3.9); names that the schema
    /// does not define are ignored, because one query may span several types.
    pub fn compile(schema: &ResourceSchema, attributes: &[String], excluded_attributes: &[String]) -> Result<Self> {
        Self::compile_leniently(schema, attributes, excluded_attributes, &Leniency::STRICT)
    }

    /// As [`Self::compile`], with names as [`ResourceSchema::resolve_leniently`] finds them.
    pub fn compile_leniently(
        schema: &ResourceSchema,
        attributes: &[String],
        excluded_attributes: &[String],
        leniency: &Leniency,
    ) -> Result<Self> {
        let selection = match (attributes.is_empty(), excluded_attributes.is_empty()) {
            (true, true) => Selection::Default,
            (false, true) => Selection::Only(named(schema, attributes, leniency)),
            (true, false) => Selection::Except(named(schema, excluded_attributes, leniency)),
            (false, false) => {
                return Err(Error::invalid_value(
                    "\"attributes\" and \"excludedAttributes\" exclude each other; give one of them",
                ));
            }
        };
        Ok(Self { selection, on_request: Vec::new() })
    }

    /// The same, but that attribute of the base schema is shown only where `attributes` names it, as if its schema said
    /// `returned: request` (RFC 7643 section 7). For what is costly and hardly read.
    #[must_use]
    pub fn only_on_request(mut self, attribute: &str) -> Self {
        self.on_request.push(attribute.to_owned());
        self
    }

    /// Whether the answer may carry that attribute of the base schema, so that what is costly to read is read only
    /// when it is wanted.
    pub fn wants(&self, attribute: &str) -> bool {
        self.wants_of(None, attribute)
    }

    /// As [`Self::wants`] for an attribute of an extension, which its URN names.
    pub fn wants_of(&self, extension: Option<&str>, attribute: &str) -> bool {
        let mention = self.mention(extension, attribute);
        if extension.is_none() && self.on_request.iter().any(|named| named == attribute) {
            return self.is_returned(Returned::Request, mention);
        }
        match self.selection {
            Selection::Default => true,
            Selection::Only(_) => mention != Mention::Not,
            Selection::Except(_) => mention != Mention::Whole,
        }
    }

    /// Leaves out of a whole resource what the answer shall not carry.
    pub fn apply(&self, schema: &ResourceSchema, resource: Document) -> Document {
        let mut shown = Document::with_capacity(resource.len());
        for (name, value) in resource {
            let value = if let Some(extension) = schema.extension(&name) {
                self.extension(&extension.id, &extension.attributes, value)
            } else if let Some(attribute) = schema.attribute(&name) {
                self.attribute(None, attribute, value)
            } else {
                None
            };
            if let Some(value) = value {
                shown.insert(name, value);
            }
        }
        shown
    }

    fn extension(&self, urn: &str, attributes: &[std::sync::Arc<Attribute>], value: Value) -> Option<Value> {
        let Value::Object(members) = value else { return None };
        let mut shown = Map::with_capacity(members.len());
        for (name, value) in members {
            let attribute = attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(&name));
            if let Some(value) = attribute.and_then(|attribute| self.attribute(Some(urn), attribute, value)) {
                shown.insert(name, value);
            }
        }
        (!shown.is_empty()).then_some(Value::Object(shown))
    }

    fn attribute(&self, extension: Option<&str>, attribute: &Attribute, value: Value) -> Option<Value> {
        let shown = self.shown(extension, attribute)?;
        if shown.is_whole() {
            return Some(value);
        }
        match value {
            Value::Array(elements) => {
                let elements: Vec<Value> = elements.into_iter().filter_map(|one| element(shown, one)).collect();
                (!elements.is_empty()).then_some(Value::Array(elements))
            }
            single => element(shown, single),
        }
    }

    /// RFC 7643 section 7, "returned", for an attribute that is mentioned that much.
    fn is_returned(&self, returned: Returned, mention: Mention) -> bool {
        match (returned, &self.selection) {
            (Returned::Always, _) | (Returned::Default, Selection::Default) => true,
            (Returned::Default | Returned::Request, Selection::Only(_)) => mention != Mention::Not,
            (Returned::Default, Selection::Except(_)) => mention != Mention::Whole,
            (Returned::Never | Returned::Request, _) => false,
        }
    }

    fn names(&self) -> &[Named] {
        match &self.selection {
            Selection::Default => &[],
            Selection::Only(names) | Selection::Except(names) => names,
        }
    }

    fn mention(&self, extension: Option<&str>, attribute: &str) -> Mention {
        let mut mention = Mention::Not;
        for name in self.names().iter().filter(|name| name.extension.as_deref() == extension) {
            match &name.attribute {
                None => return Mention::Whole,
                Some(named) if named.eq_ignore_ascii_case(attribute) => {
                    if name.sub_attribute.is_none() {
                        return Mention::Whole;
                    }
                    mention = Mention::Partly;
                }
                Some(_) => {}
            }
        }
        mention
    }

    fn names_sub_attribute(&self, extension: Option<&str>, attribute: &str, sub_attribute: &str) -> bool {
        self.names().iter().any(|name| {
            name.extension.as_deref() == extension
                && name.attribute.as_deref() == Some(attribute)
                && name.sub_attribute.as_deref() == Some(sub_attribute)
        })
    }
}

fn element(shown: ShownAttribute<'_>, value: Value) -> Option<Value> {
    let Value::Object(mut members) = value else { return Some(value) };
    members.retain(|name, _| shown.shows(name));
    (!members.is_empty()).then_some(Value::Object(members))
}

/// What the names mean, each once: a resource is shown at a cost that the schema bounds, however often a client repeats
/// itself.
fn named(schema: &ResourceSchema, names: &[String], leniency: &Leniency) -> Vec<Named> {
    let mut seen = HashSet::new();
    names
        .iter()
        .filter_map(|name| {
            let path = AttributePath::parse(name).ok()?;
            Some(match schema.resolve_leniently(&path, leniency).ok()? {
                Target::Extension(extension) => {
                    Named { extension: Some(extension.id.clone()), attribute: None, sub_attribute: None }
                }
                Target::Attribute(ResolvedPath { extension, attribute, sub_attribute }) => Named {
                    extension,
                    attribute: Some(attribute.name.clone()),
                    sub_attribute: sub_attribute.map(|sub| sub.name.clone()),
                },
            })
        })
        .filter(|name| seen.insert(name.clone()))
        .collect()
}
