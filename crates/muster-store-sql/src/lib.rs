#![doc = include_str!("../README.md")]

pub mod columns;
pub mod commit;
pub mod conflict;
pub mod connection;
pub mod credential;
pub mod credential_use;
mod dialect;
mod fault;
pub mod guard_window;
pub mod held;
pub mod installation_key;
mod invariant;
mod ledger;
pub mod list;
pub mod member_label;
mod nesting;
mod placement;
mod pushdown;
pub mod repair_count;
pub mod resource_count;
mod row;
pub mod schemas;
mod session;
pub mod tenant;
mod value;
mod view;

pub use dialect::postgresql_text;
pub use fault::{damaged, defect};
pub use invariant::{INVARIANTS, Invariant};
pub use ledger::{Content, Entry, Ledger, ResourceRow};
pub use placement::is_look_up;
pub use pushdown::Plan;
pub use row::{FromValue, Row};
pub use session::{Session, Sql, finished};
pub use value::Value;
pub use view::View;
