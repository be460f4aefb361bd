//! Log lines on standard error, for people or as JSON.

use std::any::Any;
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
        let text = fixed_text(panic.payload());
        let backtrace = Backtrace::capture();
        ::metrics::counter!("muster_panics_total").increment(1);
        tracing::error!(panic.place = place, panic.text = text, panic.backtrace = %backtrace, "a defect: panic");
    }));
}

/// A text that stands in the program. One that was made when it panicked may hold what a client sent: `expect` and
/// indexing put values into it. Place and backtrace say where to look.
fn fixed_text(payload: &(dyn Any + Send)) -> &'static str {
    payload.downcast_ref::<&'static str>().copied().unwrap_or("not shown, because it may hold data")
}

#[cfg(test)]
mod tests {
    use super::{fixed_text, is_ours};

    #[test]
    fn only_a_panic_text_that_stands_in_the_program_is_logged() {
        let caught = |action: fn()| std::panic::catch_unwind(action).unwrap_err();
        let fixed = caught(|| panic!("a text of ours"));
        assert_eq!(fixed_text(fixed.as_ref()), "a text of ours");
        let made = caught(|| {
            let sent = std::hint::black_box(String::from("canary"));
            let number = if sent.is_empty() { Ok(0) } else { Err(sent) };
            number.expect("a number");
        });
        assert!(!fixed_text(made.as_ref()).contains("canary"));
        let indexed = caught(|| {
            let sent = std::hint::black_box("canary");
            let _ = &sent[..std::hint::black_box(99)];
        });
        assert!(!fixed_text(indexed.as_ref()).contains("canary"));
    }

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
