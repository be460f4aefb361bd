//! Several creations that name one another: all of them or none (RFC 7644 section 3.7.1, docs/adr/0012).

use std::sync::Arc;

use muster_model::{ResourceId, StoredResource};
use muster_store::{Batch, CommitError, Guard};
use scim::ResourceSchema;
use serde_json::Value;

use super::create::{Creation, prepared, stored};
use crate::ownership::refused;
use crate::{App, AppError, ScimCaller};

/// A resource whose id was chosen beforehand, so that others can name it before it is there.
pub(crate) struct NewResource {
    pub(crate) id: ResourceId,
    pub(crate) schema: Arc<ResourceSchema>,
    pub(crate) body: Value,
}

/// Creates them in one batch, in their order: members before the groups that they are members of. A refusal says which
/// of them is to blame.
pub(crate) async fn create_together(
    app: &App,
    caller: &ScimCaller,
    new: Vec<NewResource>,
) -> Result<Vec<StoredResource>, (usize, AppError)> {
    let mut writes = Vec::with_capacity(new.len());
    let mut documents = Vec::with_capacity(new.len());
    for (place, NewResource { id, schema, body }) in new.iter().enumerate() {
        let Creation { write, document, .. } =
            prepared(app, caller, schema, *id, body).await.map_err(|error| (place, error))?;
        writes.push(write);
        documents.push(document);
    }
    let batch = Batch {
        writes,
        connection: Some(caller.connection().id),
        request: caller.request().map(str::to_owned),
        at: app.now(),
        guard: Guard::default(),
    };
    let committed = match caller.commit(app, batch).await {
        Ok(committed) => committed,
        Err(error) => {
            let place = to_blame(&error);
            return Err(match new.get(place) {
                Some(to_blame) => (place, refused(app, caller, &to_blame.schema, error).await),
                None => (place, AppError::from_commit(error, "")),
            });
        }
    };
    let created = new.iter().zip(&committed.written).zip(documents);
    Ok(created.map(|((new, written), document)| stored(caller, &new.schema, new.id, written, document)).collect())
}

fn to_blame(error: &CommitError) -> usize {
    match error {
        CommitError::VersionMismatch { write, .. }
        | CommitError::NotFound { write }
        | CommitError::NotUnique { write, .. }
        | CommitError::UnknownMembers { write, .. }
        | CommitError::GroupCycle { write } => *write,
        CommitError::Guarded { .. } | CommitError::Store(_) => 0,
    }
}
