//! Writes JSON objects and lists as text. Names and values are escaped by `serde_json`.

use std::fmt;

use serde::{Serialize, Serializer};

/// A text that is shown the way it is displayed.
pub(super) struct Shown<T>(pub(super) T);

impl<T: fmt::Display> Serialize for Shown<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// An object that is being written.
pub(super) struct ObjectText<'o> {
    out: &'o mut Vec<u8>,
    /// Where its first entry stands.
    begin: usize,
}

impl<'o> ObjectText<'o> {
    pub(super) fn begin(out: &'o mut Vec<u8>) -> Self {
        out.push(b'{');
        let begin = out.len();
        Self { out, begin }
    }

    pub(super) fn entry(&mut self, name: &str, value: &(impl Serialize + ?Sized)) -> serde_json::Result<()> {
        self.begin_entry(name)?;
        serde_json::to_writer(&mut *self.out, value)
    }

    /// Entries that are text already, separated by commas.
    pub(super) fn entries(&mut self, entries: &[u8]) {
        if !entries.is_empty() {
            self.separate();
            self.out.extend_from_slice(entries);
        }
    }

    /// An object; nothing where it stays empty.
    pub(super) fn object(
        &mut self,
        name: &str,
        fill: impl FnOnce(&mut ObjectText<'_>) -> serde_json::Result<()>,
    ) -> serde_json::Result<()> {
        let before = self.out.len();
        self.begin_entry(name)?;
        if !write_object(self.out, fill)? {
            self.out.truncate(before);
        }
        Ok(())
    }

    /// A list; nothing where it stays empty.
    pub(super) fn list(
        &mut self,
        name: &str,
        fill: impl FnOnce(&mut ListText<'_>) -> serde_json::Result<()>,
    ) -> serde_json::Result<()> {
        let before = self.out.len();
        self.begin_entry(name)?;
        self.out.push(b'[');
        let begin = self.out.len();
        fill(&mut ListText::going_on(self.out, false))?;
        if self.out.len() == begin {
            self.out.truncate(before);
        } else {
            self.out.push(b']');
        }
        Ok(())
    }

    /// A list whose elements are written by somebody else: where they belong in what is written to.
    pub(super) fn hollow_list(&mut self, name: &str) -> serde_json::Result<usize> {
        self.begin_entry(name)?;
        self.out.push(b'[');
        let place = self.out.len();
        self.out.push(b']');
        Ok(place)
    }

    pub(super) fn end(self) {
        self.out.push(b'}');
    }

    fn begin_entry(&mut self, name: &str) -> serde_json::Result<()> {
        self.separate();
        serde_json::to_writer(&mut *self.out, name)?;
        self.out.push(b':');
        Ok(())
    }

    fn separate(&mut self) {
        if self.out.len() > self.begin {
            self.out.push(b',');
        }
    }
}

/// A list of objects that is being written.
pub(super) struct ListText<'o> {
    out: &'o mut Vec<u8>,
    has_elements: bool,
}

impl<'o> ListText<'o> {
    /// A list that has elements already, somewhere else, or none.
    pub(super) fn going_on(out: &'o mut Vec<u8>, has_elements: bool) -> Self {
        Self { out, has_elements }
    }

    pub(super) fn has_elements(&self) -> bool {
        self.has_elements
    }

    /// How much is written.
    pub(super) fn len(&self) -> usize {
        self.out.len()
    }

    /// An element; nothing where it stays empty.
    pub(super) fn object(
        &mut self,
        fill: impl FnOnce(&mut ObjectText<'_>) -> serde_json::Result<()>,
    ) -> serde_json::Result<()> {
        let before = self.out.len();
        if self.has_elements {
            self.out.push(b',');
        }
        if write_object(self.out, fill)? {
            self.has_elements = true;
        } else {
            self.out.truncate(before);
        }
        Ok(())
    }
}

/// Whether it has an entry.
fn write_object(
    out: &mut Vec<u8>,
    fill: impl FnOnce(&mut ObjectText<'_>) -> serde_json::Result<()>,
) -> serde_json::Result<bool> {
    let mut object = ObjectText::begin(out);
    fill(&mut object)?;
    let has_entries = object.out.len() > object.begin;
    object.end();
    Ok(has_entries)
}
