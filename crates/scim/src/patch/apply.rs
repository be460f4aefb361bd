//! A compiled patch changes a document, all or nothing (RFC 7644 section 3.5.2).

mod append;
mod effort;
mod elements;
mod matched;
mod prune;
mod slot;

use serde_json::{Map, Value};

use super::{CompiledOperation, CompiledPatch, ElementTarget};
use crate::normalize::{WriteOnly, check_immutable, check_required};
use crate::schema::ResolvedPath;
use crate::{Document, Error, Leniency, Repairs, ResourceSchema, Result};
use append::AppendIndex;
use effort::{Effort, steps_for};
use elements::{Chosen, change_elements, remove_values};
use matched::{delete_elements, merge_elements};
use slot::{Change, change_slot, merged_object};

impl CompiledPatch {
    /// The document after all operations, each on the result of the one before; `None` when nothing changed, so that
    /// no new version is made of it (RFC 7644 section 3.5.2.1). The given document is never touched: an error in any
    /// operation leaves the resource as it was.
    pub fn apply(
        &self,
        schema: &ResourceSchema,
        document: &Document,
        leniency: &Leniency,
        repairs: &mut Repairs,
    ) -> Result<Option<Document>> {
        let mut changed = document.clone();
        let mut application =
            Application { leniency, repairs, appending: AppendIndex::default(), effort: Effort::default() };
        for operation in &self.operations {
            application.operation(&mut changed, operation)?;
        }
        prune::prune(&mut changed);
        if changed == *document {
            return Ok(None);
        }
        check_immutable(schema, document, &changed)?;
        check_required(schema, &changed, WriteOnly::KeptElsewhere)?;
        Ok(Some(changed))
    }
}

/// What the operations of one patch share.
struct Application<'a> {
    leniency: &'a Leniency,
    repairs: &'a mut Repairs,
    appending: AppendIndex,
    effort: Effort,
}

impl Application<'_> {
    fn operation(&mut self, document: &mut Document, operation: &CompiledOperation) -> Result<()> {
        let (target, change) = match operation {
            CompiledOperation::Add { target, value } => (target, Change::Add(value)),
            CompiledOperation::Set { target, value: Some(value) } => (target, Change::Set(value)),
            CompiledOperation::Set { target, value: None } => (target, Change::Unassign),
            CompiledOperation::MergeElements { path, elements } => {
                self.appending.forget();
                return merge_elements(holder_of(document, path)?, path, elements, &mut self.effort);
            }
            CompiledOperation::DeleteElements { path, elements } => {
                self.appending.forget();
                return delete_elements(holder_of(document, path)?, path, elements, &mut self.effort);
            }
            CompiledOperation::RemoveValues { path, values } => {
                self.appending.forget();
                return self.remove_values(holder_of(document, path)?, path, values);
            }
        };
        match target {
            ElementTarget::Attribute(path) => self.attribute(document, path, change),
            ElementTarget::Elements { path, filter, sub_attribute, create } => {
                self.appending.forget();
                let chosen = Chosen {
                    path,
                    filter: Some(filter),
                    sub_attribute: sub_attribute.as_deref(),
                    create: create.as_ref(),
                };
                let holder = holder_of(document, path)?;
                change_elements(holder, &chosen, change, self.repairs, &mut self.effort)
            }
        }
    }

    fn remove_values(&mut self, holder: &mut Map<String, Value>, path: &ResolvedPath, values: &[Value]) -> Result<()> {
        if path.sub_attribute.is_none() {
            return remove_values(holder, path, values, &mut self.effort);
        }
        match holder.get_mut(&path.attribute.name) {
            Some(Value::Object(members)) => remove_values(members, path, values, &mut self.effort),
            // The list stands in each element.
            Some(Value::Array(elements)) => {
                elements.iter_mut().filter_map(Value::as_object_mut).try_for_each(|members| {
                    self.effort.spend(values.len())?;
                    remove_values(members, path, values, &mut self.effort)
                })
            }
            _ => Ok(()),
        }
    }

    fn attribute(&mut self, document: &mut Document, path: &ResolvedPath, change: Change) -> Result<()> {
        let holder = holder_of(document, path)?;
        let Some(sub) = &path.sub_attribute else {
            if path.attribute.multi_valued
                && let Change::Add(added) = change
            {
                return self.appending.append(holder, path, added, &mut self.effort);
            }
            self.appending.forget();
            if let Some(merged) = holder.get(&path.attribute.name).filter(|existing| existing.is_object()) {
                self.effort.spend(steps_for(merged))?;
            }
            change_slot(holder, &path.attribute, change);
            return Ok(());
        };
        self.appending.forget();
        if path.attribute.multi_valued {
            // A path such as "emails.display" names the sub-attribute of every element.
            let whole = ResolvedPath { sub_attribute: None, ..path.clone() };
            let create = Map::new();
            let creates = match change {
                Change::Add(_) => self.leniency.add_missing_elements,
                Change::Set(_) => self.leniency.create_missing_elements,
                Change::Unassign => false,
            };
            let create = creates.then_some(&create);
            let chosen = Chosen { path: &whole, filter: None, sub_attribute: Some(sub), create };
            return change_elements(holder, &chosen, change, self.repairs, &mut self.effort);
        }
        if matches!(change, Change::Unassign) && !holder.contains_key(&path.attribute.name) {
            return Ok(());
        }
        if let Some(Value::Array(list)) = holder.get(&path.attribute.name).and_then(|value| value.get(&sub.name)) {
            self.effort.spend_on(list, 1)?;
        }
        if let Some(members) = merged_object(holder, &path.attribute, sub, change) {
            change_slot(members, sub, change);
        }
        Ok(())
    }
}

/// The object that holds the attribute: the document, or the object of its extension.
fn holder_of<'a>(document: &'a mut Document, path: &ResolvedPath) -> Result<&'a mut Map<String, Value>> {
    let Some(urn) = &path.extension else { return Ok(document) };
    document
        .entry(urn.as_str())
        .or_insert_with(|| Value::Object(Map::new()))
        .as_object_mut()
        .ok_or_else(|| Error::invalid_value(format!("The stored value of \"{urn}\" is not an object")))
}
