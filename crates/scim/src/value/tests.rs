use serde_json::json;

use super::*;
use crate::schema::user_resource_schema;

#[test]
fn presence_follows_table_3() {
    for value in [json!(false), json!(0), json!("x"), json!([false]), json!({ "a": 0 }), json!([{ "a": ["x"] }])] {
        assert!(is_present(&value), "{value}");
    }
    for value in
        [json!(null), json!(""), json!([]), json!({}), json!([null, ""]), json!({ "a": [], "b": { "c": null } })]
    {
        assert!(!is_present(&value), "{value}");
    }
    assert!(is_unassigned(&json!(null)) && is_unassigned(&json!([])) && !is_unassigned(&json!("")));
}

#[test]
fn equality_follows_the_definition() {
    let user = user_resource_schema();
    let equal_as = |name: &str, left: Value, right: Value| {
        let forth = equal(user.attribute(name).unwrap(), &left, &right);
        assert_eq!(forth, equal(user.attribute(name).unwrap(), &right, &left), "{name} is not symmetric");
        forth
    };
    assert!(equal_as("userName", json!("BJensen"), json!("bjensen")));
    assert!(equal_as("userName", json!("Zoe\u{308}"), json!("ZO\u{cb}")));
    assert!(!equal_as("externalId", json!("A"), json!("a")));
    assert!(!equal_as("active", json!(true), json!("true")));
    assert!(equal_as("title", json!(null), json!([])));
    assert!(!equal_as("title", json!(null), json!("")));
    assert!(equal_as("name", json!({ "givenName": "A", "middleName": null }), json!({ "givenName": "a" })));
    assert!(!equal_as("name", json!({ "givenName": "A" }), json!({ "givenName": "A", "familyName": "B" })));
    assert!(equal_as("emails", json!([{ "value": "A@x" }]), json!([{ "value": "a@x" }])));
    assert!(!equal_as(
        "emails",
        json!([{ "value": "a" }, { "value": "b" }]),
        json!([{ "value": "b" }, { "value": "a" }])
    ));
    assert!(equal_as(
        "meta",
        json!({ "created": "2020-01-01T01:00:00+01:00" }),
        json!({ "created": "2020-01-01T00:00:00Z" })
    ));
    assert!(equal_as("meta", json!({ "created": "soon" }), json!({ "created": "soon" })));
    assert!(equal_as("name", json!({ "unknown": 1 }), json!({ "unknown": 1 })));
}

#[test]
fn numbers_are_ordered_without_loss() {
    let number = |text: &str| serde_json::from_str::<Number>(text).unwrap();
    let ascending = [
        "-1e300",
        "-9223372036854775808",
        "-1.5",
        "-1",
        "-0.5",
        "0",
        "0.5",
        "9007199254740992",
        "9007199254740993",
        "18446744073709551614",
        "18446744073709551615",
        "18446744073709551616",
        "1e300",
    ];
    for (left_place, left) in ascending.iter().enumerate() {
        for (right_place, right) in ascending.iter().enumerate() {
            assert_eq!(compare_numbers(&number(left), &number(right)), left_place.cmp(&right_place), "{left} {right}");
        }
    }
    assert_eq!(compare_numbers(&number("1"), &number("1.0")), Ordering::Equal);
    assert_eq!(compare_numbers(&number("-0.0"), &number("0")), Ordering::Equal);
    assert_eq!(compare_numbers(&number("-0.0"), &number("0.0")), Ordering::Equal);
}

#[test]
fn date_times_are_instants() {
    for (text, instant) in [
        ("2011-05-13T04:42:34Z", "2011-05-13T04:42:34Z"),
        ("2011-05-13T04:42:34", "2011-05-13T04:42:34Z"),
        ("2011-05-13T04:42:34+02:00", "2011-05-13T02:42:34Z"),
        ("2011-05-13T04:42:34.5-01:30", "2011-05-13T06:12:34.5Z"),
        ("2011-05-13T04:42:34.1234567891234Z", "2011-05-13T04:42:34.123456789Z"),
        ("2011-12-31T24:00:00Z", "2012-01-01T00:00:00Z"),
    ] {
        assert_eq!(parse_date_time(text), Some(instant.parse().unwrap()), "{text}");
    }
    assert!(parse_date_time("-0001-01-01T00:00:00Z").unwrap() < parse_date_time("0001-01-01T00:00:00Z").unwrap());
}

#[test]
fn what_is_not_an_xsd_date_time_is_refused() {
    for text in [
        "",
        "2020-01-01",
        "T",
        "2020-01-01T",
        "2020-01-01T00:00Z",
        "2020-13-01T00:00:00Z",
        "2021-02-29T00:00:00Z",
        "2020-01-01T24:00:01Z",
        "2020-01-01T25:00:00Z",
        "2020-01-01T00:00:60Z",
        "2020-01-01T00:00:00.Z",
        "2020-01-01T00:00:00+0200",
        "2020-01-01T00:00:00+15:00",
        "2020-01-01T00:00:00+01:60",
        "2020-01-01T00:00:00ZZ",
        "2020-01-01t00:00:00z",
        "20-01-01T00:00:00Z",
        "+2020-01-01T00:00:00Z",
        "2020-01-01 00:00:00Z",
        "2020-01-01T00:00:00\u{e9}",
        "99999-01-01T00:00:00Z",
    ] {
        assert_eq!(parse_date_time(text), None, "{text}");
    }
}
