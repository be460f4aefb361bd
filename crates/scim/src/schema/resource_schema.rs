//! A resource type together with its schemas: what every name in a path, filter or body is looked up in.

use std::sync::Arc;

use super::{Attribute, ResourceType, Schema};
use crate::path::AttributePath;
use crate::shown_name::shown_name;
use crate::{Error, Leniency, Result};

/// A resource type with its base schema, its extensions and the common attributes (RFC 7643 section 3.1).
#[derive(Clone, Debug)]
pub struct ResourceSchema {
    resource_type: ResourceType,
    base: Arc<Schema>,
    extensions: Vec<Arc<Schema>>,
    common: Vec<Arc<Attribute>>,
    /// As [`Self::reference_attributes`], found once: every resource that is shown asks for them.
    references: Vec<(Option<String>, Arc<Attribute>)>,
}

/// Where an attribute stands in a resource: an attribute of the base schema or of an extension, and perhaps one of
/// its sub-attributes. Holds its definitions, so it outlives the schema look-up.
#[derive(Clone, Debug, PartialEq)]
pub struct ResolvedPath {
    /// URN of the extension whose object holds the attribute, spelt as the schema spells it; `None` for the base
    /// schema and the common attributes.
    pub extension: Option<String>,
    pub attribute: Arc<Attribute>,
    pub sub_attribute: Option<Arc<Attribute>>,
}

impl ResolvedPath {
    /// The definition that decides type, case and mutability: the sub-attribute's where one is named.
    pub fn definition(&self) -> &Arc<Attribute> {
        self.sub_attribute.as_ref().unwrap_or(&self.attribute)
    }

    /// The path in attribute notation, spelt as the schema spells it (RFC 7644 section 3.10).
    pub fn notation(&self) -> String {
        let mut text = String::new();
        if let Some(urn) = &self.extension {
            text.push_str(urn);
            text.push(':');
        }
        text.push_str(&self.attribute.name);
        if let Some(sub) = &self.sub_attribute {
            text.push('.');
            text.push_str(&sub.name);
        }
        text
    }
}

/// What a path names: one attribute, or a whole extension when the path is an extension's bare URN.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    Attribute(ResolvedPath),
    Extension(Arc<Schema>),
}

impl Target {
    /// The attribute; a whole extension is refused.
    pub(crate) fn into_attribute(self) -> Result<ResolvedPath> {
        match self {
            Self::Attribute(resolved) => Ok(resolved),
            Self::Extension(schema) => Err(Error::invalid_path(format!(
                "\"{}\" names a whole extension; name one of its attributes after a colon",
                schema.id
            ))),
        }
    }
}

impl ResourceSchema {
    /// `extensions` are the schemas named by `resource_type.schema_extensions`, in the same order.
    pub fn new(resource_type: ResourceType, base: Arc<Schema>, extensions: Vec<Arc<Schema>>) -> Self {
        let references = references_of(&base, &extensions);
        Self { resource_type, base, extensions, common: super::builtin::common_attributes(), references }
    }

    pub fn resource_type(&self) -> &ResourceType {
        &self.resource_type
    }

    pub fn base(&self) -> &Arc<Schema> {
        &self.base
    }

    pub fn extensions(&self) -> &[Arc<Schema>] {
        &self.extensions
    }

    /// Whether a PATCH path is the bare URN of the base schema. It stands for the resource, as that of an extension stands
    /// for the extension.
    pub(crate) fn is_base_named_by(&self, path: &AttributePath) -> bool {
        path.urn.is_some() && path.to_string().eq_ignore_ascii_case(&self.base.id)
    }

    /// `schemas`, `id`, `externalId` and `meta` (RFC 7643 sections 3 and 3.1).
    pub fn common(&self) -> &[Arc<Attribute>] {
        &self.common
    }

    /// The attributes that point at resources by `value` and `$ref` (RFC 7643 section 2.4) and that clients write into the
    /// document, each with the URN of its extension. `members` of a group are not among them: they are no part of it.
    pub fn reference_attributes(&self) -> impl Iterator<Item = (Option<&str>, &Arc<Attribute>)> {
        self.references.iter().map(|(extension, attribute)| (extension.as_deref(), attribute))
    }

    /// The extension of that URN, in any letter case.
    pub fn extension(&self, urn: &str) -> Option<&Arc<Schema>> {
        self.extensions.iter().find(|schema| schema.id.eq_ignore_ascii_case(urn))
    }

    /// A top-level attribute (base or common) by name, in any letter case. Common attributes win: a schema cannot
    /// redefine them (RFC 7643 section 3.1).
    pub fn attribute(&self, name: &str) -> Option<&Arc<Attribute>> {
        self.common
            .iter()
            .find(|attribute| attribute.name.eq_ignore_ascii_case(name))
            .or_else(|| self.base.attribute(name))
    }

