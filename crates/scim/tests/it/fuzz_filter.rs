//! Any text: a filter is refused or understood, never a panic; what is understood can be printed and read again.

use scim::filter::Filter;
use scim::schema::{group_resource_schema, user_resource_schema};
use scim::{Document, Leniency, ScimType};

use crate::filter::users;
use crate::scraps::text_from;

/// The parser's limit; a printed filter may be longer than what was sent, by its spaces.
const MAX_LENGTH: usize = 16 * 1024;

fn check(text: &str, leniency: &Leniency, documents: &[Document]) {
    let filter = match Filter::parse(text, leniency) {
        Ok(filter) => filter,
        Err(error) => {
            assert_eq!(error.scim_type, ScimType::InvalidFilter);
            return;
        }
    };
    let printed = filter.to_string();
    if printed.len() <= MAX_LENGTH {
        assert_eq!(Filter::parse(&printed, leniency).as_ref(), Ok(&filter), "{printed}");
    }
    for schema in [user_resource_schema(), group_resource_schema()] {
        for compiled in [filter.compile(&schema, leniency), filter.compile_or_absent(&schema, leniency)] {
            match compiled {
                Ok(compiled) => {
                    for document in documents {
                        let _answer = compiled.matches(document);
                    }
                    let _named = compiled.mentions("members");
                }
                Err(error) => assert!(matches!(error.scim_type, ScimType::InvalidFilter | ScimType::Sensitive)),
            }
        }
    }
}

#[test]
fn fuzz_filter() {
    let documents = users();
    bolero::check!().for_each(|input: &[u8]| {
        let text = text_from(input);
        check(&text, &Leniency::TOLERANT, &documents);
        check(&text, &Leniency::STRICT, &documents);
    });
}
