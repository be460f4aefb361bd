//! Where in a message a value stands, for errors and repairs.

use std::fmt;

use super::identity::points_at_resources;
use crate::schema::{Attribute, ResolvedPath};

/// An attribute, perhaps one of its elements, perhaps one of its sub-attributes. Names the place and never the value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    extension: Option<&'a str>,
    attribute: &'a Attribute,
    sub_attribute: Option<&'a Attribute>,
    /// Counted from 0.
    element: Option<usize>,
    /// Whether the value is an element itself, and not part of one.
    is_element: bool,
}

impl<'a> Place<'a> {
    pub(crate) fn of(path: &'a ResolvedPath) -> Self {
        Self {
            extension: path.extension.as_deref(),
            attribute: &path.attribute,
            sub_attribute: path.sub_attribute.as_deref(),
            element: None,
            is_element: false,
        }
    }

    pub(crate) fn element(self, element: usize) -> Self {
        Self { element: Some(element), is_element: true, ..self }
    }

    pub(crate) fn sub_attribute(self, sub_attribute: &'a Attribute) -> Self {
        Self { sub_attribute: Some(sub_attribute), is_element: false, ..self }
    }

    /// The definition that decides type, case and mutability.
    pub(crate) fn definition(&self) -> &'a Attribute {
        self.sub_attribute.unwrap_or(self.attribute)
    }

    pub(crate) fn is_element(&self) -> bool {
        self.is_element
    }

    /// Whether the value says which resource an element of a list of references points at.
    pub(crate) fn is_value_of_reference(&self) -> bool {
        self.attribute.multi_valued
            && self.sub_attribute.is_some_and(|sub| sub.name == "value")
            && points_at_resources(self.attribute)
    }

    /// Whether the text is a reference that only a bulk request can resolve, and did not: what is not replaced by an id
    /// may not be stored as one (RFC 7644 section 3.7.2; RFC 7643 section 3.1 forbids such an id).
    pub(crate) fn refers_to_bulk_id(&self, text: &str) -> bool {
        crate::bulk::refers_to_bulk_id(self.attribute, self.sub_attribute, text)
    }

    /// The attribute in attribute notation (RFC 7644 section 3.10), without the element.
    pub(crate) fn notation(&self) -> String {
        let mut text = String::new();
        if let Some(urn) = self.extension {
            text.push_str(urn);
            text.push(':');
        }
        text.push_str(&self.attribute.name);
        if let Some(sub) = self.sub_attribute {
            text.push('.');
            text.push_str(&sub.name);
        }
        text
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "\"{}\"", self.notation())?;
        match self.element {
            Some(element) => write!(formatter, " (element {})", element.saturating_add(1)),
            None => Ok(()),
        }
    }
}
