use serde_json::json;

use super::super::Filter;
use super::*;
use crate::Leniency;
use crate::path::AttributePath;
use crate::schema::{group_resource_schema, user_resource_schema};

fn user() -> Document {
    let value = json!({
        "schemas": [
            "urn:ietf:params:scim:schemas:core:2.0:User",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        ],
        "id": "2819c223",
        "externalId": "BJ",
        "userName": "bjensen@example.com",
        "displayName": "B\u{e4}rbel Jensen",
        "nickName": "",
        "name": { "familyName": "Jensen", "givenName": "B\u{e4}rbel" },
        "active": false,
        "emails": [
            { "value": "bjensen@example.com", "type": "work", "primary": true },
            { "value": "babs@jensen.org", "type": "home" },
        ],
        "ims": [],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
            "employeeNumber": "701984",
            "manager": { "value": "26118915" },
        },
        "meta": { "resourceType": "User", "lastModified": "2011-05-13T04:42:34Z", "version": "W/\"1\"" },
    });
    match value {
        Value::Object(members) => members,
        _ => Document::new(),
    }
}

fn matches(text: &str) -> bool {
    let filter = Filter::parse(text, &Leniency::TOLERANT).unwrap_or_else(|error| panic!("{text}: {error}"));
    let compiled = filter.compile(&user_resource_schema(), &Leniency::TOLERANT);
    compiled.unwrap_or_else(|error| panic!("{text}: {error}")).matches(&user())
}

/// Rows: 7643-2.3.5-02, 7643-2.4-04, 7644-3.4.2.2-06, 7644-3.4.2.2-07, 7644-3.4.2.2-25
#[test]
fn what_holds() {
    for text in [
        r#"userName eq "BJENSEN@example.com""#,
        r#"userName Sw "bjen""#,
        r#"userName ew "@EXAMPLE.com""#,
        r#"userName co "SEN@""#,
        r#"userName co """#,
        r#"displayName eq "BA\u0308RBEL jensen""#,
        r#"displayName co "\u00c4RB""#,
        r#"displayName gt "B""#,
        r#"userName gt "AZ""#,
        r#"userName le "bjensen@example.com""#,
        "name pr",
        "active pr",
        "active eq false",
        r#"active eq "False""#,
        "active ne true",
        r#"title ne "x""#,
        "title eq null",
        "nickName eq null",
        "userName ne null",
        "not (title pr)",
        "not (nickName pr)",
        "not (ims pr)",
        r#"emails eq "babs@JENSEN.org""#,
        r#"emails.type eq "home""#,
        r#"emails[type eq "home" and value ew "org"]"#,
        r#"emails[type eq "work"].value eq "bjensen@example.com""#,
        "emails[primary eq false]",
        "emails[primary eq false and type eq \"home\"]",
        "emails.primary eq false",
        "emails[not (primary eq true)]",
        "emails[primary ne true]",
        r#"meta.lastModified gt "2011-05-13T04:42:33Z""#,
        r#"meta.lastModified eq "2011-05-13T06:42:34.000+02:00""#,
        r#"meta.lastModified ge "2011-05-13T04:42:34""#,
        r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user""#,
        r#"schemas[value ew "enterprise:2.0:User"]"#,
        "urn:ietf:params:scim:schemas:core:2.0:User:userName pr",
        r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager eq "26118915""#,
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber eq 701984",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User pr",
        "title pr or active eq false and userName pr",
    ] {
        assert!(matches(text), "{text}");
    }
}

/// Rows: 7643-2.3.5-02, 7644-3.4.2.2-06, 7644-3.4.2.2-07
#[test]
fn what_does_not_hold() {
    for text in [
        r#"externalId eq "bj""#,
        r#"id eq "2819C223""#,
        "title pr",
        "nickName pr",
        "ims pr",
        "userName eq null",
        "title ne null",
        r#"userName lt "AZ""#,
        r#"userName gt "bjensen@example.com""#,
        r#"userName co "bjensen@example.com.""#,
        r#"userName co "\u00e4""#,
        r#"emails ne "babs@jensen.org""#,
        r#"emails[type eq "home" and value ew "com"]"#,
        "emails[primary eq false and type eq \"work\"]",
        "phoneNumbers.primary eq false",
        "phoneNumbers[primary eq false]",
        "phoneNumbers[not (value pr)]",
        "emails.primary pr and not (emails.primary pr)",
        "emails[type eq \"home\" and primary pr]",
        r#"meta.lastModified lt "2011-05-13T04:42:34""#,
        r#"meta.created lt "2030-01-01T00:00:00Z""#,
        "(title pr or active eq false) and title pr",
    ] {
        assert!(!matches(text), "{text}");
    }
}

