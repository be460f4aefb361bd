//! Members and groups, which are rows and no part of the document. A group may have very many, so nothing is allocated for
//! each.

use std::fmt::Write as _;
use std::sync::Arc;

use muster_model::{MemberView, Members, Membership, ResourceId};
use scim::ResourceSchema;
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
        members: Option<&Members>,
        list: &mut ListText<'_>,
    ) -> serde_json::Result<()> {
        let mut elements = Elements::new(&self.shelf.base.url, self.shelf.schemas, ShownParts::of(shown));
        members.into_iter().flat_map(Members::iter).try_for_each(|member| elements.member(member, list))
    }

    /// A direct membership may be changed through the group, an indirect one may not (RFC 7643 section 4.1.2).
    pub(super) fn groups(
        &self,
        shown: ShownAttribute<'_>,
        groups: &[Membership],
        list: &mut ListText<'_>,
    ) -> serde_json::Result<()> {
        let mut elements = Elements::new(&self.shelf.base.url, self.shelf.schemas, ShownParts::of(shown));
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

/// What an element shows.
#[derive(Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "one for each sub-attribute that an element may show")]
pub(super) struct ShownParts {
    value: bool,
    display: bool,
    kind: bool,
    reference: bool,
}

impl ShownParts {
    pub(super) fn of(shown: ShownAttribute<'_>) -> Self {
        Self {
            value: shown.shows("value"),
            display: shown.shows("display"),
            kind: shown.shows("type"),
            reference: shown.shows("$ref"),
        }
    }

    pub(super) fn display(self) -> bool {
        self.display
    }
}

/// What is the same for all elements of one list, and room that is used again.
pub(super) struct Elements<'a> {
    /// What addresses begin with.
    url: &'a str,
    schemas: &'a [Arc<ResourceSchema>],
    shown: ShownParts,
    text: String,
}

impl<'a> Elements<'a> {
    pub(super) fn new(url: &'a str, schemas: &'a [Arc<ResourceSchema>], shown: ShownParts) -> Self {
        Self { url, schemas, shown, text: String::new() }
    }

    pub(super) fn member(&mut self, member: MemberView<'_>, list: &mut ListText<'_>) -> serde_json::Result<()> {
        let MemberView { id, resource_type, display } = member;
        let kind = resource_type.as_str();
        self.write(Element { id, display, kind, endpoint_of: kind }, list)
    }

    fn write(&mut self, element: Element<'_>, list: &mut ListText<'_>) -> serde_json::Result<()> {
        let Element { id, display, kind, endpoint_of: type_name } = element;
        list.object(|object| {
            if self.shown.value {
                self.text.clear();
                write_id(&mut self.text, id)?;
                object.entry("value", self.text.as_str())?;
            }
            if let Some(display) = display.filter(|_| self.shown.display) {
                object.entry("display", display)?;
            }
            if self.shown.kind {
                object.entry("type", kind)?;
            }
            if let Some(endpoint) = endpoint_of(self.schemas, type_name).filter(|_| self.shown.reference) {
                self.text.clear();
                for part in [self.url, endpoint, "/"] {
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
