//! Where in a message a value stands, for errors and repairs.

use std::fmt;

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

/// A name that a client made up, short enough for a message or a log line.
pub(crate) fn shown_name(name: &str) -> String {
    const LONGEST: usize = 100;
    let mut shown: String = name.chars().filter(|character| !character.is_control()).take(LONGEST).collect();
    if shown.len() < name.len() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::shown_name;

    #[test]
    fn long_names_and_control_characters_are_cut() {
        assert_eq!(shown_name("shoeSize"), "shoeSize");
        assert_eq!(shown_name("a\nb"), "ab…");
        assert_eq!(shown_name(&"x".repeat(5000)).chars().count(), 101);
    }
}
