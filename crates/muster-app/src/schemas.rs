//! The schemas and resource types of a tenant: the built-in ones and what it adds as data (docs/adr/0015).

mod cache;
mod change;
mod difference;
mod entries;
mod overview;
mod pack;

pub(crate) use cache::SchemaCache;
pub use change::{NewSchemas, SchemaExtensionOf, add, check, disable, enable, remove};
pub use overview::{ListedSchema, ListedType, Origin, Overview, Shown, list, show};
pub use pack::{PACKS, Pack};
