//! Elements are added to a multi-valued attribute.

use serde_json::{Map, Value};

use super::effort::Effort;
use super::slot::list_at;
use crate::normalize::{ElementIndex, clear_other_primaries, has_primary, is_primary};
use crate::schema::ResolvedPath;
use crate::{Error, Result};

/// Where the elements of the list stand that operations in a row add to. Many operations that add one element each to
/// one list cost what they add, not the length of the list every time.
#[derive(Debug, Default)]
pub(super) struct AppendIndex {
    current: Option<(String, ElementIndex)>,
}

impl AppendIndex {
    /// To be called before anything else than appending to the same list happens.
    pub(super) fn forget(&mut self) {
        self.current = None;
    }

    /// Adds each element that is not there yet (RFC 7644 section 3.5.2.1).
    pub(super) fn append(
        &mut self,
        holder: &mut Map<String, Value>,
        path: &ResolvedPath,
        added: &Value,
        effort: &mut Effort,
    ) -> Result<()> {
        let Value::Array(added) = added else { return Ok(()) };
        let Some(elements) = list_at(holder, &path.attribute.name) else { return Err(not_a_list(path)) };
        let notation = path.notation();
        let index = match self.current.take() {
            Some((current, index)) if current == notation => index,
            _ => {
                effort.spend_on(elements, 1)?;
                ElementIndex::of(&path.attribute, elements)
            }
        };
        let (_, index) = self.current.insert((notation, index));
        let mut primary = None;
        for element in added {
            let marked = has_primary(&path.attribute) && is_primary(element);
            let position = index.add(&path.attribute, elements, element.clone());
            if marked {
                primary = Some(position);
            }
        }
        if let Some(primary) = primary {
            effort.spend(elements.len())?;
            clear_other_primaries(elements, primary);
        }
        Ok(())
    }
}

pub(super) fn not_a_list(path: &ResolvedPath) -> Error {
    Error::invalid_value(format!("The stored value of \"{}\" is not a list", path.notation()))
}
