//! Members and groups, which are rows and no part of the document. A group may have very many, so nothing is allocated for
//! each.

use std::fmt::Write as _;

use muster_model::{Member, Membership, ResourceId};
use scim::projection::ShownAttribute;

use super::object_text::ListText;
use crate::references::Shelf;
use crate::render::endpoint_of;

pub(super) struct Rows<'a> {
    shelf: &'a Shelf<'a>,
}

impl<'a> Rows<'a> {
    pub(super) fn new(shelf: &'a Shelf<'a>) -> Self {
        Self { shelf }
    }

    /// RFC 7643 section 4.2.
    pub(super) fn members(
        &self,
        shown: ShownAttribute<'_>,
        members: &[Member],
        list: &mut ListText<'_>,
    ) -> serde_json::Result<()> {
        let mut elements = Elements::new(self.shelf, shown);
        members.iter().try_for_each(|member| {
            let kind = member.resource_type.as_str();
            elements.write(Element { id: member.id, display: member.display.as_deref(), kind, endpoint_of: kind }, list)
        })
    }

    /// A direct membership may be changed through the group, an indirect one may not (RFC 7643 section 4.1.2).
    pub(super) fn groups(
        &self,
        shown: ShownAttribute<'_>,
        groups: &[Membership],
        list: &mut ListText<'_>,
    ) -> serde_json::Result<()> {
        let mut elements = Elements::new(self.shelf, shown);
        groups.iter().try_for_each(|group| {
            let kind = if group.is_direct { "direct" } else { "indirect" };
            elements
                .write(Element { id: group.id, display: group.display.as_deref(), kind, endpoint_of: "Group" }, list)
        })
    }
}

#[derive(Clone, Copy)]
struct Element<'e> {
    id: ResourceId,
    display: Option<&'e str>,
    kind: &'e str,
    /// The type of the resource that it points at.
    endpoint_of: &'e str,
}

/// What is the same for all elements of one list, and room that is used again.
#[expect(clippy::struct_excessive_bools, reason = "one for each sub-attribute that an element may show")]
struct Elements<'a> {
    shelf: &'a Shelf<'a>,
    shows_value: bool,
    shows_display: bool,
    shows_type: bool,
    shows_reference: bool,
    text: String,
}

impl<'a> Elements<'a> {
    fn new(shelf: &'a Shelf<'a>, shown: ShownAttribute<'_>) -> Self {
        Self {
            shelf,
            shows_value: shown.shows("value"),
            shows_display: shown.shows("display"),
            shows_type: shown.shows("type"),
            shows_reference: shown.shows("$ref"),
            text: String::new(),
        }
    }

    fn write(&mut self, element: Element<'_>, list: &mut ListText<'_>) -> serde_json::Result<()> {
        let Element { id, display, kind, endpoint_of: type_name } = element;
        list.object(|object| {
            if self.shows_value {
                self.text.clear();
                write_id(&mut self.text, id)?;
                object.entry("value", self.text.as_str())?;
            }
            if let Some(display) = display.filter(|_| self.shows_display) {
                object.entry("display", display)?;
            }
            if self.shows_type {
                object.entry("type", kind)?;
            }
            if let Some(endpoint) = endpoint_of(self.shelf.schemas, type_name).filter(|_| self.shows_reference) {
                self.text.clear();
                for part in [self.shelf.base.url.as_str(), endpoint, "/"] {
                    self.text.push_str(part);
                }
                write_id(&mut self.text, id)?;
                object.entry("$ref", self.text.as_str())?;
            }
            Ok(())
        })
    }
}

fn write_id(text: &mut String, id: ResourceId) -> serde_json::Result<()> {
    write!(text, "{id}").map_err(serde::ser::Error::custom)
}
