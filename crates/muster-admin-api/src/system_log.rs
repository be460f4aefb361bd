//! Who did what.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::State;
use muster_app::system_log::{self, SystemLogQuery};
use muster_app::tenants::TenantName;
use muster_model::{SystemEntry, TenantId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::caller::Caller;
use crate::page::{Page, PageQuery};
use crate::problem::{Problem, ProblemBody};
use crate::request::{Moment, Query, Word};
use crate::revision::Fresh;
use crate::service::{Service, Shared};

pub(crate) fn routes() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Which entries are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct EntriesQuery {
    /// Only what is of this tenant.
    #[param(value_type = Option<String>, pattern = "^ten_[0-9a-f]{32}$")]
    tenant_id: Option<TenantId>,
    /// Only what this one did: the id of an API token, `local_administrator` or `muster`.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_.-]{1,64}$")]
    actor: Option<Word>,
    /// Only deeds of this name, such as `connection.deleted`.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_.-]{1,64}$")]
    action: Option<Word>,
    /// Only what was done to what has this id.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_.-]{1,64}$")]
    target: Option<Word>,
    /// Only what was done at that moment or later.
    #[param(value_type = Option<String>, format = DateTime)]
    since: Option<Moment>,
    /// Only what was done before that moment.
    #[param(value_type = Option<String>, format = DateTime)]
    until: Option<Moment>,
    /// How many entries at most.
    #[param(minimum = 1, maximum = 100, default = 25)]
    limit: Option<u8>,
    /// The `next_cursor` of the page before.
    #[param(pattern = "^[0-9a-f]{32}$")]
    cursor: Option<String>,
}

/// One deed. Nothing in it is a secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SystemEntry)]
struct EntryBody {
    /// Always `system_entry`.
    object: &'static str,
    #[schema(pattern = "^sys_[0-9a-f]{32}$")]
    id: String,
    #[schema(format = DateTime)]
    at: String,
    /// Whose matter it is; left out: the whole installation's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^ten_[0-9a-f]{32}$")]
    tenant_id: Option<String>,
    /// The id of an API token, `local_administrator` or `muster`.
    actor: String,
    /// What was done, such as `connection.deleted`.
    action: String,
    /// The id of what it was done to.
    target: String,
    /// What was there,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Value>,
    /// and what is there since.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Value>,
}

impl From<&SystemEntry> for EntryBody {
    fn from(entry: &SystemEntry) -> Self {
        let state = |text: &Option<String>| text.as_deref().and_then(|text| serde_json::from_str(text).ok());
        Self {
            object: "system_entry",
            id: entry.id.to_string(),
            at: entry.at.to_string(),
            tenant_id: entry.tenant.map(|tenant| tenant.to_string()),
            actor: entry.actor.to_string(),
            action: entry.action.as_str().to_owned(),
            target: entry.target.clone(),
            before: state(&entry.before),
            after: state(&entry.after),
        }
    }
}

/// List the system log
///
/// Who did what, the newest first. An entry is committed together with what it tells of.
#[utoipa::path(
    get, path = "/api/v1/system-log", tag = "System log", operation_id = "list_system_log", params(EntriesQuery),
    responses(
        (status = 200, description = "A page of it", body = Page<EntryBody>),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(service): Shared,
    Caller(caller): Caller,
    Query(wanted): Query<EntriesQuery>,
) -> Result<Fresh<Answer<Page<EntryBody>>>, Problem> {
    let access = caller.grant()?;
    let (before, limit) = PageQuery::of(wanted.limit, wanted.cursor).read("sys_")?;
    let query = SystemLogQuery {
        reach: caller.reach(),
        before,
        since: wanted.since.map(|Moment(at)| at),
        until: wanted.until.map(|Moment(at)| at),
        actor: wanted.actor.map(|Word(actor)| actor),
        action: wanted.action.map(|Word(action)| action),
        target: wanted.target.map(|Word(target)| target),
        limit: limit as u64,
    };
    let tenant = wanted.tenant_id.map(TenantName::Id);
    let found = system_log::list(&service.app, &access, tenant, &query).await?;
    let last = found.next.map(|id| id.to_string());
    Ok(Fresh(Answer(Page::new(found.entries.iter().map(Into::into).collect(), last.is_some(), last))))
}
