//! How lines name those who are in a group or manage somebody.

use std::collections::HashMap;

use muster_model::{ResourceId, TypeName};
use muster_store::{Directory, Include};
use scim::Document;
use serde_json::Value;

use super::ExportError;
use crate::load::names::{EXTERNAL_ID, Meaning, USER_NAME, meanings};
use crate::{AppError, ScimCaller};

/// The name of each of some resources.
pub(super) struct Names(HashMap<ResourceId, Option<String>>);

/// What became of one who should be named.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Named<'a> {
    By(&'a str),
    /// No name means it, and it alone.
    ByNothing,
    NotThere,
}

impl Names {
    /// Those that are there. What a load would take for somebody else, or for several, is no name.
    pub(super) async fn of(
        directory: &dyn Directory,
        caller: &ScimCaller,
        ids: &[ResourceId],
    ) -> Result<Self, ExportError> {
        if ids.is_empty() {
            return Ok(Self(HashMap::new()));
        }
        let mut of_types: Vec<(TypeName, Vec<ResourceId>)> = Vec::new();
        for found in directory.list_labels(ids).await? {
            match of_types.iter_mut().find(|(kind, _)| *kind == found.resource_type) {
                Some((_, ids)) => ids.push(found.id),
                None => of_types.push((found.resource_type, vec![found.id])),
            }
        }
        let mut candidates: Vec<(ResourceId, [Option<String>; 2])> = Vec::with_capacity(ids.len());
        for (resource_type, ids) in of_types {
            for found in directory.find_resources(&resource_type, &ids, Include::default()).await? {
                let document = found.document.read().map_err(AppError::from)?;
                candidates.push((found.id, [EXTERNAL_ID, USER_NAME].map(|name| text(document, name))));
            }
        }
        let asked = candidates.iter().flat_map(|(_, names)| names.iter().flatten()).cloned().collect();
        let known = meanings(caller, directory, asked).await?;
        let named = candidates.into_iter().map(|(id, names)| {
            let name = names.into_iter().flatten().find(|name| known.get(name) == Some(&Meaning::One(id)));
            (id, name)
        });
        Ok(Self(named.collect()))
    }

    pub(super) fn find(&self, id: ResourceId) -> Named<'_> {
        match self.0.get(&id) {
            Some(Some(name)) => Named::By(name),
            Some(None) => Named::ByNothing,
            None => Named::NotThere,
        }
    }
}

/// What a load could understand as a name.
fn text(document: &Document, name: &str) -> Option<String> {
    document.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}
