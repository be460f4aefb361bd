//! A profile as a document: TOML with a name, a version, what it inherits, and the knobs that it sets itself.

use muster_model::{KnobValue, KnobWord};
use toml::{Table, Value};

use super::knobs::{Knob, KnobProblem, find_knob_or_suggest};
use super::nearest::nearest;

/// What a document says, checked: every knob exists and takes its value.
#[derive(Debug)]
pub(super) struct ProfileDocument {
    pub(super) name: String,
    /// Counts up whenever a value changes, so that two people can tell whether they speak of the same.
    pub(super) version: u32,
    pub(super) title: String,
    pub(super) description: String,
    /// `None`: it is the root and sets every knob.
    pub(super) inherits: Option<String>,
    pub(super) knobs: Vec<(&'static Knob, KnobValue)>,
}

/// What is wrong with a document, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {problem}")]
pub struct ProfileError {
    pub file: String,
    pub problem: String,
}

const KEYS: [&str; 6] = ["name", "version", "title", "description", "inherits", "knobs"];

impl ProfileDocument {
    pub(super) fn parse(file: &str, text: &str) -> Result<Self, ProfileError> {
        let fault = |problem: String| ProfileError { file: file.to_owned(), problem };
        let table: Table = text.parse().map_err(|error: toml::de::Error| fault(error.message().to_owned()))?;
        if let Some(unknown) = table.keys().find(|key| !KEYS.contains(&key.as_str())) {
            let hint = nearest(unknown, KEYS).map(|name| format!("; did you mean {name}?")).unwrap_or_default();
            return Err(fault(format!("there is no key \"{unknown}\"{hint}")));
        }
        let text = |key: &str| match table.get(key) {
            Some(Value::String(text)) if !text.trim().is_empty() => Ok(text.trim().to_owned()),
            _ => Err(fault(format!("{key} must be a text that is not empty"))),
        };
        let version = match table.get("version") {
            Some(Value::Integer(number)) => u32::try_from(*number).ok().filter(|number| *number > 0),
            _ => None,
        };
        let knobs = match table.get("knobs") {
            None => Vec::new(),
            Some(Value::Table(knobs)) => {
                let read = knobs.iter().map(|(name, value)| knob(name, value));
                read.collect::<Result<_, _>>().map_err(|problem| fault(format!("knobs: {problem}")))?
            }
            Some(_) => return Err(fault("knobs must be a table".to_owned())),
        };
        Ok(Self {
            name: text("name")?,
            version: version.ok_or_else(|| fault("version must be a whole number from 1".to_owned()))?,
            title: text("title")?,
            description: text("description")?,
            inherits: if table.contains_key("inherits") { Some(text("inherits")?) } else { None },
            knobs,
        })
    }
}

fn knob(name: &str, value: &Value) -> Result<(&'static Knob, KnobValue), KnobProblem> {
    let knob = find_knob_or_suggest(name)?;
    let read = match value {
        Value::Boolean(value) => Some(KnobValue::Switch(*value)),
        Value::Integer(number) => u32::try_from(*number).ok().map(KnobValue::Number),
        Value::String(text) => KnobWord::new(text).map(KnobValue::Word),
        _ => None,
    };
    let value = read.ok_or_else(|| KnobProblem::WrongValue { knob: knob.name, wanted: knob.takes() })?;
    knob.check(value)?;
    Ok((knob, value))
}
