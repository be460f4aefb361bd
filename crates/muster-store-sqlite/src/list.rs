//! Lists of resources: ids first, from an index where there is one; then each resource by its key.

use muster_model::{ResourceId, StoredResource, TenantId};
use muster_store::compose::composed;
use muster_store::{Include, ResourcePage, ResourceQuery, StoreError};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use scim::filter::CompiledFilter;

use crate::columns::{IdBytes, IdColumn, clamped};
use crate::failure::{damaged, store_error};
use crate::pushdown::Plan;
use crate::read::{self, prepare};
use crate::readers::IsAbandoned;

/// After that many rows a scan looks whether anybody still waits for it.
const ROWS_BETWEEN_LOOKS: u64 = 256;

pub(crate) fn list_resources(
    connection: &Connection,
    tenant: TenantId,
    query: &ResourceQuery,
    plan: &Plan,
    is_abandoned: IsAbandoned<'_>,
) -> Result<ResourcePage, StoreError> {
    let listing = Listing { connection, tenant, query, plan };
    match &query.filter {
        Some(filter) if !plan.is_exact => listing.evaluated(filter, is_abandoned),
        Some(_) => listing.answered_by_index(Listing::count_by_query),
        None => listing.answered_by_index(|listing| read::count(connection, tenant, &listing.query.resource_type())),
    }
}

#[derive(Clone, Copy)]
struct Listing<'a> {
    connection: &'a Connection,
    tenant: TenantId,
    query: &'a ResourceQuery,
    plan: &'a Plan,
}

impl Listing<'_> {
    /// Everything that comes through the plan is a match.
    fn answered_by_index(self, count: impl Fn(Self) -> Result<u64, StoreError>) -> Result<ResourcePage, StoreError> {
        let ids = if self.query.limit == 0 { Vec::new() } else { self.page_of_ids()? };
        let found = ids.len() as u64;
        // A page that is not full is the last one, and says how many there are.
        let is_last = found < self.query.limit && (found > 0 || self.query.offset == 0);
        let total = if is_last { self.query.offset + found } else { count(self)? };
        let mut resources = Vec::with_capacity(ids.len());
        for id in ids {
            resources.push(self.expect(id, self.query.include)?);
        }
        Ok(ResourcePage { total, resources })
    }

    fn page_of_ids(self) -> Result<Vec<ResourceId>, StoreError> {
        let place = self.plan.values.len() + 3;
        let sql = format!("{} ORDER BY r.id LIMIT ?{place} OFFSET ?{}", self.plan.select(), place + 1);
        let window = [self.query.limit, self.query.offset].map(|number| Value::from(clamped(number)));
        let mut statement = prepare(self.connection, &sql)?;
        let ids = statement.query_map(params_from_iter(self.values().chain(window)), |row| {
            row.get::<_, IdBytes>(0).map(ResourceId::from_bytes)
        });
        ids.and_then(Iterator::collect).map_err(store_error)
    }

    fn count_by_query(self) -> Result<u64, StoreError> {
        let mut statement = prepare(self.connection, &format!("SELECT count(*) FROM ({})", self.plan.select()))?;
        let count = statement.query_row(params_from_iter(self.values()), |row| row.get::<_, i64>(0));
        count.map_err(store_error).and_then(|count| u64::try_from(count).map_err(|_| damaged("count")))
    }

    /// What comes through the plan is put together and evaluated, one after another.
    fn evaluated(self, filter: &CompiledFilter, is_abandoned: IsAbandoned<'_>) -> Result<ResourcePage, StoreError> {
        let needed = Include { members: filter.mentions("members"), groups: filter.mentions("groups") };
        let mut statement = prepare(self.connection, &format!("{} ORDER BY r.id", self.plan.select()))?;
        let mut rows = statement.query(params_from_iter(self.values())).map_err(store_error)?;
        let mut page = ResourcePage { total: 0, resources: Vec::new() };
        let mut seen = 0_u64;
        while let Some(row) = rows.next().map_err(store_error)? {
            seen += 1;
            if seen.is_multiple_of(ROWS_BETWEEN_LOOKS) && is_abandoned() {
                // Nobody hears this answer.
                return Err(StoreError::Closed);
            }
            let id = ResourceId::from_bytes(row.get::<_, IdBytes>(0).map_err(store_error)?);
            let resource = self.expect(id, needed)?;
            if !filter.matches(&composed(&self.query.schema, &resource)) {
                continue;
            }
            if page.total >= self.query.offset && (page.resources.len() as u64) < self.query.limit {
                page.resources.push(self.as_wanted(resource)?);
            }
            page.total += 1;
        }
        Ok(page)
    }

    /// With what the question asked for, whatever the filter needed.
    fn as_wanted(self, mut resource: StoredResource) -> Result<StoredResource, StoreError> {
        let include = self.query.include;
        resource.members = resource.members.filter(|_| include.members);
        resource.groups = resource.groups.filter(|_| include.groups);
        read::complete(self.connection, self.tenant, &mut resource, include)?;
        Ok(resource)
    }

    /// A resource whose id was read in the same snapshot.
    fn expect(self, id: ResourceId, include: Include) -> Result<StoredResource, StoreError> {
        let resource_type = self.query.resource_type();
        read::find_resource(self.connection, self.tenant, &resource_type, id, include)?
            .ok_or_else(|| damaged("resource: its document is missing"))
    }

    fn values(self) -> impl Iterator<Item = Value> {
        let tenant = Value::from(self.tenant.bytes().to_vec());
        let resource_type = Value::from(self.query.resource_type().as_str().to_owned());
        [tenant, resource_type].into_iter().chain(self.plan.values.clone())
    }
}
