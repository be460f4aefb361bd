//! What an answer carries of one attribute, decided once and not for each of its values.

use super::{Mention, Projection, Selection};
use crate::ResourceSchema;
use crate::schema::{Attribute, Returned};

/// An attribute that an answer carries, and which of its sub-attributes (RFC 7643 section 7, "returned").
#[derive(Clone, Copy)]
pub struct ShownAttribute<'a> {
    projection: &'a Projection,
    extension: Option<&'a str>,
    attribute: &'a Attribute,
    mention: Mention,
    is_whole: bool,
}

impl Projection {
    /// What is shown of the attribute of the base schema, or the common one, of that name. `None`: nothing.
    pub fn shown_attribute<'a>(&'a self, schema: &'a ResourceSchema, name: &str) -> Option<ShownAttribute<'a>> {
        self.shown(None, schema.attribute(name)?)
    }

    pub(super) fn shown<'a>(
        &'a self,
        extension: Option<&'a str>,
        attribute: &'a Attribute,
    ) -> Option<ShownAttribute<'a>> {
        // What a schema says of these two does not matter (RFC 7643 sections 3 and 3.1).
        if extension.is_none() && matches!(attribute.name.as_str(), "id" | "schemas") {
            return Some(ShownAttribute {
                projection: self,
                extension,
                attribute,
                mention: Mention::Not,
                is_whole: true,
            });
        }
        let mention = self.mention(extension, &attribute.name);
        let is_on_request = extension.is_none() && self.on_request.contains(&attribute.name);
        let returned = if is_on_request { Returned::Request } else { attribute.returned };
        self.is_returned(returned, mention).then_some(ShownAttribute {
            projection: self,
            extension,
            attribute,
            mention,
            is_whole: attribute.sub_attributes.is_empty(),
        })
    }
}

impl ShownAttribute<'_> {
    /// Whether its values are shown as they are: it has no sub-attributes that could be left out.
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Whether its values are shown with that sub-attribute; unknown ones are not.
    pub fn shows(&self, name: &str) -> bool {
        if self.is_whole {
            return true;
        }
        let Some(sub) = self.attribute.sub_attribute(name) else { return false };
        let named = || self.projection.names_sub_attribute(self.extension, &self.attribute.name, &sub.name);
        match (sub.returned, &self.projection.selection) {
            (Returned::Always, _) | (Returned::Default, Selection::Default) => true,
            // An attribute that is returned although nobody named it is returned as it is by default.
            (Returned::Default, Selection::Only(_)) => self.mention != Mention::Partly || named(),
            (Returned::Request, Selection::Only(_)) => named(),
            (Returned::Default, Selection::Except(_)) => !named(),
            (Returned::Never | Returned::Request, _) => false,
        }
    }
}
