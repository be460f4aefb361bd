//! PATCH (RFC 7644 section 3.5.2) in three stages: [`PatchRequest`] as sent, [`CompiledPatch`] against a schema,
//! applied to a document, all or nothing.

mod apply;
mod body;
mod compile;
mod elements;
mod named_id;
mod request;

pub use body::PatchBody;
pub(crate) use body::is_bare_operation;
pub(crate) use compile::Compilation;
pub use elements::{ElementStep, element_steps};
pub(crate) use request::MOST_OPERATIONS;

use std::sync::Arc;

use serde_json::Value;

use crate::filter::CompiledFilter;
use crate::path::PatchPath;
use crate::schema::{Attribute, ResolvedPath};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OperationKind {
    Add,
    Remove,
    Replace,
}

/// A PATCH body whose shape is right; names are not yet looked up.
#[derive(Clone, Debug, PartialEq)]
pub struct PatchRequest {
    pub operations: Vec<PatchOperation>,
}

/// One operation as sent. `value` tells absent (`None`) from null (`Some(Value::Null)`).
#[derive(Clone, Debug, PartialEq)]
pub struct PatchOperation {
    pub kind: OperationKind,
    pub path: Option<PatchPath>,
    pub value: Option<Value>,
}

/// Operations whose targets exist in the schema, may be changed, and whose values have the right shape. Operations
/// without a path are taken apart into one operation per attribute, so each names exactly one attribute.
#[derive(Clone, Debug, PartialEq)]
pub struct CompiledPatch {
    pub operations: Vec<CompiledOperation>,
}

/// What one operation changes.
#[derive(Clone, Debug, PartialEq)]
pub enum CompiledOperation {
    /// `add` on an attribute: append to a list, merge into a complex value, set anything else. `value` is never null;
    /// a null inside an object that is merged unassigns that sub-attribute (RFC 7643 section 2.5).
    Add { target: ElementTarget, value: Value },
    /// `replace`, or `remove` (`value` is `None`): set or unassign. An object for a singular complex attribute, or for
    /// chosen elements, is merged as by `Add`: what it does not name stays (RFC 7644 section 3.5.2.3).
    Set { target: ElementTarget, value: Option<Value> },
    /// `remove` with a value list on a multi-valued attribute: take out the elements that equal one of these.
    RemoveValues { path: ResolvedPath, values: Vec<Value> },
    /// SCIM 1.1 (protocol section 3.3.2): each element is merged into the one that has the same `value`, or added.
    MergeElements { path: ResolvedPath, elements: Vec<Value> },
    /// SCIM 1.1, `"operation": "delete"`: take out the element that has the same `value`; where that is not the value of
    /// one element alone, or there is none, what agrees in everything that the client named.
    DeleteElements { path: ResolvedPath, elements: Vec<Value> },
}

/// The attribute, the sub-attribute, or the elements chosen by a filter.
#[derive(Clone, Debug, PartialEq)]
pub enum ElementTarget {
    Attribute(ResolvedPath),
    /// `path` names the multi-valued attribute without sub-attribute. `create` is the element to make when nothing
    /// matches (from the `eq` clauses), where that is allowed.
    Elements {
        path: ResolvedPath,
        filter: CompiledFilter,
        sub_attribute: Option<Arc<Attribute>>,
        create: Option<serde_json::Map<String, Value>>,
    },
}
