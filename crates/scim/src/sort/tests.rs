use serde_json::json;

use super::*;
use crate::schema::{group_resource_schema, user_resource_schema};

fn document(value: Value) -> Document {
    match value {
        Value::Object(members) => members,
        other => panic!("not an object: {other}"),
    }
}

/// The `id`s in the order that the sort gives them; resources with equal keys by id.
fn sorted(sort_by: &str, order: SortOrder, resources: &[Value]) -> Vec<String> {
    let sort = Sort::compile(&user_resource_schema(), sort_by, order).unwrap();
    let mut keyed: Vec<_> = resources
        .iter()
        .map(|resource| (sort.key_of(&document(resource.clone())), resource["id"].as_str().unwrap().to_owned()))
        .collect();
    keyed.sort_by(|left, right| {
        order.applied(compare_keys(left.0.as_ref(), right.0.as_ref()).then_with(|| left.1.cmp(&right.1)))
    });
    keyed.into_iter().map(|(_, id)| id).collect()
}

fn refusal(sort_by: &str) -> ScimType {
    Sort::compile(&user_resource_schema(), sort_by, SortOrder::Ascending).unwrap_err().scim_type
}

/// Rows: 7644-3.4.2.3-06
#[test]
fn text_is_sorted_by_code_points_and_by_case_only_where_the_schema_says_so() {
    let people = [
        json!({"id": "1", "userName": "bert", "externalId": "b"}),
        json!({"id": "2", "userName": "ANNA", "externalId": "B"}),
        json!({"id": "3", "userName": "Zoe\u{308}", "externalId": "a"}),
        json!({"id": "4", "userName": "zoe", "externalId": "A"}),
        json!({"id": "5", "userName": "\u{e4}nne", "externalId": "\u{e4}"}),
    ];
    assert_eq!(sorted("userName", SortOrder::Ascending, &people), ["2", "1", "4", "3", "5"]);
    assert_eq!(sorted("userName", SortOrder::Descending, &people), ["5", "3", "4", "1", "2"]);
    assert_eq!(sorted("externalId", SortOrder::Ascending, &people), ["4", "2", "3", "1", "5"]);
}

/// Rows: 7644-3.4.2.3-02
#[test]
fn of_several_values_the_primary_one_counts_else_the_first() {
    let people = [
        json!({"id": "1", "emails": [{"value": "z@x", "type": "work"}, {"value": "a@x", "primary": true, "type": "home"}]}),
        json!({"id": "2", "emails": [{"value": "c@x"}, {"value": "a@x", "primary": false}]}),
        json!({"id": "3", "emails": [{"value": "b@x"}]}),
        json!({"id": "4", "emails": []}),
    ];
    assert_eq!(sorted("emails.value", SortOrder::Ascending, &people), ["1", "3", "2", "4"]);
    assert_eq!(sorted("emails", SortOrder::Ascending, &people), ["1", "3", "2", "4"], "the default sub-attribute");
    // The primary one counts also where it lacks the sub-attribute.
    let of_type = [
        json!({"id": "1", "emails": [{"value": "a", "type": "a"}, {"value": "b", "primary": true}]}),
        json!({"id": "2", "emails": [{"value": "c", "type": "b"}]}),
    ];
    assert_eq!(sorted("emails.type", SortOrder::Ascending, &of_type), ["2", "1"]);
}

/// Rows: 7644-3.4.2.3-04
#[test]
fn who_has_no_value_comes_last_ascending_and_first_descending() {
    let people = [
        json!({"id": "1"}),
        json!({"id": "2", "title": "b"}),
        json!({"id": "3", "title": ""}),
        json!({"id": "4", "title": null}),
        json!({"id": "5", "title": "a"}),
        json!({"id": "6", "title": 7}),
    ];
    assert_eq!(sorted("title", SortOrder::Ascending, &people), ["5", "2", "1", "3", "4", "6"]);
    assert_eq!(sorted("title", SortOrder::Descending, &people), ["6", "4", "3", "1", "2", "5"]);
}

/// Rows: 7644-3.4.2.3-06
#[test]
fn times_and_booleans_follow_their_type() {
    let people = [
        json!({"id": "1", "active": true, "meta": {"created": "2026-01-01T10:00:00+02:00"}}),
        json!({"id": "2", "active": false, "meta": {"created": "2026-01-01T09:00:00Z"}}),
        json!({"id": "3", "meta": {"created": "2026-01-01T08:30:00.5Z"}}),
        json!({"id": "4", "meta": {"created": "yesterday"}}),
    ];
    assert_eq!(sorted("meta.created", SortOrder::Ascending, &people), ["1", "3", "2", "4"]);
    assert_eq!(sorted("active", SortOrder::Ascending, &people), ["2", "1", "3", "4"]);
}

