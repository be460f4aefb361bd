//! Sorting (RFC 7644 section 3.4.2.3): which value of a resource counts, and which of two values comes first. This is the
//! one truth about order: what a store answers from an index must agree with it.

mod key;

pub use key::{SortKey, compare_keys};

use std::cmp::Ordering;
use std::sync::Arc;

use serde_json::Value;

use crate::path::AttributePath;
use crate::schema::{ResolvedPath, Returned};
use crate::{Document, Error, Leniency, ResourceSchema, Result, ScimType};

/// `sortOrder`. Without it the order is ascending (RFC 7644 section 3.4.2.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SortOrder {
    #[default]
    Ascending,
    Descending,
}

impl SortOrder {
    /// Reads `ascending` or `descending`, in any letter case; anything else is `invalidValue`.
    pub fn parse(text: &str) -> Result<Self> {
        match text {
            _ if text.eq_ignore_ascii_case("ascending") => Ok(Self::Ascending),
            _ if text.eq_ignore_ascii_case("descending") => Ok(Self::Descending),
            _ => Err(Error::invalid_value("\"sortOrder\" must be \"ascending\" or \"descending\"")),
        }
    }

    /// An ascending comparison as this order sees it. Descending is the exact reverse, so resources without a value
    /// come last when ascending and first when descending.
    pub fn applied(self, ascending: Ordering) -> Ordering {
        match self {
            Self::Ascending => ascending,
            Self::Descending => ascending.reverse(),
        }
    }

    #[must_use]
    pub fn reversed(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }
}

/// `sortBy` and `sortOrder`, looked up in a schema. Resources whose keys are equal follow each other by `id`.
#[derive(Clone, Debug, PartialEq)]
pub struct Sort {
    /// `None`: the type does not have the attribute, so none of its resources has a key.
    path: Option<ResolvedPath>,
    order: SortOrder,
}

impl Sort {
    /// For a query over one resource type. A name that the schema does not have is `invalidPath`, one that is never
    /// returned `sensitive`: its order would tell its values (RFC 7644 section 7.5.2).
    ///
    /// A multi-valued complex attribute without a sub-attribute is sorted by its `value`; a complex attribute that
    /// holds one value needs a sub-attribute and is refused without (RFC 7644 section 3.4.2.3).
    pub fn compile(schema: &ResourceSchema, sort_by: &str, order: SortOrder) -> Result<Self> {
        Self::compile_leniently(schema, sort_by, order, &Leniency::STRICT)
    }

    /// As [`Self::compile`], with the name as [`ResourceSchema::resolve_leniently`] finds it.
    pub fn compile_leniently(
        schema: &ResourceSchema,
        sort_by: &str,
        order: SortOrder,
        leniency: &Leniency,
    ) -> Result<Self> {
        let path = schema.resolve_attribute_leniently(&AttributePath::parse(sort_by)?, leniency)?;
        Ok(Self { path: Some(sortable(path)?), order })
    }

    /// For a query over several resource types: an attribute that this one does not have never has a value
    /// (RFC 7644 section 3.4.2.1).
    pub fn compile_or_absent(schema: &ResourceSchema, sort_by: &str, order: SortOrder) -> Result<Self> {
        Self::compile_or_absent_leniently(schema, sort_by, order, &Leniency::STRICT)
    }

    /// As [`Self::compile_or_absent`], with the name as [`ResourceSchema::resolve_leniently`] finds it.
    pub fn compile_or_absent_leniently(
        schema: &ResourceSchema,
        sort_by: &str,
        order: SortOrder,
        leniency: &Leniency,
    ) -> Result<Self> {
        let parsed = AttributePath::parse(sort_by)?;
        let path = schema.resolve_attribute_leniently(&parsed, leniency).ok().map(sortable).transpose()?;
        Ok(Self { path, order })
    }

    pub fn order(&self) -> SortOrder {
        self.order
    }

    /// What is sorted by; public, because store drivers answer from an index what they can.
    pub fn path(&self) -> Option<&ResolvedPath> {
        self.path.as_ref()
    }

    /// Whether the key comes from that top-level attribute of the base schema.
    pub fn mentions(&self, attribute: &str) -> bool {
        self.path
            .as_ref()
            .is_some_and(|path| path.extension.is_none() && path.attribute.name.eq_ignore_ascii_case(attribute))
    }

    /// What the resource is sorted by; `None` when it has no value there. Of several values the primary one counts, else
    /// the first (RFC 7644 section 3.4.2.3).
    pub fn key_of(&self, document: &Document) -> Option<SortKey> {
        let path = self.path.as_ref()?;
        let holder = match &path.extension {
            None => document,
            Some(urn) => document.get(urn)?.as_object()?,
        };
        let chosen = chosen_value(holder.get(&path.attribute.name)?)?;
        let value = match &path.sub_attribute {
            None => chosen,
            Some(sub_attribute) => match chosen.get(&sub_attribute.name)? {
                Value::Array(values) => values.first()?,
                value => value,
            },
        };
        SortKey::of(path.definition(), value)
    }
}

fn chosen_value(value: &Value) -> Option<&Value> {
    let Value::Array(elements) = value else { return Some(value) };
    let is_primary = |element: &&Value| element.get("primary").and_then(Value::as_bool) == Some(true);
    elements.iter().find(is_primary).or_else(|| elements.first())
}

fn sortable(mut path: ResolvedPath) -> Result<ResolvedPath> {
    if path.sub_attribute.is_none() && path.attribute.is_complex() {
        let value = path.attribute.sub_attribute("value").filter(|_| path.attribute.multi_valued).map(Arc::clone);
        let Some(value) = value else {
            return Err(Error::invalid_path(format!(
                "\"sortBy\": \"{}\" is complex; name one of its sub-attributes after a dot",
                path.notation()
            )));
        };
        path.sub_attribute = Some(value);
    }
    let is_hidden = [Some(&path.attribute), path.sub_attribute.as_ref()]
        .into_iter()
        .flatten()
        .any(|attribute| attribute.returned == Returned::Never);
    if is_hidden {
        return Err(Error::new(
            ScimType::Sensitive,
            format!("\"sortBy\": \"{}\" is never returned and cannot be sorted by", path.notation()),
        ));
    }
    Ok(path)
}

#[cfg(test)]
mod tests;
