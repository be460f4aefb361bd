//! From a stored resource to the text that a client gets, without making values of what leaves as it came. What
//! [`render::resource`] makes of a resource is the measure, byte for byte; a property test holds the two together.

mod many_members;
mod object_text;
mod rows;
#[cfg(test)]
mod tests;

use muster_app::AppError;
use muster_app::resources::etag;
use muster_model::{DamagedDocument, StoredResource};
use scim::projection::{Complete, Cut, Projection, TextCut};
use scim::{Attribute, ResourceSchema};
use serde_json::Value;

use crate::references::Shelf;
use crate::render;
pub(crate) use many_members::ManyMembers;
use object_text::{ObjectText, Shown};
use rows::Rows;

/// What stands in an answer beside the entries of the document.
const BESIDE: [&str; 5] = ["schemas", "id", "members", "groups", "meta"];

/// Writes resources in SCIM 2.0, one after the other, with room that is used again for each.
pub(crate) struct Splicer<'a> {
    shelf: &'a Shelf<'a>,
    entries: Vec<u8>,
}

impl<'a> Splicer<'a> {
    pub(crate) fn new(shelf: &'a Shelf<'a>) -> Self {
        Self { shelf, entries: Vec::new() }
    }

    /// Appends the resource. After a failure some of it may have been appended.
    pub(crate) fn write(
        &mut self,
        schema: &ResourceSchema,
        resource: &StoredResource,
        projection: &Projection,
        out: &mut Vec<u8>,
    ) -> Result<(), AppError> {
        self.write_around(schema, resource, projection, Rooms::Filled, out).map(drop)
    }

    /// Appends the resource. Of members that are [`Rooms::Hollow`] there is only the place, which comes back; where it does
    /// not, they are written all the same.
    fn write_around(
        &mut self,
        schema: &ResourceSchema,
        resource: &StoredResource,
        projection: &Projection,
        members: Rooms,
        out: &mut Vec<u8>,
    ) -> Result<Option<usize>, AppError> {
        if !refers_beside(schema) {
            self.entries.clear();
            let complete = |attribute: &Attribute, value: &mut Value| self.shelf.complete_value(attribute, value);
            let complete: Option<&Complete<'_>> = if self.shelf.labels.is_empty() { None } else { Some(&complete) };
            let cut = TextCut { schema, projection, beside: &BESIDE, complete };
            let cut = cut.write(resource.document.text(), &mut self.entries).map_err(|_| DamagedDocument)?;
            if let Cut::Written { extensions } = cut {
                return self
                    .put_together((schema, resource, projection), &extensions, members, out)
                    .map_err(unwritable);
            }
        }
        let values = render::resource(self.shelf, schema, resource.clone(), projection)?;
        serde_json::to_writer(out, &values).map(|()| None).map_err(unwritable)
    }

    /// In the order of [`muster_app::resources::composed_of`].
    fn put_together(
        &self,
        (schema, resource, projection): (&ResourceSchema, &StoredResource, &Projection),
        extensions: &[&str],
        members: Rooms,
        out: &mut Vec<u8>,
    ) -> serde_json::Result<Option<usize>> {
        let mut object = ObjectText::begin(out);
        let present = schema.extensions().iter().map(|extension| extension.id.as_str());
        let present = present.filter(|urn| extensions.contains(urn));
        let schemas: Vec<&str> = std::iter::once(schema.base().id.as_str()).chain(present).collect();
        object.entry("schemas", &schemas)?;
        object.entry("id", &Shown(resource.id))?;
        object.entries(&self.entries);
        let rows = Rows::new(self.shelf);
        let mut place = None;
        if let Some(shown) = projection.shown_attribute(schema, "members") {
            match members {
                Rooms::Filled => {
                    object.list("members", |list| rows.members(shown, resource.members.as_ref(), list))?;
                }
                Rooms::Hollow => place = Some(object.hollow_list("members")?),
            }
        }
        if let Some(shown) = projection.shown_attribute(schema, "groups") {
            object.list("groups", |list| rows.groups(shown, resource.groups.as_deref().unwrap_or_default(), list))?;
        }
        if let Some(shown) = projection.shown_attribute(schema, "meta") {
            object.object("meta", |meta| {
                let mut entry = |name: &str, value: &dyn std::fmt::Display| {
                    if shown.shows(name) { meta.entry(name, &Shown(value)) } else { Ok(()) }
                };
                entry("resourceType", &resource.resource_type)?;
                entry("created", &resource.created)?;
                entry("lastModified", &resource.last_modified)?;
                entry("version", &etag(resource))?;
                entry("location", &self.shelf.base.location(schema, resource))
            })?;
        }
        object.end();
        Ok(place)
    }
}

/// Whether the list of members is written, or only where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rooms {
    Filled,
    Hollow,
}

/// Whether what is put beside the document refers to others in a way that is completed: a type of a tenant's own may say so
/// of its `groups`.
fn refers_beside(schema: &ResourceSchema) -> bool {
    schema
        .reference_attributes()
        .any(|(extension, attribute)| extension.is_none() && BESIDE.contains(&attribute.name.as_str()))
}

/// Texts, numbers and lists of them can always be written to memory.
fn unwritable(error: serde_json::Error) -> AppError {
    AppError::Internal(error.into())
}
