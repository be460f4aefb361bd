//! Cuts a document to a projection while it is JSON text: what is shown is copied from it as it stands. The answer is the
//! one of [`Projection::apply`], byte for byte; a property test holds the two together.

mod complex;

use std::fmt;
use std::sync::Arc;

use serde::Deserializer as _;
use serde::de::{Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::Projection;
use crate::document_text::{Name, NotADocument};
use crate::schema::Attribute;
use crate::{ResourceSchema, Schema};
use complex::Complex;

/// Completes the value of an attribute that refers to resources.
pub type Complete<'a> = dyn Fn(&Attribute, &mut Value) + 'a;

/// How documents of one type are cut.
#[derive(Clone, Copy)]
pub struct TextCut<'a> {
    pub schema: &'a ResourceSchema,
    pub projection: &'a Projection,
    /// Names of what is put beside the document. One that stands in a document too is not cut as text.
    pub beside: &'a [&'a str],
    /// Completes the value of an attribute of [`ResourceSchema::reference_attributes`]. `None` where there is nothing to add.
    pub complete: Option<&'a Complete<'a>>,
}

/// What became of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cut<'a> {
    /// Its entries were written, separated by commas and without braces.
    Written {
        /// The URNs of the extensions that the whole document has attributes of.
        extensions: Vec<&'a str>,
    },
    /// It has a name that is put beside it, so it must be put together as values.
    HoldsReserved,
}

impl<'a> TextCut<'a> {
    /// Appends the entries of a document that the projection shows. After a failure or [`Cut::HoldsReserved`] some of them
    /// may have been appended.
    pub fn write(&self, document: &str, out: &mut Vec<u8>) -> Result<Cut<'a>, NotADocument> {
        self.try_write(document, out).map_err(|_| NotADocument)
    }

    fn try_write(&self, document: &str, out: &mut Vec<u8>) -> serde_json::Result<Cut<'a>> {
        let begin = out.len();
        let mut entries =
            Entries { cut: *self, holder: Holder::Resource, begin, out, extensions: Vec::new(), holds_reserved: false };
        let mut deserializer = serde_json::Deserializer::from_str(document);
        deserializer.deserialize_map(&mut entries)?;
        deserializer.end()?;
        let Entries { extensions, holds_reserved, .. } = entries;
        Ok(if holds_reserved { Cut::HoldsReserved } else { Cut::Written { extensions } })
    }
}

/// What holds the attributes that are cut.
#[derive(Clone, Copy)]
enum Holder<'a> {
    Resource,
    Extension {
        schema: &'a Schema,
        /// Whether the document names it letter for letter; only then are its references completed.
        is_exact: bool,
    },
}

struct Entries<'a, 'o> {
    cut: TextCut<'a>,
    holder: Holder<'a>,
    /// Where the first entry stands.
    begin: usize,
    out: &'o mut Vec<u8>,
    extensions: Vec<&'a str>,
    holds_reserved: bool,
}

impl<'de> Visitor<'de> for &mut Entries<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<Name<'de>>()? {
            self.entry(name.as_str(), &mut map)?;
        }
        Ok(())
    }
}

impl<'a> Entries<'a, '_> {
    fn entry<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        let cut = self.cut;
        let attribute = match self.holder {
            Holder::Extension { schema, .. } => schema.attribute(name),
            Holder::Resource => {
                self.holds_reserved |= cut.beside.contains(&name);
                if self.holds_reserved {
                    return map.next_value::<IgnoredAny>().map(drop);
                }
                if let Some(extension) = cut.schema.extension(name) {
                    return self.extension(extension, name, map);
                }
                cut.schema.attribute(name)
            }
        };
        match attribute {
            Some(attribute) => self.attribute(attribute, name, map),
            None => map.next_value::<IgnoredAny>().map(drop),
        }
    }

    fn extension<'de, A: MapAccess<'de>>(
        &mut self,
        schema: &'a Arc<Schema>,
        name: &str,
        map: &mut A,
    ) -> Result<(), A::Error> {
        let is_exact = name == schema.id;
        if is_exact {
            self.extensions.push(&schema.id);
        }
        let inside = map.next_value::<&RawValue>()?.get();
        if !inside.starts_with('{') {
            return Ok(());
        }
        let before = self.out.len();
        self.begin_entry(name).map_err(A::Error::custom)?;
        self.out.push(b'{');
        let begin = self.out.len();
        let holder = Holder::Extension { schema, is_exact };
        let mut entries = Entries {
            cut: self.cut,
            holder,
            begin,
            out: &mut *self.out,
            extensions: Vec::new(),
            holds_reserved: false,
        };
        serde_json::Deserializer::from_str(inside).deserialize_map(&mut entries).map_err(A::Error::custom)?;
        if self.out.len() == begin {
            self.out.truncate(before);
        } else {
            self.out.push(b'}');
        }
        Ok(())
    }

    fn attribute<'de, A: MapAccess<'de>>(
        &mut self,
        attribute: &'a Arc<Attribute>,
        name: &str,
        map: &mut A,
    ) -> Result<(), A::Error> {
        let extension = match self.holder {
            Holder::Resource => None,
            Holder::Extension { schema, .. } => Some(schema.id.as_str()),
        };
        let Some(shown) = self.cut.projection.shown(extension, attribute) else {
            return map.next_value::<IgnoredAny>().map(drop);
        };
        let before = self.out.len();
        self.begin_entry(name).map_err(A::Error::custom)?;
        let is_shown = if let Some(complete) = self.cut.complete.filter(|_| self.is_reference(attribute, name)) {
            let mut value = map.next_value::<Value>()?;
            complete(attribute, &mut value);
            match self.cut.projection.attribute(extension, attribute, value) {
                Some(value) => {
                    serde_json::to_writer(&mut *self.out, &value).map(|()| true).map_err(A::Error::custom)?
                }
                None => false,
            }
        } else if shown.is_whole() {
            self.out.extend_from_slice(map.next_value::<&RawValue>()?.get().as_bytes());
            true
        } else {
            map.next_value_seed(Complex::value_of(shown, self.out))?
        };
        if !is_shown {
            self.out.truncate(before);
        }
        Ok(())
    }

    /// As [`ResourceSchema::reference_attributes`] finds them in a document of values: spelt as the schema spells them.
    fn is_reference(&self, attribute: &Arc<Attribute>, name: &str) -> bool {
        let is_exact = match self.holder {
            Holder::Resource => true,
            Holder::Extension { is_exact, .. } => is_exact,
        };
        is_exact
            && name == attribute.name
            && self.cut.schema.reference_attributes().any(|(_, reference)| Arc::ptr_eq(reference, attribute))
    }

    fn begin_entry(&mut self, name: &str) -> serde_json::Result<()> {
        begin_entry(self.out, self.begin, name)
    }
}

/// Writes what stands before a value: a comma, unless it is the first, its name and a colon.
fn begin_entry(out: &mut Vec<u8>, begin: usize, name: &str) -> serde_json::Result<()> {
    if out.len() > begin {
        out.push(b',');
    }
    serde_json::to_writer(&mut *out, name)?;
    out.push(b':');
    Ok(())
}
