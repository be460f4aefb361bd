use super::*;
use crate::ScimType;

fn request(parameters: &[(&str, &str)]) -> Result<SearchRequest> {
    let parameters = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    search_request(parameters, &Leniency::STRICT)
}

fn filter(text: &str) -> Result<String> {
    request(&[("filter", text)]).map(|request| request.filter.unwrap_or_default())
}

/// Rows: 1.1-api-3.2.2.1-01, 1.1-api-3.2.2.1-02, 1.1-api-3.8-01
#[test]
fn filters_of_1_1_are_those_of_2_0_with_other_names() {
    for (text, expected) in [
        ("userName Eq \"dschrute\"", "userName eq \"dschrute\""),
        ("urn:scim:schemas:core:1.0:userName sw \"J\"", "userName sw \"J\""),
        ("name.familyName co \"O'Malley\"", "name.familyName co \"O'Malley\""),
        ("title pr or userType eq \"Intern\"", "title pr or userType eq \"Intern\""),
        ("meta.lastModified gt \"2011-05-13T04:42:34Z\"", "meta.lastModified gt \"2011-05-13T04:42:34Z\""),
        ("displayName eq \"\\u00fcber\"", "displayName eq \"über\""),
        (
            "urn:scim:schemas:extension:enterprise:1.0:manager.managerId eq \"1\"",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq \"1\"",
        ),
    ] {
        assert_eq!(filter(text).unwrap(), expected);
    }
}

/// Grouping binds more than `and`, and `and` more than `or`.
///
/// Rows: 1.1-api-3.2.2.1-03
#[test]
fn the_order_of_evaluation_stays() {
    let grouped = "userType eq \"Employee\" and (emails co \"a.com\" or emails co \"b.org\")";
    let tree = |text: &str| Filter::parse(text, &Leniency::STRICT).unwrap();
    assert_eq!(tree(&filter(grouped).unwrap()), tree(grouped));
    let plain = "a pr or b pr and c pr";
    assert_eq!(tree(&filter(plain).unwrap()), tree("a pr or (b pr and c pr)"));
    assert_ne!(tree(&filter(plain).unwrap()), tree("(a pr or b pr) and c pr"));
}

/// Rows: 1.1-api-3.2.2.1-01, 1.1-api-3.2.2.1-05
#[test]
fn what_1_1_filters_do_not_have_is_refused_by_name() {
    for (text, named) in [
        ("userName ne \"x\"", "\"ne\""),
        ("title pr and (userName ew \"x\")", "\"ew\""),
        ("not (title pr)", "\"not\""),
        ("emails[type eq \"work\"]", "brackets"),
        ("title eq null", "null"),
    ] {
        let error = filter(text).unwrap_err();
        assert_eq!(error.scim_type, ScimType::InvalidFilter, "{text}");
        assert!(error.detail.contains(named), "{}", error.detail);
    }
    for text in ["RAW@VALUE", "userName regex \"x\"", "userName eq 'x'", "userName eq", ""] {
        assert_eq!(filter(text).unwrap_err().scim_type, ScimType::InvalidFilter, "{text}");
    }
}

/// Rows: 1.1-api-3.2.2-01, 1.1-api-3.2-01, 1.1-api-3.7-01
#[test]
fn parameters_are_those_of_1_1_and_no_others() {
    let request = request(&[
        ("attributes", "userName,urn:scim:schemas:extension:enterprise:1.0:manager.managerId"),
        ("excludedAttributes", "emails"),
        ("cursor", "x"),
        ("sortBy", "urn:scim:schemas:core:1.0:name.givenName"),
        ("SortOrder", "descending"),
        ("startIndex", "2"),
        ("count", "0"),
        ("api_key", "x"),
    ])
    .unwrap();
    let manager = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value";
    assert_eq!(request.attributes, ["userName", manager, "meta"]);
    assert!(request.excluded_attributes.is_empty());
    assert_eq!(request.sort_by.as_deref(), Some("name.givenName"));
    assert_eq!(request.sort_order.as_deref(), Some("descending"));
    assert_eq!((request.start_index(), request.count()), (2, Some(0)));
    assert_eq!(super::search_request([], &Leniency::STRICT).unwrap(), SearchRequest::default());
}

/// Whoever notes which liberties a filter took sees them in the filter that 2.0 is asked.
#[test]
fn liberties_of_a_filter_are_still_seen() {
    let noted = |text: &str| {
        let parameters = [("filter".to_owned(), text.to_owned())];
        let asked = search_request(parameters, &Leniency::TOLERANT).unwrap().filter.unwrap();
        let schema = crate::schema::user_resource_schema();
        let repairs = crate::filter::repairs_of(&asked, &schema, &Leniency::TOLERANT);
        let tree = |text: &str| Filter::parse(text, &Leniency::TOLERANT).unwrap();
        assert_eq!(tree(&asked), tree(text), "{asked}");
        repairs.iter().map(crate::Repair::code).collect::<Vec<_>>()
    };
    assert_eq!(noted("externalId eq jyoung"), ["bare_word"]);
    assert_eq!(noted("externalId eq jyoung and title eq \"a b\""), ["bare_word"]);
    assert_eq!(noted("externalId eq a or (title eq \"and\" and title eq \"12\" and title eq \"\")"), ["bare_word"]);
    assert_eq!(noted("externalId eq \"jyoung\""), [] as [&str; 0]);
    assert_eq!(noted("active eq \"True\""), ["classic_boolean_filter"]);
    assert_eq!(noted("externalId eq 701984"), ["bare_word"]);
}
