//! What a statement may see.

pub(crate) use muster_store_sql::View;
