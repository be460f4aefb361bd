//! One request may not keep the server busy for long: thousands of operations, each on a list of thousands.

use crate::{Error, Result, ScimType};

/// How many elements all operations of one patch may look at together. That is 10,000 operations on lists of 100
/// elements, and about a second at worst.
const MOST_ELEMENTS: usize = 1_000_000;

/// Counts what a patch has looked at so far.
#[derive(Debug, Default)]
pub(super) struct Effort {
    elements: usize,
}

impl Effort {
    /// To be called before a list of that many elements is gone through.
    pub(super) fn spend(&mut self, elements: usize) -> Result<()> {
        self.elements = self.elements.saturating_add(elements);
        if self.elements > MOST_ELEMENTS {
            return Err(Error::new(
                ScimType::TooMany,
                "The operations go through long lists too often; spread them over several requests",
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_counts() {
        let mut effort = Effort::default();
        assert!(effort.spend(MOST_ELEMENTS).is_ok());
        assert_eq!(effort.spend(1).unwrap_err().scim_type, ScimType::TooMany);
    }
}
