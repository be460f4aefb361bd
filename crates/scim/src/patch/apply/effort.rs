//! One request may not keep the server busy for long: thousands of operations, each on a list of thousands, each with a
//! filter of hundreds of terms.

use serde_json::Value;

use crate::{Error, Result, ScimType};

/// How many steps all operations of one patch may take together: 10,000 operations that each change one of ten e-mail
/// addresses, for example. A step is to look at one value of an element once. The slowest that were found take about 200
/// nanoseconds, so this is about a second at worst.
const MOST_STEPS: usize = 5_000_000;
/// As many bytes of ASCII are folded in about the time of one step. Other text takes a step for each byte.
const ASCII_BYTES_PER_STEP: usize = 256;

/// Counts what a patch has looked at so far.
#[derive(Debug, Default)]
pub(super) struct Effort {
    steps: usize,
}

impl Effort {
    /// To be called before the elements are gone through, when all values of each are looked at that many times: once for
    /// each term of a filter, for example.
    pub(super) fn spend_on(&mut self, elements: &[Value], times: usize) -> Result<()> {
        let steps = elements.iter().fold(0_usize, |steps, element| steps.saturating_add(steps_for(element)));
        self.spend(steps.saturating_mul(times.max(1)))
    }

    /// To be called before that many steps are taken, each of which looks at one small value.
    pub(super) fn spend(&mut self, steps: usize) -> Result<()> {
        self.steps = self.steps.saturating_add(steps);
        if self.steps > MOST_STEPS {
            return Err(Error::new(
                ScimType::TooMany,
                "The operations go through long lists too often; spread them over several requests, with shorter filters",
            ));
        }
        Ok(())
    }
}

/// What it costs to look at a value once: a step for it and for each value inside, and more for long texts.
pub(super) fn steps_for(value: &Value) -> usize {
    fn all<'a>(values: impl Iterator<Item = &'a Value>) -> usize {
        values.fold(0, |steps, value| steps.saturating_add(steps_for(value)))
    }
    let inside = match value {
        Value::String(text) if text.is_ascii() => text.len() / ASCII_BYTES_PER_STEP,
        Value::String(text) => text.len(),
        Value::Array(values) => all(values.iter()),
        Value::Object(members) => return all(members.values()).max(1),
        _ => 0,
    };
    inside.saturating_add(1)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_sum_counts() {
        let mut effort = Effort::default();
        assert!(effort.spend(MOST_STEPS).is_ok());
        assert_eq!(effort.spend(1).unwrap_err().scim_type, ScimType::TooMany);
    }

    #[test]
    fn terms_long_texts_and_inner_lists_count() {
        assert_eq!(steps_for(&json!({ "value": "a", "type": "work", "primary": true })), 3);
        assert_eq!(steps_for(&json!({ "value": "x".repeat(ASCII_BYTES_PER_STEP * 10) })), 11);
        assert_eq!(steps_for(&json!({ "value": "\u{e4}".repeat(10) })), 21);
        assert_eq!(steps_for(&json!({ "keys": ["a", "b", "c"] })), 4);
        assert_eq!((steps_for(&json!("a")), steps_for(&json!({}))), (1, 1));
        let elements = vec![json!({ "value": "a" }); 1000];
        assert!(Effort::default().spend_on(&elements, MOST_STEPS / 1000).is_ok());
        assert!(Effort::default().spend_on(&elements, MOST_STEPS / 1000 + 1).is_err());
        assert!(Effort::default().spend_on(&elements, usize::MAX).is_err());
    }
}