#[test]
fn numbers_follow_their_size_and_kinds_stay_apart() {
    let number = |text: &str| SortKey::Number(text.parse::<serde_json::Number>().unwrap());
    assert!(number("9") < number("10") && number("-1") < number("0.5"));
    assert_eq!(number("1"), number("1.0"));
    assert!(SortKey::Boolean(true) < number("0") && number("5") < SortKey::Text("0".to_owned()));
}

/// Rows: 7644-3.4.2.3-03
#[test]
fn the_attribute_is_named_in_attribute_notation() {
    let person = document(json!({
        "name": {"familyName": "Jensen"},
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Sales", "manager": {"value": "X"}},
    }));
    let key =
        |sort_by: &str| Sort::compile(&user_resource_schema(), sort_by, SortOrder::Ascending).unwrap().key_of(&person);
    assert_eq!(key("NAME.familyname"), Some(SortKey::Text("jensen".to_owned())));
    assert_eq!(
        key("urn:ietf:params:scim:schemas:core:2.0:User:name.familyName"),
        Some(SortKey::Text("jensen".to_owned()))
    );
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    assert_eq!(key(&format!("{enterprise}:department")), Some(SortKey::Text("sales".to_owned())));
    assert_eq!(key(&format!("{enterprise}:manager.value")), Some(SortKey::Text("X".to_owned())));
}

#[test]
fn what_cannot_be_sorted_by_is_refused() {
    for sort_by in ["unheard", "name", "name.unheard", "meta", "urn:x:y", "", "a b"] {
        assert_eq!(refusal(sort_by), ScimType::InvalidPath, "{sort_by}");
    }
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    assert_eq!(refusal(enterprise), ScimType::InvalidPath);
    assert_eq!(refusal(&format!("{enterprise}:manager")), ScimType::InvalidPath);
    assert_eq!(refusal("password"), ScimType::Sensitive);
}

#[test]
fn over_several_types_an_attribute_that_one_lacks_has_no_value_there() {
    let sort = Sort::compile_or_absent(&group_resource_schema(), "userName", SortOrder::Ascending).unwrap();
    assert_eq!(sort.key_of(&document(json!({"userName": "x"}))), None);
    assert!(sort.path().is_none());
    let refused = Sort::compile_or_absent(&user_resource_schema(), "password", SortOrder::Ascending);
    assert_eq!(refused.unwrap_err().scim_type, ScimType::Sensitive);
}

/// Rows: 7644-3.4.2.3-05
#[test]
fn the_order_is_ascending_or_descending_and_nothing_else() {
    assert_eq!(SortOrder::default(), SortOrder::Ascending);
    assert_eq!(SortOrder::parse("Descending"), Ok(SortOrder::Descending));
    assert_eq!(SortOrder::parse("ascending"), Ok(SortOrder::Ascending));
    for text in ["foo", "", "asc", "down"] {
        assert_eq!(SortOrder::parse(text).unwrap_err().scim_type, ScimType::InvalidValue, "{text}");
    }
}

#[test]
fn a_key_is_written_down_and_read_back() {
    for key in [
        SortKey::Boolean(true),
        SortKey::Number(serde_json::Number::from_f64(0.1).unwrap()),
        SortKey::Instant("2026-01-01T00:00:00.123456Z".parse().unwrap()),
        SortKey::Text("\u{10ffff}\u{0}\"".to_owned()),
    ] {
        let written = serde_json::to_string(&key).unwrap();
        assert_eq!(serde_json::from_str::<SortKey>(&written).unwrap(), key, "{written}");
    }
}

#[test]
fn an_attribute_of_an_extension_may_be_named_alone_where_that_is_allowed() {
    let (schema, order) = (user_resource_schema(), SortOrder::Ascending);
    let path = |leniency: &Leniency| {
        Sort::compile_leniently(&schema, "department", order, leniency)
            .map(|sort| sort.path().map(ResolvedPath::notation))
            .map_err(|error| error.scim_type)
    };
    let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department";
    assert_eq!(path(&Leniency::TOLERANT), Ok(Some(urn.to_owned())));
    assert_eq!(path(&Leniency::STRICT), Err(ScimType::InvalidPath));
}
