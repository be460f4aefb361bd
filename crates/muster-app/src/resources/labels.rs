//! What the resources are called that a document refers to, such as a person's manager (RFC 7643 section 4.3): the name is
//! the server's to fill in, and it is looked up only where it will be shown.

use std::collections::{HashMap, HashSet};

use muster_model::{Member, ResourceId, StoredResource};
use scim::ResourceSchema;
use scim::document_text::reference_values;
use scim::projection::Projection;

use crate::{App, ScimCaller};

/// The resources that documents refer to, as far as they are there.
#[derive(Clone, Debug, Default)]
pub struct Labels(HashMap<ResourceId, Member>);

impl FromIterator<Member> for Labels {
    fn from_iter<I: IntoIterator<Item = Member>>(members: I) -> Self {
        Self(members.into_iter().map(|member| (member.id, member)).collect())
    }
}

impl Labels {
    /// Whether nobody is known who is referred to.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

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
    // Resources of one type come with the same schema and projection.
    let mut last: Option<(&ResourceSchema, &Projection, Vec<Reference<'_>>)> = None;
    for (schema, projection, resource) in shown {
        let (_, _, wanted) = match last.take() {
            Some(same) if std::ptr::eq(same.0, schema) && std::ptr::eq(same.1, projection) => last.insert(same),
            _ => last.insert((schema, projection, wanted(schema, projection))),
        };
        let document = resource.document.text();
        // Most people's documents do not even hold the word, and no name of an attribute is written with escapes.
        if wanted.iter().any(|(_, name)| document.contains(name)) {
            // Whoever shows a damaged document finds that it is one.
            let values = reference_values(document, wanted).unwrap_or_default();
            ids.extend(values.iter().filter_map(|value| ResourceId::parse(value)));
        }
    }
    if ids.is_empty() {
        return Labels::default();
    }
    let ids: Vec<ResourceId> = ids.into_iter().collect();
    match caller.directory(app).list_labels(&ids).await {
        Ok(found) => found.into_iter().collect(),
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "the names of referenced resources could not be read for an answer");
            Labels::default()
        }
    }
}

/// The URN of an attribute's extension, and its name.
type Reference<'a> = (Option<&'a str>, &'a str);

fn wanted<'a>(schema: &'a ResourceSchema, projection: &Projection) -> Vec<Reference<'a>> {
    let references = schema.reference_attributes().map(|(extension, attribute)| (extension, attribute.name.as_str()));
    references.filter(|(extension, name)| projection.wants_of(*extension, name)).collect()
}
