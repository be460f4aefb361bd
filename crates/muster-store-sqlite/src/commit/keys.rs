//! The look-up index of one resource: only what differs is written.

use std::collections::{HashMap, HashSet};

use muster_model::ResourceId;
use muster_store::{CommitError, Key, KeyScope, StoreError};
use rusqlite::{OptionalExtension, params};

use super::Applying;
use super::resource_row::ResourceRow;
use crate::columns::{IdBytes, IdColumn};
use crate::failure::{store_error, violated_unique_columns};

/// The scope of resources that no connection brought.
const NOBODY: [u8; 16] = [0; 16];

/// Attribute and value of each entry that is there, with its scope.
type OldKeys = HashMap<(String, String), Option<Vec<u8>>>;

impl Applying<'_> {
    /// The index entries of a new resource.
    pub(super) fn insert_keys(&self, place: usize, row: &ResourceRow, keys: &[Key]) -> Result<(), CommitError> {
        let mut seen = HashSet::new();
        for key in keys.iter().filter(|key| seen.insert((key.attribute.as_str(), key.value.as_str()))) {
            self.insert_key(place, row, key)?;
        }
        Ok(())
    }

    /// Makes `keys` the resource's index entries.
    pub(super) fn replace_keys(&self, place: usize, row: &ResourceRow, keys: &[Key]) -> Result<(), CommitError> {
        let mut old = self.keys_of(row)?;
        let mut new = Vec::new();
        let mut seen = HashSet::new();
        for key in keys.iter().filter(|key| seen.insert((key.attribute.as_str(), key.value.as_str()))) {
            match old.remove(&(key.attribute.clone(), key.value.clone())) {
                None => new.push(key),
                Some(scope) => self.change_scope(row, key, scope.as_deref())?,
            }
        }
        // First away, then in, so that two attributes may swap their values.
        for ((attribute, value), scope) in old {
            if scope.is_some() {
                self.forget_conflicts(row, Some(&attribute))?;
            }
            self.execute(
                "DELETE FROM resource_key WHERE tenant = ?1 AND type = ?2 AND attribute = ?3 AND value = ?4 AND id = ?5",
                params![self.tenant, row.resource_type.as_str(), attribute, value, row.id.bytes()],
            )?;
        }
        for key in new {
            self.insert_key(place, row, key)?;
        }
        Ok(())
    }

    pub(super) fn remove_keys(&self, id: ResourceId) -> Result<(), StoreError> {
        self.execute("DELETE FROM resource_key WHERE tenant = ?1 AND id = ?2", params![self.tenant, id.bytes()])?;
        Ok(())
    }

    /// The values that are unique among one owner's resources are so among the new owner's. One that he has already in
    /// another resource stays without being unique: nobody is to blame.
    pub(super) fn change_key_owner(&self, id: ResourceId, owner: Option<IdBytes>) -> Result<(), StoreError> {
        let scope = owner.unwrap_or(NOBODY);
        for sql in [
            "UPDATE OR IGNORE resource_key SET unique_scope = ?3
             WHERE tenant = ?1 AND id = ?2 AND length(unique_scope) = 16",
            "UPDATE resource_key SET unique_scope = NULL
             WHERE tenant = ?1 AND id = ?2 AND length(unique_scope) = 16 AND unique_scope <> ?3",
        ] {
            self.execute(sql, params![self.tenant, id.bytes(), scope])?;
        }
        Ok(())
    }

    fn keys_of(&self, row: &ResourceRow) -> Result<OldKeys, StoreError> {
        let mut statement = self.prepare(
            "SELECT attribute, value, unique_scope FROM resource_key INDEXED BY resource_key_of_resource
             WHERE tenant = ?1 AND id = ?2",
        )?;
        let keys = statement
            .query_map(params![self.tenant, row.id.bytes()], |key| Ok(((key.get(0)?, key.get(1)?), key.get(2)?)));
        keys.and_then(Iterator::collect).map_err(store_error)
    }

    fn insert_key(&self, place: usize, row: &ResourceRow, key: &Key) -> Result<(), CommitError> {
        let mut statement = self.prepare(
            "INSERT INTO resource_key (tenant, type, attribute, value, id, unique_scope) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        let inserted = statement.execute(params![
            self.tenant,
            row.resource_type.as_str(),
            key.attribute,
            key.value,
            row.id.bytes(),
            scope_column(row, key)
        ]);
        match inserted {
            Ok(_) => Ok(()),
            // The index `resource_key_unique`; the primary key cannot be violated, since old entries were looked at.
            Err(error) if violated_unique_columns(&error).is_some() => {
                let hidden = self.hidden_holder(row, key)?;
                Err(CommitError::NotUnique { write: place, attribute: key.attribute.clone(), hidden })
            }
            Err(error) => Err(store_error(error).into()),
        }
    }

    /// Who has the unique value, when the scope does not see him.
    fn hidden_holder(&self, row: &ResourceRow, key: &Key) -> Result<Option<ResourceId>, StoreError> {
        let mut statement = self.prepare(
            "SELECT k.id FROM resource_key AS k CROSS JOIN resource AS r ON r.tenant = ?1 AND r.id = k.id
             WHERE k.tenant = ?1 AND k.type = ?2 AND k.attribute = ?3 AND k.unique_scope = ?4 AND k.value = ?5
             AND ?6 IS NOT NULL AND r.brought_by IS NOT ?6",
        )?;
        let values = params![
            self.tenant,
            row.resource_type.as_str(),
            key.attribute,
            scope_column(row, key),
            key.value,
            self.sees_only
        ];
        let holder = statement.query_row(values, |row| row.get::<_, IdBytes>(0)).optional();
        Ok(holder.map_err(store_error)?.map(ResourceId::from_bytes))
    }

    /// A value that stays is never refused: when it has become unique by a changed setting and another resource has it
    /// too, the request at hand is not to blame. A scope of the same kind stays as it is, also when the connection that
    /// gave it is gone.
    fn change_scope(&self, row: &ResourceRow, key: &Key, old: Option<&[u8]>) -> Result<(), StoreError> {
        let new = scope_column(row, key);
        if old.map(<[u8]>::len) == new.as_ref().map(Vec::len) {
            return Ok(());
        }
        self.execute(
            "UPDATE OR IGNORE resource_key SET unique_scope = ?6
             WHERE tenant = ?1 AND type = ?2 AND attribute = ?3 AND value = ?4 AND id = ?5",
            params![self.tenant, row.resource_type.as_str(), key.attribute, key.value, row.id.bytes(), new],
        )?;
        Ok(())
    }
}

fn scope_column(row: &ResourceRow, key: &Key) -> Option<Vec<u8>> {
    key.unique_in.map(|scope| match scope {
        KeyScope::Tenant => Vec::new(),
        KeyScope::Owner => row.brought_by.unwrap_or(NOBODY).to_vec(),
    })
}
