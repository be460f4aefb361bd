//! Writes down the text of each statement that the driver sends.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

const TARGET: &str = "muster_store_postgres::statement";

#[derive(Clone, Default)]
pub(super) struct Recorder {
    texts: Arc<Mutex<BTreeSet<String>>>,
}

impl Recorder {
    /// Hears of every statement of this process from now on.
    pub(super) fn begin() -> Self {
        let recorder = Self::default();
        tracing::subscriber::set_global_default(recorder.clone()).unwrap();
        recorder
    }

    pub(super) fn texts(&self) -> BTreeSet<String> {
        self.texts.lock().unwrap().clone()
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == TARGET
    }

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Text(self));
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Text<'a>(&'a Recorder);

impl Visit for Text<'_> {
    fn record_str(&mut self, field: &Field, text: &str) {
        if field.name() == "db.statement" {
            self.0.texts.lock().unwrap().insert(text.to_owned());
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}
