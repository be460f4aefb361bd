//! Metrics in the form that Prometheus reads.

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::failure::Failure;

pub(crate) const REQUESTS: &str = "muster_http_requests_total";
pub(crate) const REQUEST_SECONDS: &str = "muster_http_request_duration_seconds";
/// What the guard against mass deprovisioning holds now; each member who is to leave a group is one.
pub(crate) const HELD: &str = "muster_guard_held_operations";
pub(crate) const UPKEEP_TURNS: &str = "muster_upkeep_turns_total";
pub(crate) const UPKEEP_DONE: &str = "muster_upkeep_done_total";
pub(crate) const CONNECTIONS: &str = "muster_http_connections";

const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];
const SIZES: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// Starts to collect. The handle renders what was collected.
pub(crate) fn start() -> Result<PrometheusHandle, Failure> {
    let failed = |error: metrics_exporter_prometheus::BuildError| {
        Failure::new("the metrics could not be started").because(error)
    };
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
        .and_then(|builder| builder.set_buckets_for_metric(Matcher::Suffix("_size".to_owned()), &SIZES))
        .map_err(failed)?
        .build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder)
        .map_err(|_| Failure::new("the metrics could not be started, because they are already"))?;
    metrics::describe_counter!(REQUESTS, "Requests answered, by kind of address and class of status");
    metrics::describe_histogram!(REQUEST_SECONDS, "Time from a request's head to its answer's head");
    metrics::describe_gauge!(CONNECTIONS, "Open connections");
    metrics::describe_counter!("muster_panics_total", "Panics; each is a defect of Muster");
    metrics::describe_gauge!(HELD, "Changes that the guard against mass deprovisioning holds now");
    metrics::describe_counter!("muster_guard_held_total", "Changes that the guard has held");
    metrics::describe_gauge!("muster_store_pool_in_use", "Connections to PostgreSQL that somebody has");
    metrics::describe_gauge!("muster_store_pool_waiting", "Who waits for a connection to PostgreSQL");
    metrics::describe_histogram!(
        "muster_store_pool_wait_seconds",
        "Time of those who had to wait for a connection to PostgreSQL"
    );
    metrics::describe_counter!(
        "muster_store_retries_total",
        "Transactions done again because another was in the way or a connection was lost"
    );
    metrics::describe_counter!("muster_scim_rate_limited_total", "Requests refused because a connection asks too fast");
    metrics::describe_counter!("muster_request_log_written_total", "Calls that were written into the request log");
    metrics::describe_counter!(
        "muster_request_log_lost_total",
        "Calls missing in the request log because it did not keep up"
    );
    metrics::describe_counter!(
        "muster_request_log_skipped_total",
        "Calls kept out of the request log because there are too many like them without a credential or beyond the rate"
    );
    metrics::describe_counter!(UPKEEP_TURNS, "Turns of this process at background work, by task and outcome");
    metrics::describe_counter!(UPKEEP_DONE, "What background work of this process has done, by task");
    metrics::describe_counter!("muster_webhook_attempts_total", "Messages sent to webhook endpoints, by outcome");
    metrics::describe_counter!(
        "muster_webhook_endpoints_disabled_total",
        "Webhook endpoints disabled because of how they answered, by reason"
    );
    Ok(handle)
}
