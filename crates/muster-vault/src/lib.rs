#![doc = include_str!("../README.md")]

pub mod binding;
pub mod data_key;
pub mod error;
pub mod file;
mod form;
pub mod installation_id;
pub mod key;
pub mod seal_error;
pub mod secret_value;

pub use binding::SecretBinding;
pub use data_key::{DataKey, LONGEST_SECRET};
pub use error::KeyError;
pub use file::{KEY_FILE_NAME, KeyOrigin, is_readable_by_others, load, load_or_create};
pub use installation_id::InstallationId;
pub use key::{KeyId, VaultKey};
pub use seal_error::{SealError, Sealed};
pub use secret_value::SecretValue;
