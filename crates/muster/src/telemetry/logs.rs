//! Log lines on standard error, for people or as JSON.

use std::backtrace::Backtrace;
use std::io::IsTerminal;

use muster_config::{LogFormat, Settings, Source};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::{EnvFilter, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::failure::Failure;

/// For a server: as the settings say.
pub(crate) fn start(settings: &Settings) -> Result<(), Failure> {
    start_with(&settings.log.value, settings.log_format.value, &settings.log.source)
}

/// For one command, whose answer is on standard output: only what is wrong, unless more was asked for.
pub(crate) fn start_for_command(settings: &Settings) -> Result<(), Failure> {
    let filter = if settings.log.source == Source::Default { "warn" } else { &settings.log.value };
    start_with(filter, settings.log_format.value, &settings.log.source)
}

fn start_with(filter: &str, format: LogFormat, source: &Source) -> Result<(), Failure> {
    let filter =
        EnvFilter::builder().with_default_directive(LevelFilter::INFO.into()).parse(filter).map_err(|error| {
            Failure::usage(format!(
                "log is wrong (from {source}); write a level such as info or debug, or one for each crate, such as \
             info,muster_app=debug"
            ))
            .because(error)
        })?;
    // Libraries print headers and frames at their lower levels, tokens among them. They stay at info whatever was asked.
    let libraries_only_at_info =
        filter_fn(|metadata| *metadata.level() <= tracing::Level::INFO || is_ours(metadata.target()));
    let registry = tracing_subscriber::registry().with(filter).with(libraries_only_at_info);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let started = match format {
        LogFormat::Human => registry.with(lines.with_ansi(std::io::stderr().is_terminal())).try_init(),
        LogFormat::Json => registry.with(lines.json().flatten_event(true).with_span_list(false)).try_init(),
    };
    started.map_err(|error| Failure::new("the log could not be started").because(error))?;
    log_panics();
    Ok(())
}

fn is_ours(target: &str) -> bool {
    let root = target.split("::").next().unwrap_or(target);
    root == "muster" || root.starts_with("muster_") || root == "scim"
}

/// A panic is a defect of ours; it becomes a log line in the span of its request instead of loose text.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let text = panic.payload_as_str().unwrap_or("no text");
        let backtrace = Backtrace::capture();
        ::metrics::counter!("muster_panics_total").increment(1);
        tracing::error!(panic.place = place, panic.text = text, panic.backtrace = %backtrace, "a defect: panic");
    }));
}

#[cfg(test)]
mod tests {
    use super::is_ours;

    #[test]
    fn only_our_crates_may_say_more_than_info() {
        for target in ["muster", "muster::edge", "muster_app::resources", "scim::filter"] {
            assert!(is_ours(target), "{target}");
        }
        for target in ["hyper::proto", "h2", "rustls", "scimitar", "musterx", "tower_http"] {
            assert!(!is_ours(target), "{target}");
        }
    }
}
