//! Looks up the names of a filter in a schema and gives its values the type of their attribute.

use std::sync::Arc;

use serde_json::Number;

use super::{CompareOperator, CompareValue, Comparison, CompiledFilter, Filter, TypedValue};
use crate::path::AttributePath;
use crate::schema::{Attribute, AttributeType, ResolvedPath, ResourceSchema, Returned, Schema, Target};
use crate::shown_name::shown_name;
use crate::value::parse_date_time;
use crate::{Error, Leniency, Result, ScimType, fold};

impl Filter {
    /// For a query over one resource type. Refused with `invalidFilter`: names that the schema does not have,
    /// operators that the type does not have, values of another type. Refused with `sensitive`: attributes that are
    /// never returned, whose values could otherwise be guessed one filter at a time (RFC 7644 section 7.5.2).
    ///
    /// A complex attribute with a sub-attribute `value` may be compared without naming it (`emails co "x"` in RFC 7644
    /// figure 2; large clients send `members eq "…"` and `manager eq "…"`).
    pub fn compile(&self, schema: &ResourceSchema, leniency: &Leniency) -> Result<CompiledFilter> {
        Compiler { names: Names::Resource(schema), unknown: Unknown::Refused, leniency }.compile(self)
    }

    /// For a query over several resource types: an attribute that this one does not have never has a value, so `pr`
    /// and `eq` do not hold and `ne` does. "Never" is written `Or(vec![])`, "always" `And(vec![])`.
    pub fn compile_or_absent(&self, schema: &ResourceSchema, leniency: &Leniency) -> Result<CompiledFilter> {
        Compiler { names: Names::Resource(schema), unknown: Unknown::Absent, leniency }.compile(self)
    }

    /// For the brackets of a PATCH path: names are sub-attributes of `path.attribute`, or `value` for the values of a
    /// list that is not complex. The result is for [`CompiledFilter::matches_element`].
    pub fn compile_elements(&self, path: &ResolvedPath, leniency: &Leniency) -> Result<CompiledFilter> {
        check_has_elements(path)?;
        Compiler { names: Names::Elements(path), unknown: Unknown::Refused, leniency }.compile(self)
    }
}

#[derive(Clone, Copy)]
enum Names<'a> {
    Resource(&'a ResourceSchema),
    Elements(&'a ResolvedPath),
}

#[derive(Clone, Copy, PartialEq)]
enum Unknown {
    Refused,
    Absent,
}

enum Found {
    Attribute(ResolvedPath),
    Extension(Arc<Schema>),
    Absent,
}

#[derive(Clone, Copy)]
struct Compiler<'a> {
    names: Names<'a>,
    unknown: Unknown,
    leniency: &'a Leniency,
}

