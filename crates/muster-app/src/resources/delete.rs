//! DELETE (RFC 7644 section 3.6): final; the resource leaves every group it was in, and is nobody's manager any more.

use std::sync::Arc;

use muster_model::ResourceId;
use muster_store::{CommitError, Include, Write};
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
        if are_all {
            // First, so that a refusal of the first write is one of the deletion itself.
            writes.insert(0, Write::Delete { id, resource_type: type_name(schema), expected });
        } else if is_unconditional {
            // Nobody loses a manager who is not there.
            find(app, caller, schema, id, Include::default()).await?;
        }
        let nothing_else = || Ok(None);
        match guard::commit(app, caller, writes, Standing::default(), &nothing_else).await? {
            Ok(_) if are_all => return Ok(()),
            // So many had this manager that there may be more. Each round leaves fewer, so it is no lost try.
            Ok(_) => {}
            // The next round finds the newer version and judges it against the precondition. Whoever changed or went
            // among those who lose their manager is looked up again, too.
            Err(CommitError::VersionMismatch { .. } | CommitError::NotFound { write: 1.. }) => tries += 1,
            Err(CommitError::NotFound { .. }) if !are_all => tries += 1,
            Err(error) => return Err(AppError::from_commit(error, &schema.resource_type().name)),
        }
    }
    Err(AppError::Contended)
}
