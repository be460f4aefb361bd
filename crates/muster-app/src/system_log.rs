//! The system log: who did what (docs/adr/0033).
//!
//! A use case says what it is about to do ([`Deed`]) and makes its change through [`App::noting`]; the store commits both or
//! neither. What goes another way, as changes of the directory do, is noted when it is done ([`note`]): the change log has it
//! in any case.

use std::fmt::Display;
use std::sync::Arc;

use muster_model::{Action, SystemEntry, SystemEntryId, TenantId};
use muster_store::Store;
pub use muster_store::SystemLogQuery;
use serde_json::Value;

use crate::operator::{Grants, may};
use crate::tenants::TenantName;
use crate::{App, AppError, tenants};

/// As many entries as one question can have answered.
pub const MOST_LISTED: u64 = 1_000;

/// What somebody is about to do.
#[derive(Clone, Debug)]
pub(crate) struct Deed {
    action: Action,
    tenant: Option<TenantId>,
    target: String,
    before: Option<Value>,
    after: Option<Value>,
}

impl Deed {
    /// `target`: the id of what it is done to. `tenant`: whose that is; `None`: the whole installation's.
    pub(crate) fn new(action: &'static str, tenant: Option<TenantId>, target: impl Display) -> Self {
        Self { action: Action::of(action), tenant, target: target.to_string(), before: None, after: None }
    }

    /// What was there, as a JSON object without secrets.
    pub(crate) fn before(self, state: Value) -> Self {
        Self { before: Some(state), ..self }
    }

    /// What is there then, as a JSON object without secrets.
    pub(crate) fn after(self, state: Value) -> Self {
        Self { after: Some(state), ..self }
    }
}

impl App {
    /// The store through which the deed is to be done: its change is committed together with an entry that tells of it.
    pub(crate) fn noting<P>(&self, access: &impl Grants<P>, deed: Deed) -> Arc<dyn Store> {
        self.store.noting(self.entry(access, deed))
    }

    fn entry<P>(&self, access: &impl Grants<P>, deed: Deed) -> SystemEntry {
        SystemEntry {
            id: SystemEntryId::new(self.clock.as_ref(), self.rng.as_ref()),
            at: self.now(),
            tenant: deed.tenant,
            actor: access.actor(),
            action: deed.action,
            target: deed.target,
            before: deed.before.map(|state| state.to_string()),
            after: deed.after.map(|state| state.to_string()),
        }
    }
}

/// Notes what was done by another way.
pub(crate) async fn note<P>(app: &App, access: &impl Grants<P>, deed: Deed) -> Result<(), AppError> {
    Ok(app.store.record_system_entry(&app.entry(access, deed)).await?)
}

/// Some of the entries, the newest first.
#[derive(Clone, Debug)]
pub struct SystemLogPage {
    pub entries: Vec<SystemEntry>,
    /// What [`SystemLogQuery::before`] goes on with; `None`: there are no more.
    pub next: Option<SystemEntryId>,
}

/// What is of a tenant if one is named, else everything that the caller reaches. The query's own reach is not asked.
pub async fn list(
    app: &App,
    access: &impl Grants<may::ReadSystemLog>,
    tenant: Option<TenantName>,
    query: &SystemLogQuery,
) -> Result<SystemLogPage, AppError> {
    let reach = match tenant {
        None => access.reach(),
        Some(name) => Some(tenants::named(app, access.reach(), Some(name)).await?.id).into(),
    };
    let limit = query.limit.clamp(1, MOST_LISTED);
    // One more tells whether there are more.
    let query = SystemLogQuery { reach, limit: limit + 1, ..query.clone() };
    let mut entries = app.store.list_system_entries(&query).await?;
    let has_more = entries.len() as u64 > limit;
    entries.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = entries.last().filter(|_| has_more).map(|entry| entry.id);
    Ok(SystemLogPage { entries, next })
}

#[cfg(test)]
mod tests;
