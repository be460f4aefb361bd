//! What a cluster of many servers asks of the schema and of every statement: the tenant is in each of them.

mod declaring;
mod reach;
mod recorder;
mod schema;
mod sources;
mod statements;
