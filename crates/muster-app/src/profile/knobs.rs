//! Every knob by its name: what it does, which values it takes, how it is read and set.

use std::sync::LazyLock;

use muster_model::{KnobValue, KnobWord, OverrideChanges};
use scim::leniency::Switch;

use super::Profile;
use super::nearest::nearest;

/// One named decision of a profile.
#[derive(Debug)]
pub struct Knob {
    pub name: &'static str,
    /// What it does, in sentences, on one line.
    pub describes: String,
    reach: Reach,
}

/// Which values a knob takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KnobRange {
    Switch,
    /// From the least to the most, both of them included.
    Number {
        least: u32,
        most: u32,
    },
    Words(Vec<&'static str>),
}

/// How a knob is read and set in a profile.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reach {
    Language(&'static Switch),
    Switch {
        get: fn(&Profile) -> bool,
        set: fn(&mut Profile, bool),
    },
    Number {
        least: u32,
        most: u32,
        get: fn(&Profile) -> u32,
        set: fn(&mut Profile, u32),
    },
    /// `set` says whether the knob takes the word.
    Word {
        words: fn() -> Vec<&'static str>,
        get: fn(&Profile) -> &'static str,
        set: fn(&mut Profile, &str) -> bool,
    },
}

/// Why a knob cannot be set. Names the knob and what it takes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KnobProblem {
    #[error("there is no knob \"{name}\"{}; `muster profile show generic` lists them", did_you_mean(*.nearest))]
    Unknown { name: String, nearest: Option<&'static str> },
    #[error("{knob} takes {wanted}")]
    WrongValue { knob: &'static str, wanted: String },
    #[error("\"{0}\" is not a setting; write knob=value, or knob=default to take an override back")]
    NoAssignment(String),
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map(|name| format!("; did you mean {name}?")).unwrap_or_default()
}

static KNOBS: LazyLock<Vec<Knob>> = LazyLock::new(|| {
    let language =
        scim::Leniency::SWITCHES.iter().map(|switch| (switch.name, switch.describes, Reach::Language(switch)));
    let server = Profile::SERVER_KNOBS.iter().map(|knob| (knob.name, knob.describes, knob.reach));
    language
        .chain(server)
        .map(|(name, describes, reach)| {
            let describes = describes.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
            Knob { name, describes, reach }
        })
        .collect()
});

/// Every knob, those of the language first.
pub fn knobs() -> &'static [Knob] {
    &KNOBS
}

pub fn find_knob(name: &str) -> Option<&'static Knob> {
    KNOBS.iter().find(|knob| knob.name == name)
}

pub(super) fn find_knob_or_suggest(name: &str) -> Result<&'static Knob, KnobProblem> {
    find_knob(name).ok_or_else(|| KnobProblem::Unknown {
        name: shown(name),
        nearest: nearest(name, KNOBS.iter().map(|knob| knob.name)),
    })
}

impl Knob {
    pub fn value(&self, profile: &Profile) -> KnobValue {
        match self.reach {
            Reach::Language(switch) => KnobValue::Switch((switch.get)(&profile.leniency)),
            Reach::Switch { get, .. } => KnobValue::Switch(get(profile)),
            Reach::Number { get, .. } => KnobValue::Number(get(profile)),
            // Every word of a knob is one; a test reads all knobs.
            Reach::Word { get, .. } => KnobWord::new(get(profile)).map_or(KnobValue::Switch(false), KnobValue::Word),
        }
    }

    /// Sets the knob when the value is one that it takes.
    pub fn set(&self, profile: &mut Profile, value: KnobValue) -> Result<(), KnobProblem> {
        match (self.reach, value) {
            (Reach::Language(switch), KnobValue::Switch(value)) => (switch.set)(&mut profile.leniency, value),
            (Reach::Switch { set, .. }, KnobValue::Switch(value)) => set(profile, value),
            (Reach::Number { least, most, set, .. }, KnobValue::Number(value)) if (least..=most).contains(&value) => {
                set(profile, value);
            }
            (Reach::Word { set, .. }, KnobValue::Word(word)) if set(profile, word.as_str()) => {}
            _ => return Err(KnobProblem::WrongValue { knob: self.name, wanted: self.takes() }),
        }
        Ok(())
    }

    /// Whether it takes the value.
    pub fn check(&self, value: KnobValue) -> Result<(), KnobProblem> {
        self.set(&mut Profile::BLANK.clone(), value)
    }

    pub fn range(&self) -> KnobRange {
        match self.reach {
            Reach::Language(_) | Reach::Switch { .. } => KnobRange::Switch,
            Reach::Number { least, most, .. } => KnobRange::Number { least, most },
            Reach::Word { words, .. } => KnobRange::Words(words()),
        }
    }

    /// Which values it takes, in words.
    pub fn takes(&self) -> String {
        match self.range() {
            KnobRange::Switch => "true or false".to_owned(),
            KnobRange::Number { least, most } => format!("a number from {least} to {most}"),
            KnobRange::Words(words) => format!("one of {}", words.join(", ")),
        }
    }
}

/// Reads settings such as `members_in_lists=false` and `members_in_lists=default`, and checks that each names a knob and
/// a value that it takes.
pub fn check_changes<'a>(settings: impl IntoIterator<Item = &'a str>) -> Result<OverrideChanges, KnobProblem> {
    let mut changes = OverrideChanges::default();
    for setting in settings {
        let (name, value) = setting.split_once('=').ok_or_else(|| KnobProblem::NoAssignment(shown(setting)))?;
        let knob = find_knob_or_suggest(name.trim())?;
        let value = match value.trim() {
            "default" => None,
            text => {
                let wrong = || KnobProblem::WrongValue { knob: knob.name, wanted: knob.takes() };
                let value = KnobValue::parse(text).ok_or_else(wrong)?;
                knob.check(value)?;
                Some(value)
            }
        };
        changes.set(knob.name, value);
    }
    Ok(changes)
}

/// Whether each change names a knob and a value that it takes.
pub fn check_overrides(changes: &OverrideChanges) -> Result<(), KnobProblem> {
    for (name, value) in changes.iter() {
        let knob = find_knob_or_suggest(name)?;
        if let Some(value) = value {
            knob.check(value)?;
        }
    }
    Ok(())
}

/// A person's own words, short enough for a message.
fn shown(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(60).collect()
}
