#![doc = include_str!("../README.md")]

pub mod columns;
mod dialect;
mod fault;
mod ledger;
mod row;
mod session;
mod value;
mod view;

pub use dialect::postgresql_text;
pub use fault::{damaged, defect};
pub use ledger::{Content, Entry, Ledger, ResourceRow};
pub use row::{FromValue, Row};
pub use session::{Session, Sql, finished};
pub use value::Value;
pub use view::View;
