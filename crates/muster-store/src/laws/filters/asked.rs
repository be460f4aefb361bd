//! Generated filters. A value is a place in the data that is there, and how its spelling is changed.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use scim::Document;
use serde_json::Value;

/// A filter whose values are not chosen yet.
#[derive(Clone, Debug)]
pub(super) enum Asked {
    And(Vec<Asked>),
    Or(Vec<Asked>),
    Not(Box<Asked>),
    Present(&'static str),
    Null(&'static str, &'static str),
    Boolean(&'static str, &'static str, bool),
    Text(&'static str, &'static str, Picked),
    Elements(&'static str, Box<Asked>),
}

/// Which value, and how it is spelt.
#[derive(Clone, Debug)]
pub(super) struct Picked {
    index: Index,
    case: Case,
    part: Part,
}

#[derive(Clone, Copy, Debug)]
enum Case {
    AsIs,
    Upper,
    Lower,
    Swapped,
}

#[derive(Clone, Copy, Debug)]
enum Part {
    Whole,
    Beginning,
    Middle,
    End,
    Longer,
}

/// Attributes with text or times: those with an index several times over, so that they are asked for more often.
const OF_USERS: [&str; 18] = [
    "userName",
    "userName",
    "USERNAME",
    "externalId",
    "displayName",
    "displayName",
    "emails.value",
    "emails",
    "emails.type",
    "id",
    "groups.value",
    "groups",
    "groups.display",
    "name.familyName",
    "meta.lastModified",
    "meta.created",
    "meta.resourceType",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
];
const OF_GROUPS: [&str; 11] = [
    "displayName",
    "displayName",
    "externalId",
    "id",
    "members.value",
    "members.value",
    "members",
    "members.display",
    "members.type",
    "meta.lastModified",
    "meta.created",
];
const OPERATORS: [&str; 12] = ["eq", "eq", "eq", "EQ", "ne", "sw", "sw", "co", "ew", "gt", "ge", "lt"];

pub(super) fn about_users() -> impl Strategy<Value = Asked> {
    let element = prop_oneof![
        3 => text(vec!["value", "type"]),
        1 => boolean("primary"),
        1 => select(vec!["value", "type"]).prop_map(Asked::Present),
    ];
    let element = combined(element.boxed());
    let in_groups = combined(text(vec!["value", "display"]).boxed());
    combined(
        prop_oneof![
            8 => text(OF_USERS.to_vec()),
            1 => boolean("active"),
            1 => boolean("emails.primary"),
            1 => present(OF_USERS.to_vec()),
            1 => null(OF_USERS.to_vec()),
            2 => element.prop_map(|inner| Asked::Elements("emails", Box::new(inner))),
            1 => in_groups.prop_map(|inner| Asked::Elements("groups", Box::new(inner))),
        ]
        .boxed(),
    )
}

pub(super) fn about_groups() -> impl Strategy<Value = Asked> {
    let element = combined(text(vec!["value", "type", "display"]).boxed());
    combined(
        prop_oneof![
            8 => text(OF_GROUPS.to_vec()),
            1 => present(OF_GROUPS.to_vec()),
            1 => null(OF_GROUPS.to_vec()),
            2 => element.prop_map(|inner| Asked::Elements("members", Box::new(inner))),
        ]
        .boxed(),
    )
}

fn combined(leaf: BoxedStrategy<Asked>) -> impl Strategy<Value = Asked> {
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Asked::And),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Asked::Or),
            inner.prop_map(|inner| Asked::Not(Box::new(inner))),
        ]
    })
}

fn text(attributes: Vec<&'static str>) -> impl Strategy<Value = Asked> {
    let case = select(vec![Case::AsIs, Case::Upper, Case::Lower, Case::Swapped]);
    let part =
        select(vec![Part::Whole, Part::Whole, Part::Whole, Part::Beginning, Part::Middle, Part::End, Part::Longer]);
    let picked = (any::<Index>(), case, part).prop_map(|(index, case, part)| Picked { index, case, part });
    (select(attributes), select(&OPERATORS), picked)
        .prop_map(|(attribute, operator, picked)| Asked::Text(attribute, operator, picked))
}

