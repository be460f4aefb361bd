#![doc = include_str!("../README.md")]

pub mod bulk;
pub mod document_text;
pub mod error;
pub mod filter;
pub mod fold;
pub mod leniency;
pub mod message;
pub mod normalize;
pub mod patch;
pub mod path;
pub mod projection;
pub mod repair;
pub mod schema;
mod shown_name;
pub mod sort;
pub mod v1;
pub mod value;

pub use error::{Error, Result, ScimType};
pub use fold::fold;
pub use leniency::Leniency;
pub use repair::{Repair, Repairs};
pub use schema::{Attribute, ResourceSchema, ResourceType, Schema};

/// A SCIM resource as JSON members, names spelt as the schema spells them.
///
/// Extension attributes stand in an object under their URN (RFC 7643 section 3.3). Order carries no meaning; use
/// `shift_remove` so that it stays what the client sent.
pub type Document = serde_json::Map<String, serde_json::Value>;
