//! The request log: what identity providers asked, what they were answered, and in plain words why (docs/adr/0027).
//!
//! A request hands over what it has already ([`note`]) and goes on. Everything else is done beside it by [`recorder`]: secrets are
//! taken out, attributes are masked, entries are written in portions. When that does not keep up, entries are lost and counted,
//! and no request notices.

mod address;
mod changes;
mod entry;
mod error_code;
mod filter_text;
mod masks;
mod recorder;
mod redaction;
mod remedy;
mod secrets;
mod settings;
mod trace;

use muster_model::{Change, Connection, Reach, RequestEntry, RequestEntryId, Tenant};
use muster_store::Scope;
pub use muster_store::{RequestQuery, StatusFilter};

use crate::operator::{Grants, may};
use crate::tenants::TenantName;
use crate::{App, AppError, connections, tenants};

pub use error_code::ErrorCode;
pub(crate) use recorder::Recorder;
pub use recorder::{AnswerBody, FinishedCall, note};
pub use remedy::{Advice, advice};
pub use settings::RequestLogSettings;
pub(crate) use trace::subject;
pub use trace::{LARGEST_BODY, RequestTrace};

/// As many entries as one question can have answered.
pub const MOST_LISTED: u64 = 1_000;

/// Some of the entries, the newest first.
#[derive(Clone, Debug)]
pub struct RequestPage {
    pub tenant: Tenant,
    pub entries: Vec<RequestEntry>,
    /// What [`RequestQuery::before`] goes on with; `None`: there are no more.
    pub next: Option<RequestEntryId>,
}

/// An entry with everything that a person wants to know of it.
#[derive(Clone, Debug)]
pub struct RequestDetails {
    pub entry: RequestEntry,
    pub tenant: Tenant,
    /// `None`: it was deleted since.
    pub connection: Option<Connection>,
    /// What it changed, as the change log has it.
    pub changes: Vec<Change>,
    /// Why it failed and what to do; `None`: it did not.
    pub advice: Option<Advice>,
}

/// The entries of one tenant: the one of that name, else the one of the connection that the query names, else the default one.
pub async fn list(
    app: &App,
    access: &impl Grants<may::ReadRequests>,
    tenant: Option<TenantName>,
    query: &RequestQuery,
) -> Result<RequestPage, AppError> {
    let tenant = chosen_tenant(app, access.reach(), tenant, query).await?;
    let limit = query.limit.clamp(1, MOST_LISTED);
    // One more tells whether there are more.
    let query = RequestQuery { limit: limit + 1, ..query.clone() };
    let mut entries = app.store.directory(tenant.id, Scope::Tenant).list_requests(&query).await?;
    let has_more = entries.len() as u64 > limit;
    entries.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = entries.last().filter(|_| has_more).map(|entry| entry.id);
    Ok(RequestPage { tenant, entries, next })
}

/// One entry, of whichever tenant it is.
pub async fn show(
    app: &App,
    access: &impl Grants<may::ReadRequests>,
    id: RequestEntryId,
) -> Result<RequestDetails, AppError> {
    for tenant in tenants::within(app, access.reach()).await? {
        let found = app.store.directory(tenant.id, Scope::Tenant).find_request(id).await?;
        if let Some(entry) = found {
            return detailed(app, tenant, entry).await;
        }
    }
    Err(unknown(&id.to_string()))
}

/// The newest entry of the call that the log lines have under that id (`X-Request-Id` of the answer).
pub async fn show_logged(
    app: &App,
    access: &impl Grants<may::ReadRequests>,
    request: &str,
) -> Result<RequestDetails, AppError> {
    let query = RequestQuery { request: Some(request.to_owned()), ..RequestQuery::newest(1) };
    for tenant in tenants::within(app, access.reach()).await? {
        let found = app.store.directory(tenant.id, Scope::Tenant).list_requests(&query).await?;
        if let Some(entry) = found.into_iter().next() {
            return detailed(app, tenant, entry).await;
        }
    }
    Err(unknown(request))
}

async fn detailed(app: &App, tenant: Tenant, entry: RequestEntry) -> Result<RequestDetails, AppError> {
    let directory = app.store.directory(tenant.id, Scope::Tenant);
    let changes = changes::of(directory.as_ref(), &entry).await?;
    let connection = app.store.find_connection(entry.connection).await?;
    let advice = advice(&entry);
    Ok(RequestDetails { entry, tenant, connection, changes, advice })
}

async fn chosen_tenant(
    app: &App,
    reach: Reach,
    name: Option<TenantName>,
    query: &RequestQuery,
) -> Result<Tenant, AppError> {
    if let (None, Some(id)) = (&name, query.connection) {
        return connections::find_within(app, reach, id).await.map(|(_, tenant)| tenant);
    }
    tenants::named(app, reach, name).await
}

fn unknown(id: &str) -> AppError {
    AppError::RequestNotFound(id.to_owned())
}
