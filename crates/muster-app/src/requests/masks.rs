//! Attributes whose values an installation does not want in its log.

/// `emails.value` is the pair; `userName` is the attribute with everything in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct AttributeMasks(Vec<(String, Option<String>)>);

impl AttributeMasks {
    /// Reads SCIM's attribute notation; a schema's URN in front of it says nothing here, because a body need not say it
    /// either.
    pub(super) fn of(names: &[String]) -> Self {
        let masks = names.iter().map(|name| {
            let AttributeName { attribute, sub_attribute } = AttributeName::of(name);
            (attribute, sub_attribute)
        });
        Self(masks.collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether everything in this attribute is masked, wherever it stands.
    pub(super) fn cover(&self, parent: Option<&str>, attribute: &str) -> bool {
        self.0.iter().any(|(first, second)| match second {
            None => first == attribute,
            Some(second) => parent == Some(first) && second == attribute,
        })
    }

    /// Whether anything in it is: a simple value in its place may stand for what is masked.
    pub(super) fn touch(&self, attribute: &str) -> bool {
        self.0.iter().any(|(first, _)| first == attribute)
    }
}

/// An attribute as a body or a PATCH path names it, in small letters: `urn:…:User:emails[type eq "work"].value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AttributeName {
    pub(super) attribute: String,
    pub(super) sub_attribute: Option<String>,
}

impl AttributeName {
    pub(super) fn of(text: &str) -> Self {
        let (head, brackets) = text.split_once('[').map_or((text, None), |(head, behind)| (head, Some(behind)));
        let head = head.rsplit(':').next().unwrap_or_default().trim();
        let (attribute, dotted) = head.split_once('.').map_or((head, None), |(first, rest)| (first, Some(rest)));
        let behind = brackets.and_then(|behind| behind.rsplit_once(']')).map(|(_, rest)| rest.trim_start_matches('.'));
        let sub_attribute = behind.filter(|rest| !rest.is_empty()).or(dotted).map(|name| name.trim().to_lowercase());
        Self { attribute: attribute.to_lowercase(), sub_attribute }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_taken_apart_in_all_its_spellings() {
        for (text, attribute, sub_attribute) in [
            ("userName", "username", None),
            ("Name.FamilyName", "name", Some("familyname")),
            ("emails[type eq \"a:b.c\"].value", "emails", Some("value")),
            ("emails[type eq \"work\"]", "emails", None),
            ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value", "manager", Some("value")),
            ("urn:ietf:params:scim:schemas:core:2.0:User", "user", None),
        ] {
            let expected =
                AttributeName { attribute: attribute.to_owned(), sub_attribute: sub_attribute.map(str::to_owned) };
            assert_eq!(AttributeName::of(text), expected, "{text}");
        }
    }
}
