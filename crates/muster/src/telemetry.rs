//! Logs and metrics.
//!
//! Never in a log line or a metric, at any level: tokens, authorization headers, cookies, passwords, bodies, query
//! parameters, values of attributes. Ids of ours, routes, counts, times and addresses of callers are what is there.

pub(crate) mod logs;
pub(crate) mod metrics;
