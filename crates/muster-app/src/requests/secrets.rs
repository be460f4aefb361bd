//! Which attributes are secret: those that a schema never returns or only takes (RFC 7643 section 7), and whatever sounds like
//! it, because a client may send what no schema knows.

use std::sync::Arc;

use scim::schema::{Attribute, Mutability, Returned, SchemaSet};

/// Parts of names that nobody gives to something harmless.
const SUSPICIOUS: [&str; 8] = ["password", "passwd", "passphrase", "pwd", "secret", "token", "credential", "apikey"];

/// The names of secrets in some schemas.
#[derive(Debug, Default)]
pub(super) struct SecretNames(Vec<String>);

impl SecretNames {
    pub(super) fn of(schemas: &SchemaSet) -> Self {
        let mut names = Vec::new();
        for schema in schemas.schemas() {
            schema.attributes.iter().for_each(|attribute| collect(attribute, &mut names));
        }
        Self(names)
    }

    /// Whether that is the name of a secret, as a member of an object has it, in any letter case.
    pub(super) fn have(&self, name: &str) -> bool {
        self.0.iter().any(|known| known.eq_ignore_ascii_case(name)) || sounds_secret(name)
    }

    /// Whether one of the words of a text is such a name.
    pub(super) fn are_in(&self, text: &str) -> bool {
        let is_between_words = |letter: char| !letter.is_alphanumeric() && !"_$-".contains(letter);
        text.split(is_between_words).any(|word| !word.is_empty() && self.have(word))
    }
}

/// The secrets of the schemas that were asked for last: calls that are written together are mostly of one tenant.
#[derive(Debug, Default)]
pub(super) struct KnownSecrets(Option<(Arc<SchemaSet>, SecretNames)>);

impl KnownSecrets {
    pub(super) fn of(&mut self, schemas: &Arc<SchemaSet>) -> &SecretNames {
        let known = self.0.take().filter(|(of, _)| Arc::ptr_eq(of, schemas));
        let known = known.unwrap_or_else(|| (Arc::clone(schemas), SecretNames::of(schemas)));
        &self.0.insert(known).1
    }
}

/// Whether a text has such a part of a name in it, anywhere and in any letter case.
pub(super) fn sounds_secret(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    SUSPICIOUS.iter().any(|part| text.contains(part))
}

fn collect(attribute: &Attribute, names: &mut Vec<String>) {
    if attribute.returned == Returned::Never || attribute.mutability == Mutability::WriteOnly {
        names.push(attribute.name.clone());
    }
    attribute.sub_attributes.iter().for_each(|attribute| collect(attribute, names));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_schema_hides_and_what_sounds_secret_is_secret() {
        let names = SecretNames::of(&SchemaSet::builtin());
        for secret in ["password", "PassWord", "userPassword", "client_secret", "apiKey"] {
            assert!(names.have(secret), "{secret}");
        }
        assert!(!names.have("userName") && !names.have("passport"));
        assert!(names.are_in("urn:ietf:params:scim:schemas:core:2.0:User:password"));
        assert!(names.are_in("x[password eq \"a\"].value") && !names.are_in("emails[type eq \"work\"].value"));
    }
}
