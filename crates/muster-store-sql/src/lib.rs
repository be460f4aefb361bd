#![doc = include_str!("../README.md")]

pub mod columns;
pub mod commit;
mod dialect;
mod fault;
pub mod guard_window;
mod invariant;
mod ledger;
pub mod list;
mod nesting;
mod placement;
mod pushdown;
pub mod resource_count;
mod row;
mod session;
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
