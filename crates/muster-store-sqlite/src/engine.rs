//! The threads that one opened database consists of.

use std::num::NonZeroUsize;
use std::path::Path;

use crate::at_once::AtOnce;
use crate::house;
use crate::open::{GATE_CACHE_KIB, OpenError, READER_CACHE_KIB, expect_migrated, open_for_reading, open_for_writing};
use crate::options::SqliteOptions;
use crate::readers::Readers;
use crate::writer::Writer;

pub(crate) struct Engine {
    pub(crate) writer: Writer,
    /// For who is calling, which every request asks, and whether the database answers at all. Nothing else goes there,
    /// so that no question of one caller can make another wait at the gate.
    pub(crate) gate: Readers,
    /// For what is answered in some microseconds, where the caller is.
    pub(crate) at_once: AtOnce,
    /// For what an index answers.
    pub(crate) readers: Readers,
    /// For what may look at many rows.
    pub(crate) scanners: Readers,
}

impl Engine {
    pub(crate) fn start(path: &Path, options: &SqliteOptions) -> Result<Self, OpenError> {
        let no_thread = |source| OpenError::NoThread { source };
        if !options.migrate {
            expect_migrated(path, options.busy_timeout)?;
        }
        let writing = open_for_writing(path, options.busy_timeout)?;
        house::refuse_half_filled(&writing, path)?;
        let reading = |count: NonZeroUsize, cache_kib: i32| {
            (0..count.get())
                .map(|_| open_for_reading(path, options.busy_timeout, cache_kib))
                .collect::<Result<Vec<_>, _>>()
        };
        let at_once = reading(options.at_once, READER_CACHE_KIB)?;
        let gate = reading(NonZeroUsize::MIN, GATE_CACHE_KIB)?;
        let readers = reading(options.readers, READER_CACHE_KIB)?;
        let scanners = reading(options.scanners, READER_CACHE_KIB)?;
        Ok(Self {
            at_once: AtOnce::new(at_once).map_err(|error| OpenError::from_sqlite(path, error))?,
            gate: Readers::start("gate", gate, None).map_err(no_thread)?,
            readers: Readers::start("reader", readers, None).map_err(no_thread)?,
            scanners: Readers::start("scanner", scanners, Some(options.scan_limit)).map_err(no_thread)?,
            writer: Writer::start(writing).map_err(no_thread)?,
        })
    }

    /// Blocks until all threads have ended. Readers first, so that the last checkpoint need not wait for them.
    pub(crate) fn close(&self) {
        self.at_once.close();
        self.gate.close();
        self.readers.close();
        self.scanners.close();
        self.writer.close();
    }
}

#[cfg(test)]
mod tests;
