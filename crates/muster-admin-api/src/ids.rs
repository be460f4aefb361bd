//! Ids inside bodies, described by how they are written.

use std::borrow::Cow;

use muster_model::{HeldId, ResourceId};
use serde::Deserialize;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// The id of a person, a group or another resource.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct ResourceIdText(pub(crate) ResourceId);

/// The id of a held change.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct HeldIdText(pub(crate) HeldId);

fn text(pattern: &str) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern)).into()
}

impl PartialSchema for ResourceIdText {
    fn schema() -> RefOr<Schema> {
        text("^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
    }
}

impl ToSchema for ResourceIdText {
    fn name() -> Cow<'static, str> {
        "ResourceId".into()
    }
}

impl PartialSchema for HeldIdText {
    fn schema() -> RefOr<Schema> {
        text("^hld_[0-9a-f]{32}$")
    }
}

impl ToSchema for HeldIdText {
    fn name() -> Cow<'static, str> {
        "HeldChangeId".into()
    }
}
