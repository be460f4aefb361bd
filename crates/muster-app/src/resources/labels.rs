//! What the resources are called that a document refers to, such as a person's manager (RFC 7643 section 4.3): the name is
//! the server's to fill in, and it is looked up only where it will be shown.

use std::collections::{HashMap, HashSet};

use muster_model::{Member, ResourceId, StoredResource};
use scim::projection::Projection;
use scim::{Document, ResourceSchema};
use serde_json::Value;

use crate::{App, ScimCaller};

/// The resources that documents refer to, as far as they are there.
#[derive(Clone, Debug, Default)]
pub struct Labels(HashMap<ResourceId, Member>);

impl Labels {
    /// The resource of that id; `None` when there is none, which a reference may well name.
    pub fn find(&self, id: &str) -> Option<&Member> {
        ResourceId::parse(id).and_then(|id| self.0.get(&id))
    }
}

/// Looks up what these resources refer to, as far as their projections want it. A failure leaves names out and fails
/// nothing: what was asked for is there without them, and a commit stands.
pub async fn labels_of_references<'a>(
    app: &App,
    caller: &ScimCaller,
    shown: impl IntoIterator<Item = (&'a ResourceSchema, &'a Projection, &'a StoredResource)>,
) -> Labels {
    let mut ids = HashSet::new();
    for (schema, projection, resource) in shown {
        if let Ok(document) = resource.document.read() {
            collect(schema, projection, document, &mut ids);
        }
    }
    if ids.is_empty() {
        return Labels::default();
    }
    let ids: Vec<ResourceId> = ids.into_iter().collect();
    match caller.directory(app).list_labels(&ids).await {
        Ok(found) => Labels(found.into_iter().map(|member| (member.id, member)).collect()),
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "the names of referenced resources could not be read for an answer");
            Labels::default()
        }
    }
}

fn collect(schema: &ResourceSchema, projection: &Projection, document: &Document, ids: &mut HashSet<ResourceId>) {
    for (extension, attribute) in schema.reference_attributes() {
        if !projection.wants_of(extension, &attribute.name) {
            continue;
        }
        let holder = match extension {
            None => Some(document),
            Some(urn) => document.get(urn).and_then(Value::as_object),
        };
        let elements = match holder.and_then(|holder| holder.get(&attribute.name)) {
            Some(Value::Array(elements)) => elements.as_slice(),
            Some(one) => std::slice::from_ref(one),
            None => &[],
        };
        let named = elements.iter().filter_map(|element| element.get("value")?.as_str());
        ids.extend(named.filter_map(ResourceId::parse));
    }
}