impl Compiler<'_> {
    fn compile(self, filter: &Filter) -> Result<CompiledFilter> {
        match filter {
            Filter::And(..) => Ok(CompiledFilter::And(self.compile_all(conjuncts(filter))?)),
            Filter::Or(..) => Ok(CompiledFilter::Or(self.compile_all(disjuncts(filter))?)),
            Filter::Not(inner) => Ok(CompiledFilter::Not(Box::new(self.compile(inner)?))),
            Filter::Present(path) => self.compile_present(path),
            Filter::Compare { path, operator, value } => self.compile_comparison(path, *operator, value),
            Filter::Elements { path, filter } => self.compile_brackets(path, filter),
        }
    }

    fn compile_all(self, filters: Vec<&Filter>) -> Result<Vec<CompiledFilter>> {
        filters.into_iter().map(|filter| self.compile(filter)).collect()
    }

    fn compile_present(self, path: &AttributePath) -> Result<CompiledFilter> {
        Ok(match self.find(path)? {
            Found::Attribute(path) => CompiledFilter::Present(path),
            // An extension is present when anything in it is.
            Found::Extension(schema) => CompiledFilter::Or(
                schema
                    .attributes
                    .iter()
                    .filter(|attribute| attribute.returned != Returned::Never)
                    .map(|attribute| {
                        CompiledFilter::Present(ResolvedPath {
                            extension: Some(schema.id.clone()),
                            attribute: Arc::clone(attribute),
                            sub_attribute: None,
                        })
                    })
                    .collect(),
            ),
            Found::Absent => never(),
        })
    }

    fn compile_comparison(
        self,
        path: &AttributePath,
        operator: CompareOperator,
        value: &CompareValue,
    ) -> Result<CompiledFilter> {
        let mut path = match self.find(path)? {
            Found::Attribute(path) => path,
            Found::Extension(schema) => {
                return Err(Error::invalid_filter(format!(
                    "\"{}\" is a whole extension and can only be tested with \"pr\"",
                    schema.id
                )));
            }
            Found::Absent => return Ok(compare_absent(operator, value)),
        };
        if *value == CompareValue::Null {
            return match operator {
                CompareOperator::Equal | CompareOperator::NotEqual => {
                    Ok(CompiledFilter::Compare(Comparison { path, operator, value: TypedValue::Null }))
                }
                _ => Err(Error::invalid_filter(format!(
                    "\"{}\" can be compared with null by \"eq\" and \"ne\" only",
                    path.notation()
                ))),
            };
        }
        if path.sub_attribute.is_none() && path.attribute.is_complex() {
            path.sub_attribute = Some(Arc::clone(value_sub_attribute(&path)?));
            if let Err(hidden) = check_returnable(&path) {
                let matches_nothing = self.leniency.hidden_attributes_match_nothing;
                return if matches_nothing { Ok(compare_absent(operator, value)) } else { Err(hidden) };
            }
        }
        check_operator(&path, operator)?;
        let value = typed_value(&path, value, self.leniency)?;
        Ok(CompiledFilter::Compare(Comparison { path, operator, value }))
    }

    fn compile_brackets(self, path: &AttributePath, filter: &Filter) -> Result<CompiledFilter> {
        let path = match self.find(path)? {
            Found::Attribute(path) => path,
            Found::Extension(schema) => {
                return Err(Error::invalid_filter(format!(
                    "\"{}\" is a whole extension; name one of its attributes before the bracket",
                    schema.id
                )));
            }
            Found::Absent => return Ok(never()),
        };
        check_has_elements(&path)?;
        let inner = Compiler { names: Names::Elements(&path), ..self }.compile(filter)?;
        Ok(CompiledFilter::Elements { filter: Box::new(inner), path })
    }

    fn find(self, path: &AttributePath) -> Result<Found> {
        let found = match self.names {
            Names::Resource(schema) => schema.resolve_leniently(path, self.leniency).map(|target| match target {
                Target::Attribute(resolved) => Found::Attribute(resolved),
                Target::Extension(schema) => Found::Extension(schema),
            }),
            Names::Elements(parent) => find_in_element(parent, path).map(Found::Attribute),
        };
        match found {
            Ok(found) => {
                if let Found::Attribute(path) = &found
                    && let Err(hidden) = check_returnable(path)
                {
                    // A condition that never holds, whatever the value is, tells nothing about it.
                    return if self.leniency.hidden_attributes_match_nothing { Ok(Found::Absent) } else { Err(hidden) };
                }
                Ok(found)
            }
            Err(_) if self.unknown == Unknown::Absent => Ok(Found::Absent),
            Err(error) => Err(Error::invalid_filter(error.detail)),
        }
    }
}

fn find_in_element(parent: &ResolvedPath, path: &AttributePath) -> Result<ResolvedPath> {
    let unknown =
        || Error::invalid_filter(format!("\"{}\" has no sub-attribute \"{}\"", parent.notation(), shown_name(path)));
    if path.urn.is_some() || path.sub_attribute.is_some() {
        return Err(unknown());
    }
    let sub_attribute = if parent.attribute.is_complex() {
        Some(Arc::clone(parent.attribute.sub_attribute(&path.attribute).ok_or_else(unknown)?))
    } else if path.attribute.eq_ignore_ascii_case("value") {
        // A list of simple values is addressed as if each had the default sub-attribute (RFC 7643 section 2.4).
        None
    } else {
        return Err(unknown());
    };
    Ok(ResolvedPath { sub_attribute, ..parent.clone() })
}

/// `a and (b and c)` means the same as `(a and b) and c`. Without recursion, because a chain may be long.
fn conjuncts(filter: &Filter) -> Vec<&Filter> {
    let (mut waiting, mut found) = (vec![filter], Vec::new());
    while let Some(filter) = waiting.pop() {
        match filter {
            Filter::And(left, right) => waiting.extend([right.as_ref(), left.as_ref()]),
            other => found.push(other),
        }
    }
    found
}

fn disjuncts(filter: &Filter) -> Vec<&Filter> {
    let (mut waiting, mut found) = (vec![filter], Vec::new());
    while let Some(filter) = waiting.pop() {
        match filter {
            Filter::Or(left, right) => waiting.extend([right.as_ref(), left.as_ref()]),
            other => found.push(other),
        }
    }
    found
}

fn never() -> CompiledFilter {
    CompiledFilter::Or(Vec::new())
}

fn always() -> CompiledFilter {
    CompiledFilter::And(Vec::new())
}

fn compare_absent(operator: CompareOperator, value: &CompareValue) -> CompiledFilter {
    match (operator, value == &CompareValue::Null) {
        (CompareOperator::Equal, true) | (CompareOperator::NotEqual, false) => always(),
        _ => never(),
    }
}

