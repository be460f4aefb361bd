//! One named value in an object changes: the rules by type of RFC 7644 sections 3.5.2.1 to 3.5.2.3.

use serde_json::{Map, Value};

use crate::normalize::{ElementIndex, points_at_resources};
use crate::schema::Attribute;

/// What an operation does to each value that it targets.
#[derive(Clone, Copy, Debug)]
pub(super) enum Change<'a> {
    Add(&'a Value),
    Set(&'a Value),
    Unassign,
}

impl<'a> Change<'a> {
    pub(super) fn value(self) -> Option<&'a Value> {
        match self {
            Self::Add(value) | Self::Set(value) => Some(value),
            Self::Unassign => None,
        }
    }

    fn with(self, value: &Value) -> Change<'_> {
        match self {
            _ if value.is_null() => Change::Unassign,
            Self::Add(_) => Change::Add(value),
            Self::Set(_) | Self::Unassign => Change::Set(value),
        }
    }
}

/// Changes the value of the attribute in its holder: lists grow by `add`, complex values are merged, all else is set.
pub(super) fn change_slot(holder: &mut Map<String, Value>, attribute: &Attribute, change: Change) {
    match change {
        Change::Unassign => {
            holder.shift_remove(&attribute.name);
        }
        Change::Add(Value::Array(added)) if attribute.multi_valued => {
            append(holder, attribute, added);
        }
        Change::Add(value) | Change::Set(value) => match value {
            Value::Object(given) if attribute.is_complex() && !attribute.multi_valued => {
                let Some(existing) = object_at(holder, &attribute.name) else { return };
                if names_another_resource(attribute, existing, given.get("value")) {
                    existing.clear();
                }
                merge(existing, attribute, given, change);
            }
            _ => {
                holder.insert(attribute.name.clone(), value.clone());
            }
        },
    }
}

/// Merges the given sub-attributes into an object; null unassigns one, what is not given stays.
pub(super) fn merge(
    existing: &mut Map<String, Value>,
    attribute: &Attribute,
    given: &Map<String, Value>,
    change: Change,
) {
    for (name, value) in given {
        if let Some(sub) = attribute.sub_attribute(name) {
            change_slot(existing, sub, change.with(value));
        }
    }
}

/// The object of a complex attribute in which `sub_attribute` is about to change. When that makes a reference point
/// at another resource, what described the former one goes.
pub(super) fn merged_object<'a>(
    holder: &'a mut Map<String, Value>,
    attribute: &Attribute,
    sub_attribute: &Attribute,
    change: Change,
) -> Option<&'a mut Map<String, Value>> {
    let existing = object_at(holder, &attribute.name)?;
    if sub_attribute.name == "value" && names_another_resource(attribute, existing, change.value()) {
        existing.clear();
    }
    Some(existing)
}

fn names_another_resource(attribute: &Attribute, existing: &Map<String, Value>, value: Option<&Value>) -> bool {
    points_at_resources(attribute)
        && value.is_some()
        && existing.get("value").is_some_and(|stored| Some(stored) != value)
}

fn append(holder: &mut Map<String, Value>, attribute: &Attribute, added: &[Value]) {
    let Some(elements) = list_at(holder, &attribute.name) else { return };
    let mut index = ElementIndex::of(attribute, elements);
    for element in added {
        index.add(attribute, elements, element.clone());
    }
}

/// The list under that name, made when there is none. `None` never happens in a document in normal form.
pub(super) fn list_at<'a>(holder: &'a mut Map<String, Value>, name: &str) -> Option<&'a mut Vec<Value>> {
    holder.entry(name).or_insert_with(|| Value::Array(Vec::new())).as_array_mut()
}

/// The object under that name; whatever else stands there gives way. It is always `Some`.
fn object_at<'a>(holder: &'a mut Map<String, Value>, name: &str) -> Option<&'a mut Map<String, Value>> {
    let slot = holder.entry(name).or_insert(Value::Null);
    if !slot.is_object() {
        *slot = Value::Object(Map::new());
    }
    slot.as_object_mut()
}
