//! What a connection wants otherwise than its profile says.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::KnobWord;

/// The value of one knob of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum KnobValue {
    Switch(bool),
    Number(u32),
    Word(KnobWord),
}

impl fmt::Display for KnobValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Switch(value) => value.fmt(formatter),
            Self::Number(value) => value.fmt(formatter),
            Self::Word(word) => word.as_str().fmt(formatter),
        }
    }
}

impl KnobValue {
    /// Reads what [`fmt::Display`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        let simple = text.parse().map(Self::Switch).or_else(|_| text.parse().map(Self::Number)).ok();
        simple.or_else(|| KnobWord::new(text).map(Self::Word))
    }
}

/// The knobs that a connection sets itself, by name. Whether there is such a knob and whether it takes the value is
/// checked by who knows the profiles, before they come here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Overrides(BTreeMap<String, KnobValue>);

impl Overrides {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn get(&self, knob: &str) -> Option<KnobValue> {
        self.0.get(knob).copied()
    }

    /// In the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, KnobValue)> {
        self.0.iter().map(|(name, value)| (name.as_str(), *value))
    }

    /// Sets what has a value and takes back what has none, so that the profile decides again.
    pub fn change(&mut self, changes: &OverrideChanges) {
        for (name, value) in &changes.0 {
            match value {
                Some(value) => self.0.insert(name.clone(), *value),
                None => self.0.remove(name),
            };
        }
    }
}

/// Changes of some knobs; the others stay as they are. The last word on a knob counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OverrideChanges(BTreeMap<String, Option<KnobValue>>);

impl OverrideChanges {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// In the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<KnobValue>)> {
        self.0.iter().map(|(name, value)| (name.as_str(), *value))
    }

    /// `None`: as the profile says.
    pub fn set(&mut self, knob: &str, value: Option<KnobValue>) {
        self.0.insert(knob.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_touch_only_the_knobs_that_they_name() {
        let mut overrides = Overrides::default();
        let mut changes = OverrideChanges::default();
        changes.set("a", Some(KnobValue::Switch(true)));
        changes.set("b", Some(KnobValue::Number(7)));
        overrides.change(&changes);
        let mut changes = OverrideChanges::default();
        changes.set("a", None);
        changes.set("c", None);
        overrides.change(&changes);
        assert_eq!(overrides.iter().collect::<Vec<_>>(), [("b", KnobValue::Number(7))]);
    }

    #[test]
    fn values_are_read_as_they_are_written() {
        let word = KnobValue::Word(KnobWord::new("ask").unwrap());
        for value in
            [KnobValue::Switch(false), KnobValue::Switch(true), KnobValue::Number(0), KnobValue::Number(1000), word]
        {
            assert_eq!(KnobValue::parse(&value.to_string()), Some(value));
            let json = serde_json::to_string(&value).unwrap();
            assert_eq!(serde_json::from_str::<KnobValue>(&json).unwrap(), value);
        }
        for text in ["", "-1", "1.5", "TRUE", "two words"] {
            assert_eq!(KnobValue::parse(text), None, "{text}");
        }
    }
}