fn check_returnable(path: &ResolvedPath) -> Result<()> {
    let is_hidden = [Some(&path.attribute), path.sub_attribute.as_ref()]
        .into_iter()
        .flatten()
        .any(|attribute| attribute.returned == Returned::Never);
    if is_hidden {
        return Err(Error::new(
            ScimType::Sensitive,
            format!("\"{}\" is never returned and cannot be used in a filter", path.notation()),
        ));
    }
    Ok(())
}

fn check_has_elements(path: &ResolvedPath) -> Result<()> {
    if path.sub_attribute.is_none() && (path.attribute.multi_valued || path.attribute.is_complex()) {
        return Ok(());
    }
    Err(Error::invalid_filter(format!("\"{}\" holds one simple value; leave out the brackets", path.notation())))
}

fn value_sub_attribute(path: &ResolvedPath) -> Result<&Arc<Attribute>> {
    path.attribute.sub_attribute("value").ok_or_else(|| {
        Error::invalid_filter(format!(
            "\"{name}\" is complex; name a sub-attribute after a dot, or test it with \"pr\"",
            name = path.notation()
        ))
    })
}

/// RFC 7644 section 3.4.2.2, table 3: ordering is refused on boolean and binary; substrings exist in strings only.
fn check_operator(path: &ResolvedPath, operator: CompareOperator) -> Result<()> {
    use CompareOperator as Operator;
    let attribute_type = path.definition().attribute_type;
    let fits = match operator {
        Operator::Equal | Operator::NotEqual => true,
        Operator::Contains | Operator::StartsWith | Operator::EndsWith => {
            matches!(attribute_type, AttributeType::String | AttributeType::Reference)
        }
        Operator::GreaterThan | Operator::GreaterOrEqual | Operator::LessThan | Operator::LessOrEqual => {
            !matches!(attribute_type, AttributeType::Boolean | AttributeType::Binary)
        }
    };
    if fits {
        return Ok(());
    }
    Err(Error::invalid_filter(format!(
        "\"{}\" is of type {} and cannot be compared with \"{}\"; use \"eq\", \"ne\" or \"pr\"",
        path.notation(),
        type_name(attribute_type),
        operator.as_str()
    )))
}

fn typed_value(path: &ResolvedPath, value: &CompareValue, leniency: &Leniency) -> Result<TypedValue> {
    let definition = path.definition();
    let refuse =
        |wanted: &str| Err(Error::invalid_filter(format!("\"{}\" is compared with {wanted}", path.notation())));
    match (definition.attribute_type, value) {
        (AttributeType::Boolean, CompareValue::Boolean(value)) => Ok(TypedValue::Boolean(*value)),
        (AttributeType::Boolean, CompareValue::String(text)) if leniency.boolean_strings => match text {
            _ if text.eq_ignore_ascii_case("true") => Ok(TypedValue::Boolean(true)),
            _ if text.eq_ignore_ascii_case("false") => Ok(TypedValue::Boolean(false)),
            _ => refuse("true or false"),
        },
        (AttributeType::Boolean, _) => refuse("true or false, without quotes"),
        (AttributeType::Decimal | AttributeType::Integer, CompareValue::Number(number)) => {
            Ok(TypedValue::Number(number.clone()))
        }
        (AttributeType::Decimal | AttributeType::Integer, _) => refuse("a number, without quotes"),
        (AttributeType::DateTime, CompareValue::String(text)) => match parse_date_time(text) {
            Some(instant) => Ok(TypedValue::DateTime(instant)),
            None => refuse("a date and time such as \"2011-05-13T04:42:34Z\""),
        },
        (AttributeType::DateTime, _) => refuse("a date and time such as \"2011-05-13T04:42:34Z\", in double quotes"),
        (_, CompareValue::String(text)) => Ok(text_value(definition, text)),
        // A bare word that looks like a number is a word all the same: `employeeNumber eq 701984`.
        (_, CompareValue::Number(number)) if leniency.bare_words && is_written_plainly(number) => {
            Ok(text_value(definition, &number.to_string()))
        }
        _ => refuse("a string, in double quotes"),
    }
}

/// Whole numbers are kept as they were written; of others the spelling is lost.
fn is_written_plainly(number: &Number) -> bool {
    number.is_i64() || number.is_u64()
}

fn text_value(definition: &Attribute, text: &str) -> TypedValue {
    if definition.case_exact { TypedValue::Exact(text.to_owned()) } else { TypedValue::Folded(fold(text)) }
}

fn type_name(attribute_type: AttributeType) -> &'static str {
    match attribute_type {
        AttributeType::String => "string",
        AttributeType::Boolean => "boolean",
        AttributeType::Decimal => "decimal",
        AttributeType::Integer => "integer",
        AttributeType::DateTime => "dateTime",
        AttributeType::Reference => "reference",
        AttributeType::Binary => "binary",
        AttributeType::Complex => "complex",
    }
}

#[cfg(test)]
mod tests;