fn boolean(attribute: &'static str) -> impl Strategy<Value = Asked> {
    (select(vec!["eq", "ne"]), any::<bool>())
        .prop_map(move |(operator, value)| Asked::Boolean(attribute, operator, value))
}

fn present(attributes: Vec<&'static str>) -> impl Strategy<Value = Asked> {
    select(attributes).prop_map(Asked::Present)
}

fn null(attributes: Vec<&'static str>) -> impl Strategy<Value = Asked> {
    (select(attributes), select(vec!["eq", "ne"])).prop_map(|(attribute, operator)| Asked::Null(attribute, operator))
}

/// The texts that are in the data, by the last name of their path.
pub(super) struct Pool(BTreeMap<String, Vec<String>>);

impl Pool {
    pub(super) fn of<'a>(documents: impl Iterator<Item = &'a Document>) -> Self {
        let mut pool = Self(BTreeMap::new());
        for document in documents {
            for (name, value) in document {
                pool.gather(name, value);
            }
        }
        pool
    }

    fn gather(&mut self, name: &str, value: &Value) {
        match value {
            Value::String(text) => self.0.entry(name.to_ascii_lowercase()).or_default().push(text.clone()),
            Value::Array(elements) => elements.iter().for_each(|element| self.gather(name, element)),
            Value::Object(members) => members.iter().for_each(|(name, value)| self.gather(name, value)),
            _ => {}
        }
    }

    fn pick(&self, attribute: &str, picked: &Picked) -> String {
        let last = attribute.rsplit(['.', ':']).next().unwrap_or_default().to_ascii_lowercase();
        // A complex attribute without a sub-attribute is compared by its `value`.
        let name = if matches!(last.as_str(), "emails" | "members" | "groups") { "value" } else { last.as_str() };
        match self.0.get(name) {
            Some(texts) => picked.spell(picked.index.get::<String>(texts)),
            None => "nobody has this".to_owned(),
        }
    }
}

impl Picked {
    fn spell(&self, text: &str) -> String {
        // Only a whole time is a time.
        if text.len() > 19 && text.contains('T') && text.ends_with('Z') {
            return text.to_owned();
        }
        let letters: Vec<char> = text.chars().collect();
        let half = letters.len() / 2;
        let part: String = match self.part {
            Part::Whole => text.to_owned(),
            Part::Beginning => letters[..half].iter().collect(),
            Part::Middle => letters[half / 2..letters.len() - half / 2].iter().collect(),
            Part::End => letters[half..].iter().collect(),
            Part::Longer => format!("{text}x"),
        };
        match self.case {
            Case::AsIs => part,
            Case::Upper => part.to_uppercase(),
            Case::Lower => part.to_lowercase(),
            Case::Swapped => part
                .chars()
                .map(
                    |letter| {
                        if letter.is_lowercase() { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() }
                    },
                )
                .collect(),
        }
    }
}

impl Asked {
    /// As a client writes it (RFC 7644 section 3.4.2.2).
    pub(super) fn text(&self, pool: &Pool) -> String {
        let joined = |parts: &[Self], word: &str| {
            let parts: Vec<String> = parts.iter().map(|part| format!("({})", part.text(pool))).collect();
            parts.join(word)
        };
        match self {
            Self::And(parts) => joined(parts, " and "),
            Self::Or(parts) => joined(parts, " or "),
            Self::Not(inner) => format!("not ({})", inner.text(pool)),
            Self::Present(attribute) => format!("{attribute} pr"),
            Self::Null(attribute, operator) => format!("{attribute} {operator} null"),
            Self::Boolean(attribute, operator, value) => format!("{attribute} {operator} {value}"),
            Self::Text(attribute, operator, picked) => {
                format!("{attribute} {operator} {}", Value::from(pool.pick(attribute, picked)))
            }
            Self::Elements(attribute, inner) => format!("{attribute}[{}]", inner.text(pool)),
        }
    }
}
