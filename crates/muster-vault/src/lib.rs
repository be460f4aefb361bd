#![doc = include_str!("../README.md")]

pub mod error;
pub mod file;
pub mod key;

pub use error::KeyError;
pub use file::{KEY_FILE_NAME, KeyOrigin, is_readable_by_others, load, load_or_create};
pub use key::{KeyId, VaultKey};
