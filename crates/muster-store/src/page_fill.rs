//! How much one page may hold. Most resources are small, but a group has as many rows beside it as it has members, each
//! with what it is called, and a document may be large: a page of such would otherwise have no bound.

use muster_model::{Members, StoredResource};
use serde_json::Value;

use crate::ResourcePage;

/// A page that is being filled with resources, in the order in which they are read.
#[derive(Debug, Default)]
pub struct PageFill {
    rows: u64,
    bytes: usize,
    is_begun: bool,
    is_full: bool,
}

impl PageFill {
    /// Whether the resource belongs to the page. From the first that does not, none does: a page has no gaps. The first
    /// resource of all always does, whatever its size, so that who reads on comes to an end.
    pub fn takes(&mut self, resource: &StoredResource) -> bool {
        let rows = self.rows.saturating_add(rows_of(resource));
        let bytes = self.bytes.saturating_add(bytes_of(resource));
        let fits = rows <= ResourcePage::MOST_ROWS && bytes <= ResourcePage::MOST_BYTES;
        self.is_full |= self.is_begun && !fits;
        self.is_begun = true;
        if !self.is_full {
            (self.rows, self.bytes) = (rows, bytes);
        }
        !self.is_full
    }

    /// Whether a resource was turned away.
    pub fn is_full(&self) -> bool {
        self.is_full
    }
}

fn rows_of(resource: &StoredResource) -> u64 {
    let members = resource.members.as_ref().map_or(0, Members::len);
    let groups = resource.groups.as_ref().map_or(0, Vec::len);
    members.saturating_add(groups) as u64
}

/// What the resource takes in memory, roughly; not its members and groups themselves, which [`rows_of`] counts.
fn bytes_of(resource: &StoredResource) -> usize {
    let labels = |label: &Option<String>| label.as_ref().map_or(0, String::len);
    let members = resource.members.as_ref().map_or(0, Members::label_bytes);
    let groups: usize = resource.groups.iter().flatten().map(|group| labels(&group.display)).sum();
    document_bytes(resource.document.text()).saturating_add(members).saturating_add(groups)
}

/// What the document takes when somebody reads it, without reading it: its text, and room for each value that the text may
/// have. A value is the first of its list or object, or stands behind a comma; such signs inside texts count as well, so
/// that it is never too little.
fn document_bytes(text: &str) -> usize {
    // Beside each value stand its name, its hash and its place.
    let of_value = size_of::<Value>() + size_of::<String>() + 2 * size_of::<u64>();
    let values: usize = text.as_bytes().chunks(CHUNK).map(|chunk| usize::from(signs_of_values(chunk))).sum();
    text.len().saturating_add(values.saturating_mul(of_value))
}

/// So many fit into the counter of [`signs_of_values`].
const CHUNK: usize = u8::MAX as usize;

/// Counted in bytes, many of which are added at once.
fn signs_of_values(chunk: &[u8]) -> u8 {
    chunk.iter().fold(0, |count: u8, byte| count.wrapping_add(u8::from(matches!(byte, b'{' | b'[' | b','))))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use muster_model::{Member, ResourceId, TypeName, Version};
    use serde_json::json;

    use super::*;

    fn id(number: u32) -> ResourceId {
        ResourceId::parse(&format!("01a20126-0000-7000-8000-{number:012}")).unwrap()
    }

    fn resource(document: Value, members: usize) -> StoredResource {
        let Value::Object(document) = document else { panic!("a document is an object") };
        let member = Member { id: id(1), resource_type: TypeName::new("User"), display: None };
        StoredResource {
            id: id(7),
            resource_type: TypeName::new("Group"),
            owner: None,
            version: Version::FIRST,
            created: Timestamp::UNIX_EPOCH,
            last_modified: Timestamp::UNIX_EPOCH,
            document: document.into(),
            members: Some(vec![member; members].into_iter().collect()),
            groups: None,
        }
    }

    #[test]
    fn what_is_too_large_comes_alone() {
        let most = usize::try_from(ResourcePage::MOST_ROWS).unwrap();
        for large in [
            resource(json!({}), most + 1),
            resource(json!({ "a": "x".repeat(ResourcePage::MOST_BYTES) }), 0),
            // Little text, but many values.
            resource(json!({ "a": vec![json!({}); ResourcePage::MOST_BYTES / 64] }), 0),
        ] {
            let small = resource(json!({ "a": "x" }), 1);
            let mut fill = PageFill::default();
            assert!(fill.takes(&large));
            assert!(!fill.takes(&small) && fill.is_full());
            let mut fill = PageFill::default();
            assert!(fill.takes(&small) && fill.takes(&small) && !fill.is_full());
            assert!(!fill.takes(&large) && fill.is_full());
            assert!(!fill.takes(&small), "a page has no gaps");
        }
    }

    #[test]
    fn a_thousand_people_fit() {
        let person = resource(
            json!({
                "userName": "anna.berg@example.com", "externalId": "00u1a2b3c4d5e6f7", "active": true,
                "name": { "givenName": "Anna", "familyName": "Berg", "formatted": "Anna Berg" },
                "emails": [{ "value": "anna.berg@example.com", "type": "work", "primary": true }],
                "phoneNumbers": [{ "value": "+49 30 1234567", "type": "work" }],
            }),
            20,
        );
        let mut fill = PageFill::default();
        assert!((0..1000).all(|_| fill.takes(&person)));
        assert!(fill.bytes < ResourcePage::MOST_BYTES / 8, "{}", fill.bytes);
    }
}
