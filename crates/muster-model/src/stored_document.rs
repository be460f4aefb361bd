//! What a store holds as a resource's document, read only where somebody looks inside.

use std::fmt;
use std::sync::OnceLock;

use scim::Document;

/// A resource's document as text, as values, or both.
///
/// Most documents that are read leave again as they came: parsing them would cost more than everything else that is done
/// with them. So a driver hands over the text, [`Self::read`] parses it where values are needed, and keeps them. A text
/// that is no document is found there, or by whoever walks through the text; nothing takes it for an empty one.
#[derive(Clone)]
pub struct StoredDocument {
    // One of them is there from the beginning, and neither changes.
    text: OnceLock<String>,
    values: OnceLock<Document>,
}

/// The stored text is no document. It says no more: a parser's own message could repeat a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the database holds a damaged document")]
pub struct DamagedDocument;

impl StoredDocument {
    /// Of the text that a database holds, which is not looked at yet.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self { text: OnceLock::from(text.into()), values: OnceLock::new() }
    }

    /// The document as JSON. What was read from a database is that text, damaged or not.
    pub fn text(&self) -> &str {
        self.text.get_or_init(|| {
            // Members of names and values can always be written. If they could not, the empty text is no document either.
            self.values.get().and_then(|values| serde_json::to_string(values).ok()).unwrap_or_default()
        })
    }

    /// The document's values.
    pub fn read(&self) -> Result<&Document, DamagedDocument> {
        if let Some(values) = self.values.get() {
            return Ok(values);
        }
        let values = parsed(self.text())?;
        Ok(self.values.get_or_init(|| values))
    }

    /// The same where the text is not needed any more.
    pub fn into_document(self) -> Result<Document, DamagedDocument> {
        let Self { text, values } = self;
        match values.into_inner() {
            Some(values) => Ok(values),
            None => parsed(text.get().map_or("", String::as_str)),
        }
    }
}

fn parsed(text: &str) -> Result<Document, DamagedDocument> {
    serde_json::from_str(text).map_err(|_| DamagedDocument)
}

impl From<Document> for StoredDocument {
    fn from(values: Document) -> Self {
        Self { text: OnceLock::new(), values: OnceLock::from(values) }
    }
}

/// By values. A damaged document is like none.
impl PartialEq for StoredDocument {
    fn eq(&self, other: &Self) -> bool {
        matches!((self.read(), other.read()), (Ok(left), Ok(right)) if left == right)
    }
}

/// Says nothing of what is in it: that is somebody's personal data.
impl fmt::Debug for StoredDocument {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("StoredDocument").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TEXT: &str = r#"{"userName":"anna","name":{"familyName":"Berg"}}"#;

    fn document() -> Document {
        let document = json!({ "userName": "anna", "name": { "familyName": "Berg" } });
        document.as_object().unwrap().clone()
    }

    #[test]
    fn text_and_values_are_the_same_document() {
        let (of_text, of_values) = (StoredDocument::from_text(TEXT), StoredDocument::from(document()));
        assert_eq!(of_text, of_values);
        assert_eq!((of_text.text(), of_values.text()), (TEXT, TEXT));
        assert_eq!(of_text.read(), Ok(&document()));
        assert_eq!(of_text.clone().into_document(), Ok(document()));
        assert_eq!(StoredDocument::from_text(TEXT).into_document(), Ok(document()));
        assert_eq!(of_values.into_document(), Ok(document()));
        assert_ne!(of_text, StoredDocument::from_text("{}"));
    }

    #[test]
    fn what_is_no_document_is_never_taken_for_an_empty_one() {
        for text in ["", " ", "null", "[]", "\"a\"", "{", TEXT.trim_end_matches('}'), "{} {}", "{\"a\":1,}"] {
            let damaged = StoredDocument::from_text(text);
            assert_eq!(damaged.read(), Err(DamagedDocument), "{text}");
            assert_eq!(damaged.text(), text);
            assert_ne!(damaged, damaged.clone(), "{text}");
            assert_eq!(damaged.into_document(), Err(DamagedDocument), "{text}");
        }
    }

    #[test]
    fn nothing_of_it_is_printed() {
        let read = StoredDocument::from_text(TEXT);
        read.read().unwrap();
        for document in [StoredDocument::from_text(TEXT), read, document().into()] {
            let shown = format!("{document:?} {DamagedDocument} {DamagedDocument:?}");
            assert!(!shown.contains("anna") && !shown.contains("userName"), "{shown}");
        }
    }
}