#[test]
fn a_value_of_another_type_than_its_attribute_equals_nothing() {
    let document: Document =
        [("active".to_owned(), json!("false")), ("userName".to_owned(), json!(5))].into_iter().collect();
    for text in ["active eq false", r#"userName co "5""#, r#"userName ge "0""#] {
        let filter = Filter::parse(text, &Leniency::STRICT).unwrap();
        assert!(!filter.compile(&user_resource_schema(), &Leniency::STRICT).unwrap().matches(&document), "{text}");
    }
}

#[test]
fn one_element_is_judged_by_the_filter_of_a_patch_path() {
    let group = group_resource_schema();
    let members = group.resolve_attribute(&AttributePath::parse("members").unwrap()).unwrap();
    let judge = |text: &str, element: &Value| {
        let filter = Filter::parse(text, &Leniency::STRICT).unwrap();
        filter.compile_elements(&members, &Leniency::STRICT).unwrap().matches_element(element)
    };
    let element = json!({ "value": "a.b:c", "type": "User" });
    assert!(judge(r#"value eq "a.b:c""#, &element));
    assert!(judge(r#"type eq "User" and not (display pr)"#, &element));
    assert!(!judge(r#"value eq "A.b:c""#, &element), "identifiers are case exact");
    assert!(!judge("value pr", &json!("a.b:c")), "an element that is no object has no sub-attribute");
    let unknown = Filter::parse("nosuch pr", &Leniency::STRICT).unwrap();
    assert!(unknown.compile_elements(&members, &Leniency::STRICT).is_err());
}

#[test]
fn mentions_sees_into_every_part() {
    let compile = |text: &str| {
        let filter = Filter::parse(text, &Leniency::STRICT).unwrap();
        filter.compile(&user_resource_schema(), &Leniency::STRICT).unwrap()
    };
    for text in ["groups pr", r#"title pr and not (groups.value eq "x")"#, "title pr or groups[type pr]"] {
        assert!(compile(text).mentions("Groups"), "{text}");
        assert!(!compile(text).mentions("members"), "{text}");
    }
    let extension = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department pr";
    assert!(!compile(extension).mentions("department"), "attributes of extensions are others");
}

/// The shortcut for ASCII must agree with comparing the folded texts.
#[test]
fn the_shortcut_for_ascii_gives_the_same_answers() {
    let long = "aBcDeFgHiJkLmNoPqRsT";
    let longer = "xxabcdefghijklmnopqrstxx";
    let words = ["", "a", "A", "ab", "aB", "b", "Ba", "[", "_", "\u{e4}", "a\u{e4}", long, longer];
    let operators = [
        CompareOperator::Equal,
        CompareOperator::Contains,
        CompareOperator::StartsWith,
        CompareOperator::EndsWith,
        CompareOperator::GreaterThan,
        CompareOperator::GreaterOrEqual,
        CompareOperator::LessThan,
        CompareOperator::LessOrEqual,
    ];
    for wanted in words.map(fold) {
        for found in words.iter().filter(|word| word.is_ascii()) {
            for operator in operators {
                assert_eq!(
                    ascii_fulfils(operator, &wanted, found),
                    text_fulfils(operator, &wanted, &fold(found)),
                    "{found:?} {operator:?} {wanted:?}"
                );
            }
        }
    }
}

/// Looking at every place of a long text for a long text would take 2^32 steps here.
#[test]
fn looking_for_a_long_text_costs_the_sum_of_both() {
    let (wanted, found) = (format!("{}b", "a".repeat(1 << 14)), "A".repeat(1 << 24));
    let began = std::time::Instant::now();
    assert!(!ascii_fulfils(CompareOperator::Contains, &wanted, &found));
    assert!(ascii_fulfils(CompareOperator::Contains, &wanted[..1 << 14], &found));
    assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
}

#[test]
fn terms_are_counted_in_every_part() {
    for (text, terms) in [
        ("title pr", 1),
        ("not (title pr and active eq true)", 2),
        ("emails[type eq \"work\" and (value co \"a\" or primary eq true)] or title pr", 4),
        ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User pr", 6),
    ] {
        let filter = Filter::parse(text, &Leniency::STRICT).unwrap();
        assert_eq!(filter.compile(&user_resource_schema(), &Leniency::STRICT).unwrap().terms(), terms, "{text}");
    }
}
