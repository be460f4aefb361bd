//! The threads that one opened database consists of.

use std::num::NonZeroUsize;
use std::path::Path;

use crate::open::{OpenError, open_for_reading, open_for_writing};
use crate::options::SqliteOptions;
use crate::readers::Readers;
use crate::writer::Writer;

pub(crate) struct Engine {
    pub(crate) writer: Writer,
    /// For what an index answers.
    pub(crate) readers: Readers,
    /// For what must look at everything.
    pub(crate) scanners: Readers,
}

impl Engine {
    pub(crate) fn start(path: &Path, options: &SqliteOptions) -> Result<Self, OpenError> {
        let no_thread = |source| OpenError::NoThread { source };
        let writing = open_for_writing(path, options.busy_timeout)?;
        let reading = |count: NonZeroUsize| {
            (0..count.get()).map(|_| open_for_reading(path, options.busy_timeout)).collect::<Result<Vec<_>, _>>()
        };
        Ok(Self {
            readers: Readers::start("reader", reading(options.readers)?).map_err(no_thread)?,
            scanners: Readers::start("scanner", reading(options.scanners)?).map_err(no_thread)?,
            writer: Writer::start(writing).map_err(no_thread)?,
        })
    }

    /// Blocks until all threads have ended. Readers first, so that the last checkpoint need not wait for them.
    pub(crate) fn close(&self) {
        self.readers.close();
        self.scanners.close();
        self.writer.close();
    }
}
