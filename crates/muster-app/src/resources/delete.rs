//! DELETE (RFC 7644 section 3.6): final; the resource leaves every group it was in, and is nobody's manager any more.

use std::sync::Arc;

use muster_model::ResourceId;
use muster_store::{Batch, CommitError, Guard, Include, Write};
use scim::ResourceSchema;

use super::dismissal::{Reports, reports};
use super::{Precondition, TRIES, find, not_found, type_name};
use crate::guard::{self, Standing};
use crate::{App, AppError, ScimCaller};

pub async fn delete(
    app: &App,
    caller: &ScimCaller,
    schema: &Arc<ResourceSchema>,
    id: &str,
    precondition: &Precondition,
) -> Result<(), AppError> {
    let id = ResourceId::parse(id).ok_or_else(|| not_found(schema))?;
    let mut tries = 0;
    while tries < TRIES {
        let is_unconditional = precondition.is_none() && !caller.profile().require_if_match;
        let expected = if is_unconditional {
            None
        } else {
            let present = find(app, caller, schema, id, Include::default()).await?;
            precondition.check(caller.profile(), present.version)?;
            (!precondition.is_none()).then_some(present.version)
        };
        let Reports { mut writes, are_all } = reports(app, caller, schema, id).await?;
        // First, so that a refusal of the first write is one of the deletion itself; and always, so that a deletion that
        // is refused takes nothing from anybody.
        writes.insert(0, Write::Delete { id, resource_type: type_name(schema), expected });
        let nothing_else = || Ok(None);
        match guard::commit(app, caller, writes, Standing::default(), &nothing_else).await? {
            Ok(committed) => {
                let is_deleted = committed.written.first().is_some_and(|written| written.changed);
                if is_deleted && !are_all {
                    dismiss_the_others(app, caller, schema, id).await;
                }
                return Ok(());
            }
            // The next round finds the newer version and judges it against the precondition. Whoever changed or went
            // among those who lose their manager is looked up again, too.
            Err(CommitError::VersionMismatch { .. } | CommitError::NotFound { write: 1.. }) => tries += 1,
            Err(error) => return Err(AppError::from_commit(error, &schema.resource_type().name)),
        }
    }
    Err(AppError::Contended)
}

/// So many had this manager that they did not fit into the batch of the deletion. He is gone already: a reference that is
/// left over points at nobody, which is lawful, and shows so.
async fn dismiss_the_others(app: &App, caller: &ScimCaller, schema: &Arc<ResourceSchema>, id: ResourceId) {
    let mut tries = 0;
    while tries < TRIES {
        let Ok(Reports { writes, are_all }) = reports(app, caller, schema, id).await else { break };
        if writes.is_empty() {
            return;
        }
        let batch = Batch {
            writes,
            connection: Some(caller.connection().id),
            request: caller.request().map(str::to_owned),
            at: app.now(),
            guard: Guard::default(),
        };
        match caller.commit(app, batch).await {
            Ok(_) if are_all => return,
            Ok(_) => {}
            Err(_) => tries += 1,
        }
    }
    tracing::warn!(resource.id = %id, "some who had this manager still name him");
}
