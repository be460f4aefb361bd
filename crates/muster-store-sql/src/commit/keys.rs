//! The look-up index of one resource: only what differs is written.

use std::collections::{HashMap, HashSet};

use muster_model::ResourceId;
use muster_store::{CommitError, Key, KeyScope, StoreError};

use super::Applying;
use crate::columns::{IdBytes, NOBODY};
use crate::{Ledger, ResourceRow, Value, values};

/// Attribute and value of each entry that is there, with its scope.
type OldKeys = HashMap<(String, String), Option<Vec<u8>>>;

impl<L: Ledger> Applying<'_, L> {
    /// Index entries that are not there yet.
    pub(super) async fn insert_keys(&self, place: usize, row: &ResourceRow, keys: &[Key]) -> Result<(), CommitError> {
        let keys: Vec<&Key> = distinct(keys).collect();
        self.insert(place, row, &keys).await
    }

    /// Makes `keys` the resource's index entries.
    pub(super) async fn replace_keys(&self, place: usize, row: &ResourceRow, keys: &[Key]) -> Result<(), CommitError> {
        let mut old = self.keys_of(row).await?;
        let mut new = Vec::new();
        for key in distinct(keys) {
            match old.remove(&(key.attribute.clone(), key.value.clone())) {
                None => new.push(key),
                Some(scope) => self.change_scope(row, key, scope.as_deref()).await?,
            }
        }
        // First away, then in, so that two attributes may swap their values.
        for ((attribute, value), scope) in old {
            if scope.is_some() {
                self.forget_conflicts(row, Some(&attribute)).await?;
            }
            self.ledger
                .send(
                    "DELETE FROM resource_key
                     WHERE tenant = ?1 AND type = ?2 AND attribute = ?3 AND value = ?4 AND id = ?5",
                    values![self.tenant, row.resource_type.as_str(), attribute, value, row.id],
                )
                .await?;
        }
        self.insert(place, row, &new).await
    }

    pub(super) async fn remove_keys(&self, id: ResourceId) -> Result<(), StoreError> {
        let sql = "DELETE FROM resource_key WHERE tenant = ?1 AND id = ?2";
        self.ledger.send(sql, values![self.tenant, id]).await
    }

    /// The values that are unique among one owner's resources are so among the new owner's. One that he has already in
    /// another resource stays without being unique: nobody is to blame.
    pub(super) async fn change_key_owner(&self, row: &ResourceRow, owner: Option<IdBytes>) -> Result<(), StoreError> {
        let scope = owner.unwrap_or(NOBODY);
        for ((attribute, value), old) in self.keys_of(row).await? {
            if old.is_some_and(|old| old.len() == scope.len())
                && !self.set_scope(row, (&attribute, &value), Some(scope.to_vec())).await?
            {
                self.set_scope(row, (&attribute, &value), None).await?;
            }
        }
        Ok(())
    }

    async fn keys_of(&self, row: &ResourceRow) -> Result<OldKeys, StoreError> {
        let sql = "SELECT attribute, value, unique_scope FROM resource_key INDEXED BY resource_key_of_resource
                   WHERE tenant = ?1 AND id = ?2";
        let rows = self.ledger.rows(sql, values![self.tenant, row.id]).await?;
        rows.into_iter().map(|mut key| Ok(((key.take(0)?, key.take(1)?), key.take(2)?))).collect()
    }

    async fn insert(&self, place: usize, row: &ResourceRow, keys: &[&Key]) -> Result<(), CommitError> {
        let columns = |key: &&Key| {
            let scope = scope_column(row, key);
            values![self.tenant, row.resource_type.as_str(), &key.attribute, &key.value, row.id, scope].to_vec()
        };
        let columns: Vec<Vec<Value>> = keys.iter().map(columns).collect();
        // Nothing is written when the unique index has the value. The primary key has none of them: old entries were
        // looked at.
        let written = self
            .ledger
            .row_each(
                "INSERT INTO resource_key (tenant, type, attribute, value, id, unique_scope)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING RETURNING 1",
                &columns,
            )
            .await?;
        match keys.iter().zip(written).find(|(_, written)| written.is_none()) {
            None => Ok(()),
            Some((key, _)) => {
                let hidden = self.hidden_holder(row, key).await?;
                Err(CommitError::NotUnique { write: place, attribute: key.attribute.clone(), hidden })
            }
        }
    }

    /// Who has the unique value, when the scope does not see him.
    async fn hidden_holder(&self, row: &ResourceRow, key: &Key) -> Result<Option<ResourceId>, StoreError> {
        let Some(sees_only) = self.sees_only else { return Ok(None) };
        let found = self
            .ledger
            .row(
                "SELECT k.id FROM resource_key AS k CROSS JOIN resource AS r ON r.tenant = ?1 AND r.id = k.id
                 WHERE k.tenant = ?1 AND k.type = ?2 AND k.attribute = ?3 AND k.unique_scope = ?4 AND k.value = ?5
                 AND r.brought_by IS DISTINCT FROM ?6",
                values![
                    self.tenant,
                    row.resource_type.as_str(),
                    &key.attribute,
                    scope_column(row, key),
                    &key.value,
                    sees_only
                ],
            )
            .await?;
        found.map(|mut row| row.take(0)).transpose()
    }

    /// A value that stays is never refused: when it has become unique by a changed setting and another resource has it
    /// too, the request at hand is not to blame. A scope of the same kind stays as it is, also when the connection that
    /// gave it is gone.
    async fn change_scope(&self, row: &ResourceRow, key: &Key, old: Option<&[u8]>) -> Result<(), StoreError> {
        let new = scope_column(row, key);
        if old.map(<[u8]>::len) != new.as_ref().map(Vec::len) {
            self.set_scope(row, (&key.attribute, &key.value), new).await?;
        }
        Ok(())
    }

    /// `false`: another resource has the value in that scope, and nothing was changed.
    async fn set_scope(
        &self,
        row: &ResourceRow,
        (attribute, value): (&str, &str),
        scope: Option<Vec<u8>>,
    ) -> Result<bool, StoreError> {
        let changed = self
            .ledger
            .execute(
                "UPDATE resource_key SET unique_scope = ?6
                 WHERE tenant = ?1 AND type = ?2 AND attribute = ?3 AND value = ?4 AND id = ?5
                 AND NOT EXISTS (SELECT 1 FROM resource_key AS other
                     WHERE other.tenant = ?1 AND other.type = ?2 AND other.attribute = ?3 AND other.value = ?4
                     AND other.unique_scope = ?6 AND other.id <> ?5)",
                values![self.tenant, row.resource_type.as_str(), attribute, value, row.id, scope],
            )
            .await?;
        Ok(changed > 0)
    }
}

/// One text may stand several times in one attribute.
fn distinct(keys: &[Key]) -> impl Iterator<Item = &Key> {
    let mut seen = HashSet::new();
    keys.iter().filter(move |key| seen.insert((key.attribute.as_str(), key.value.as_str())))
}

fn scope_column(row: &ResourceRow, key: &Key) -> Option<Vec<u8>> {
    key.unique_in.map(|scope| match scope {
        KeyScope::Tenant => Vec::new(),
        KeyScope::Owner => row.brought_by.unwrap_or(NOBODY).to_vec(),
    })
}
