//! What was changed in a message before it could be understood, so that nothing is corrected in silence.

/// One correction of a client's message. Carries attribute names, never values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Repair {
    /// Text such as `"False"` was read as a boolean.
    BooleanFromText { attribute: String },
    /// A member that no schema defines was left out.
    UnknownAttributeDropped { attribute: String },
    /// A schema URN that the resource type does not declare was left out of `schemas`.
    UnknownSchemaDropped { urn: String },
    /// A simple value or a single object was wrapped, or a list of one unwrapped, to fit the schema.
    ValueWrapped { attribute: String },
    /// Element made from the `eq` clauses of a value path that matched nothing.
    ElementCreated { attribute: String },
    /// The mark `primary` was taken from all but one element.
    PrimaryCleared { attribute: String },
    /// The body had no `schemas`.
    SchemasAssumed,
    /// `remove` with a value list was read as "remove these".
    RemoveByValue { attribute: String },
}

/// Where repairs are collected while a message is read.
pub type Repairs = Vec<Repair>;