    /// The extension that alone has an attribute of that name, which neither the base schema nor the common attributes
    /// have.
    pub(crate) fn only_extension_with(&self, name: &str) -> Option<&Arc<Schema>> {
        if self.attribute(name).is_some() {
            return None;
        }
        let mut having = self.extensions.iter().filter(|schema| schema.attribute(name).is_some());
        let only = having.next()?;
        having.next().is_none().then_some(only)
    }

    /// As [`Self::resolve`], but with [`Leniency::bare_extension_names`] a name without URN that only one extension
    /// knows is that extension's: Entra asks for `manager eq "26"`.
    pub fn resolve_leniently(&self, path: &AttributePath, leniency: &Leniency) -> Result<Target> {
        if leniency.bare_extension_names
            && path.urn.is_none()
            && let Some(extension) = self.only_extension_with(&path.attribute)
        {
            return self.resolve_in(Some(extension), &path.attribute, path.sub_attribute.as_deref());
        }
        self.resolve(path)
    }

    /// Finds what a path names; every refusal means that nothing has that name. URNs match as a whole and without regard
    /// to case, so dots and colons inside them do no harm (RFC 7644 section 3.10). A dot between URN and attribute, as
    /// Entra sent before 2018, is accepted.
    pub fn resolve(&self, path: &AttributePath) -> Result<Target> {
        let Some(urn) = &path.urn else {
            return self.resolve_in(None, &path.attribute, path.sub_attribute.as_deref());
        };
        // The parser splits at the last colon; a bare URN therefore arrives as urn = all but the last segment.
        let whole = format!("{urn}:{}", path.attribute);
        if urn.eq_ignore_ascii_case(&self.base.id) {
            return self.resolve_in(None, &path.attribute, path.sub_attribute.as_deref());
        }
        if let Some(schema) = self.extension(urn) {
            let schema = Arc::clone(schema);
            return self.resolve_in(Some(&schema), &path.attribute, path.sub_attribute.as_deref());
        }
        if let Some(schema) = self.extension(&whole) {
            let schema = Arc::clone(schema);
            return match path.sub_attribute.as_deref() {
                None => Ok(Target::Extension(schema)),
                Some(attribute) => self.resolve_in(Some(&schema), attribute, None),
            };
        }
        if whole.eq_ignore_ascii_case(&self.base.id)
            && let Some(attribute) = path.sub_attribute.as_deref()
        {
            return self.resolve_in(None, attribute, None);
        }
        Err(Error::invalid_path(format!(
            "\"{}\" is not a schema of {name}; its schemas are listed at /ResourceTypes/{name}",
            shown_name(urn),
            name = self.resource_type.name
        )))
    }

    /// As [`Self::resolve`] where only an attribute will do.
    pub fn resolve_attribute(&self, path: &AttributePath) -> Result<ResolvedPath> {
        self.resolve(path)?.into_attribute()
    }

    /// As [`Self::resolve_leniently`] where only an attribute will do.
    pub fn resolve_attribute_leniently(&self, path: &AttributePath, leniency: &Leniency) -> Result<ResolvedPath> {
        self.resolve_leniently(path, leniency)?.into_attribute()
    }

    fn resolve_in(
        &self,
        extension: Option<&Arc<Schema>>,
        attribute: &str,
        sub_attribute: Option<&str>,
    ) -> Result<Target> {
        let found = match extension {
            Some(schema) => schema.attribute(attribute),
            None => self.attribute(attribute),
        };
        let Some(found) = found else {
            let urn = extension.map(|schema| format!("{}:", schema.id)).unwrap_or_default();
            return Err(Error::invalid_path(format!(
                "{} has no attribute \"{urn}{}\"; its schemas are listed at /Schemas",
                self.resource_type.name,
                shown_name(attribute)
            )));
        };
        let sub = match sub_attribute {
            None => None,
            Some(name) => match found.sub_attribute(name) {
                Some(sub) => Some(Arc::clone(sub)),
                None => {
                    return Err(Error::invalid_path(format!(
                        "\"{}\" of {} has no sub-attribute \"{}\"",
                        found.name,
                        self.resource_type.name,
                        shown_name(name)
                    )));
                }
            },
        };
        Ok(Target::Attribute(ResolvedPath {
            extension: extension.map(|schema| schema.id.clone()),
            attribute: Arc::clone(found),
            sub_attribute: sub,
        }))
    }
}

fn references_of(base: &Schema, extensions: &[Arc<Schema>]) -> Vec<(Option<String>, Arc<Attribute>)> {
    let of_base = base.attributes.iter().map(|attribute| (None, attribute));
    let extended = extensions
        .iter()
        .flat_map(|schema| schema.attributes.iter().map(|attribute| (Some(schema.id.clone()), attribute)));
    let is_reference = |(extension, attribute): &(Option<String>, &Arc<Attribute>)| {
        let is_members = extension.is_none() && attribute.name == "members" && base.id == super::GROUP;
        !is_members
            && attribute.mutability != super::Mutability::ReadOnly
            && crate::normalize::points_at_resources(attribute)
    };
    of_base.chain(extended).filter(is_reference).map(|(extension, one)| (extension, Arc::clone(one))).collect()
}
