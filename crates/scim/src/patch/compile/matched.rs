//! Elements that are merged into, or taken out of, the element that they match (SCIM 1.1, protocol section 3.3.2).

use serde_json::Value;

use super::Compilation;
use crate::Result;
use crate::normalize::Place;
use crate::patch::CompiledOperation;
use crate::schema::ResolvedPath;

impl Compilation<'_> {
    /// `path` names a multi-valued attribute that may be changed. An empty list asks for nothing.
    pub(crate) fn merge_elements(&mut self, path: ResolvedPath, elements: &[Value]) -> Result<()> {
        let elements = self.matched(&path, elements)?;
        if !elements.is_empty() {
            self.operations.push(CompiledOperation::MergeElements { path, elements });
        }
        Ok(())
    }

    /// As [`Self::merge_elements`], for elements that shall go.
    pub(crate) fn delete_elements(&mut self, path: ResolvedPath, elements: &[Value]) -> Result<()> {
        let elements = self.matched(&path, elements)?;
        if !elements.is_empty() {
            self.operations.push(CompiledOperation::DeleteElements { path, elements });
        }
        Ok(())
    }

    fn matched(&mut self, path: &ResolvedPath, elements: &[Value]) -> Result<Vec<Value>> {
        if elements.is_empty() {
            return Ok(Vec::new());
        }
        self.reader.list(Place::of(path), &Value::Array(elements.to_vec()))
    }
}
