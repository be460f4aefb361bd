//! The rows of a resource itself: the narrow one, its document, and the count of its type.

use muster_model::{ConnectionId, ResourceId, TypeName, Version};
use muster_store::{NewDocument, StoreError};
use rusqlite::{OptionalExtension, params};
use scim::Document;

use super::Applying;
use crate::columns::{IdBytes, IdColumn, clamped, version};
use crate::failure::{defect, store_error};

/// The narrow row of a resource.
pub(super) struct ResourceRow {
    pub(super) id: ResourceId,
    pub(super) resource_type: TypeName,
    pub(super) version: Version,
    /// Microseconds, like `last_modified`.
    pub(super) created: i64,
    pub(super) last_modified: i64,
    pub(super) brought_by: Option<IdBytes>,
    document_number: i64,
}

impl Applying<'_> {
    pub(super) fn find_row(&self, id: ResourceId) -> Result<Option<ResourceRow>, StoreError> {
        let mut statement = self.prepare(
            "SELECT type, version, created, last_modified, brought_by, document_number
             FROM resource WHERE tenant = ?1 AND id = ?2",
        )?;
        let found = statement.query_row(params![self.tenant, id.bytes()], |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, i64>(1)?,
                row.get::<_, i64>(2)?,
                row.get::<_, i64>(3)?,
                row.get::<_, Option<IdBytes>>(4)?,
                row.get::<_, i64>(5)?,
            ))
        });
        let found = found.optional().map_err(store_error)?;
        let Some((resource_type, counter, created, last_modified, brought_by, document_number)) = found else {
            return Ok(None);
        };
        Ok(Some(ResourceRow {
            id,
            resource_type: TypeName::new(resource_type),
            version: version(counter)?,
            created,
            last_modified,
            brought_by,
            document_number,
        }))
    }

    pub(super) fn insert_resource(
        &self,
        id: ResourceId,
        resource_type: &TypeName,
        owner: Option<ConnectionId>,
        content: &NewDocument,
    ) -> Result<ResourceRow, StoreError> {
        let brought_by = owner.map(IdColumn::bytes);
        self.execute(
            "INSERT INTO resource_document (tenant, document) VALUES (?1, ?2)",
            params![self.tenant, json(&content.document)?],
        )?;
        let document_number = self.connection.last_insert_rowid();
        self.execute(
            "INSERT INTO resource
                 (tenant, id, type, version, created, last_modified, document_number, brought_by, label)
             VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7, ?8)",
            params![
                self.tenant,
                id.bytes(),
                resource_type.as_str(),
                clamped(Version::FIRST.0),
                self.at,
                document_number,
                brought_by,
                content.label
            ],
        )?;
        Ok(ResourceRow {
            id,
            resource_type: resource_type.clone(),
            version: Version::FIRST,
            created: self.at,
            last_modified: self.at,
            brought_by,
            document_number,
        })
    }

    pub(super) fn replace_document(&self, row: &ResourceRow, content: &NewDocument) -> Result<(), StoreError> {
        self.execute(
            "UPDATE resource_document SET document = ?3 WHERE tenant = ?1 AND number = ?2",
            params![self.tenant, row.document_number, json(&content.document)?],
        )?;
        self.execute(
            "UPDATE resource SET label = ?3 WHERE tenant = ?1 AND id = ?2 AND label IS NOT ?3",
            params![self.tenant, row.id.bytes(), content.label],
        )?;
        Ok(())
    }

    /// Gives the resource its next version. Touches the narrow row only, however large the document is.
    pub(super) fn touch(&self, id: ResourceId, next: Version) -> Result<(), StoreError> {
        self.execute(
            "UPDATE resource SET version = ?3, last_modified = ?4 WHERE tenant = ?1 AND id = ?2",
            params![self.tenant, id.bytes(), clamped(next.0), self.at],
        )?;
        Ok(())
    }

    pub(super) fn remove_resource(&self, row: &ResourceRow) -> Result<(), StoreError> {
        self.execute(
            "DELETE FROM resource_document WHERE tenant = ?1 AND number = ?2",
            params![self.tenant, row.document_number],
        )?;
        self.execute("DELETE FROM resource WHERE tenant = ?1 AND id = ?2", params![self.tenant, row.id.bytes()])?;
        Ok(())
    }

    pub(super) fn count(&self, resource_type: &TypeName, difference: i64) -> Result<(), StoreError> {
        let changed = self.execute(
            "UPDATE resource_count SET count = count + ?3 WHERE tenant = ?1 AND type = ?2",
            params![self.tenant, resource_type.as_str(), difference],
        )?;
        if changed == 0 {
            self.execute(
                "INSERT INTO resource_count (tenant, type, count) VALUES (?1, ?2, ?3)",
                params![self.tenant, resource_type.as_str(), difference],
            )?;
        }
        Ok(())
    }

    pub(super) fn prepare(&self, sql: &str) -> Result<rusqlite::CachedStatement<'_>, StoreError> {
        self.connection.prepare_cached(sql).map_err(store_error)
    }

    /// The number of rows that changed.
    pub(super) fn execute(&self, sql: &str, params: impl rusqlite::Params) -> Result<usize, StoreError> {
        self.prepare(sql)?.execute(params).map_err(store_error)
    }
}

fn json(document: &Document) -> Result<String, StoreError> {
    serde_json::to_string(document).map_err(|_| defect("a document cannot be written as JSON"))
}
