//! The knobs of a connection's profile, each described with the values that it takes.

use std::borrow::Cow;
use std::collections::BTreeMap;

use muster_app::profile::{KnobRange, knobs};
use muster_model::{KnobValue, KnobWord, OverrideChanges, Overrides};
use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AdditionalProperties, Object, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::request::Whole;

/// Knobs that a connection sets otherwise than its profile.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Knobs(BTreeMap<String, KnobValue>);

impl Knobs {
    pub(super) fn of(overrides: &Overrides) -> Self {
        Self(overrides.iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }
}

impl PartialSchema for Knobs {
    fn schema() -> RefOr<Schema> {
        each_knob(Type::into).description(Some("Knobs that the connection sets otherwise than its profile")).into()
    }
}

impl ToSchema for Knobs {
    fn name() -> Cow<'static, str> {
        "Knobs".into()
    }
}

/// New values of some knobs; the others stay.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct ChangedKnobs(BTreeMap<String, Option<ChangedKnob>>);

/// What a caller may write for a knob.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum ChangedKnob {
    Switch(bool),
    Number(Whole),
    Word(KnobWord),
}

impl From<ChangedKnobs> for OverrideChanges {
    fn from(knobs: ChangedKnobs) -> Self {
        let mut changes = Self::default();
        for (name, value) in knobs.0 {
            let value = value.map(|value| match value {
                ChangedKnob::Switch(switch) => KnobValue::Switch(switch),
                ChangedKnob::Number(Whole(number)) => KnobValue::Number(number),
                ChangedKnob::Word(word) => KnobValue::Word(word),
            });
            changes.set(&name, value);
        }
        changes
    }
}

impl PartialSchema for ChangedKnobs {
    fn schema() -> RefOr<Schema> {
        each_knob(|kind| SchemaType::from_iter([kind, Type::Null]))
            .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false)))
            .description(Some("New values of some knobs; null leaves a knob to the profile again"))
            .into()
    }
}

impl ToSchema for ChangedKnobs {
    fn name() -> Cow<'static, str> {
        "ChangedKnobs".into()
    }
}

/// `typed`: the type of a knob's values as it is to be described.
fn each_knob(typed: impl Fn(Type) -> SchemaType) -> ObjectBuilder {
    knobs().iter().fold(ObjectBuilder::new(), |described, knob| {
        let of = |kind: Type| ObjectBuilder::new().schema_type(typed(kind)).description(Some(knob.describes.as_str()));
        let values: Object = match knob.range() {
            KnobRange::Switch => of(Type::Boolean).build(),
            KnobRange::Number { least, most } => of(Type::Integer).minimum(Some(least)).maximum(Some(most)).build(),
            KnobRange::Words(words) => {
                let none = matches!(typed(Type::String), SchemaType::Array(_)).then_some(serde_json::Value::Null);
                let words = words.into_iter().map(serde_json::Value::from).chain(none);
                of(Type::String).enum_values(Some(words)).build()
            }
        };
        described.property(knob.name, values)
    })
}
