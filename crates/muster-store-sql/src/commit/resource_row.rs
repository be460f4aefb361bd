//! The rows of a resource itself.

use muster_model::{ConnectionId, ResourceId, TypeName, Version};
use muster_store::{NewDocument, StoreError};

use super::Applying;
use crate::columns::{IdColumn, clamped, version};
use crate::{Content, Ledger, ResourceRow, defect, values};

impl<L: Ledger> Applying<'_, L> {
    /// The row, which nobody else changes until this transaction ends.
    pub(super) async fn find_row(&self, id: ResourceId) -> Result<Option<ResourceRow>, StoreError> {
        let found = self
            .ledger
            .row(
                "SELECT type, version, created, last_modified, brought_by
                 FROM resource WHERE tenant = ?1 AND id = ?2/*pg  FOR NO KEY UPDATE */",
                values![self.tenant, id],
            )
            .await?;
        let Some(mut row) = found else { return Ok(None) };
        Ok(Some(ResourceRow {
            id,
            resource_type: TypeName::new(row.take::<String>(0)?),
            version: version(row.take(1)?)?,
            created: row.take(2)?,
            last_modified: row.take(3)?,
            brought_by: row.take(4)?,
        }))
    }

    /// Nobody can become a member of a group, or a group's member, by it from here on.
    pub(super) async fn lock_against_joining(&self, id: ResourceId) -> Result<(), StoreError> {
        if self.ledger.has_many_writers() {
            let sql = "SELECT id FROM resource WHERE tenant = ?1 AND id = ?2/*pg  FOR UPDATE */";
            self.ledger.row(sql, values![self.tenant, id]).await?;
        }
        Ok(())
    }

    pub(super) async fn insert_resource(
        &self,
        id: ResourceId,
        resource_type: &TypeName,
        owner: Option<ConnectionId>,
        content: &NewDocument,
    ) -> Result<ResourceRow, StoreError> {
        let row = ResourceRow {
            id,
            resource_type: resource_type.clone(),
            version: Version::FIRST,
            created: self.at,
            last_modified: self.at,
            brought_by: owner.map(IdColumn::bytes),
        };
        self.ledger.insert_resource(self.tenant, &row, stored(content)?).await?;
        Ok(row)
    }

    pub(super) async fn replace_document(&self, row: &ResourceRow, content: &NewDocument) -> Result<(), StoreError> {
        self.ledger.replace_document(self.tenant, row.id, stored(content)?).await
    }

    /// Gives the resource its next version. Touches the narrow row only, however large the document is.
    pub(super) async fn touch(&self, id: ResourceId, next: Version) -> Result<(), StoreError> {
        let sql = "UPDATE resource SET version = ?3, last_modified = ?4 WHERE tenant = ?1 AND id = ?2";
        self.ledger.send(sql, values![self.tenant, id, clamped(next.0), self.at]).await
    }
}

fn stored(content: &NewDocument) -> Result<Content<'_>, StoreError> {
    let document = serde_json::to_string(&content.document);
    let document = document.map_err(|_| defect("a document cannot be written as JSON"))?;
    Ok(Content { document, label: content.label.as_deref() })
}
