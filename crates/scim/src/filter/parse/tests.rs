use proptest::prelude::*;

use super::*;
use crate::ScimType;
use crate::filter::CompareValue;

fn parse(text: &str) -> Filter {
    Filter::parse(text, &Leniency::STRICT).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn refusal(text: &str, leniency: &Leniency) -> String {
    let error = Filter::parse(text, leniency).expect_err(text);
    assert_eq!(error.scim_type, ScimType::InvalidFilter);
    error.detail
}

/// The examples of RFC 7644 figure 2, and what else the grammar and the errata allow, in canonical form.
///
/// Rows: 7644-3.4.2.2-11, 7644-3.4.2.2-14, 7644-3.4.2.2-15, 7644-3.4.2.2-16, 7644-3.4.2.2-24
#[test]
fn filters_of_the_rfc_are_printed_in_canonical_form() {
    let same = [
        r#"userName eq "bjensen""#,
        r#"name.familyName co "O'Malley""#,
        r#"userName sw "J""#,
        r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J""#,
        "title pr",
        r#"meta.lastModified gt "2011-05-13T04:42:34Z""#,
        r#"title pr and userType eq "Employee""#,
        r#"title pr or userType eq "Intern""#,
        r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#,
        r#"userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")"#,
        r#"userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")"#,
        r#"userType eq "Employee" and emails[type eq "work" and value co "@example.com"]"#,
        r#"emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]"#,
        "rooms.number ge 17.5 and active eq true or manager eq null",
        r#"emails[type eq "a" or not (type eq "b" and value pr)]"#,
    ];
    for text in same {
        assert_eq!(parse(text).to_string(), text);
    }
    for (text, canonical) in [
        (r#"userName eq"x""#, r#"userName eq "x""#),
        ("  USERNAME   Pr  ", "USERNAME pr"),
        ("active EQ True AND(title PR)", "active eq true and title pr"),
        ("not(a pr)", "not (a pr)"),
        ("NOT  ( ( a pr ) )", "not (a pr)"),
        ("emails[ type eq \"work\" ]", "emails[type eq \"work\"]"),
        ("emails [type pr]", "emails[type pr]"),
        ("(((a pr)))", "a pr"),
        (r#"a eq "\u0041\/""#, r#"a eq "A/""#),
        (r#"emails[type eq "work"].value eq "x""#, r#"emails[type eq "work" and value eq "x"]"#),
        ("emails[a pr or b pr].value pr", "emails[(a pr or b pr) and value pr]"),
        ("not pr and or pr", "not pr and or pr"),
    ] {
        assert_eq!(parse(text).to_string(), canonical, "{text}");
    }
}

/// Rows: 7644-3.4.2.2-17
#[test]
fn precedence_is_not_then_and_then_or_from_the_left() {
    for (text, grouped) in [
        ("a pr or b pr and c pr", "a pr or (b pr and c pr)"),
        ("a pr and b pr or c pr", "(a pr and b pr) or c pr"),
        ("a pr and b pr and c pr", "(a pr and b pr) and c pr"),
        ("not (a pr) and b pr", "(not (a pr)) and b pr"),
    ] {
        assert_eq!(parse(text), parse(grouped), "{text}");
    }
    assert_ne!(parse("a pr and (b pr and c pr)"), parse("a pr and b pr and c pr"));
}

/// Rows: 7644-3.4.2.2-14, 7644-3.4.2.2-15
#[test]
fn mistakes_are_refused_with_their_place() {
    for (text, position, hint) in [
        ("", 1, "attribute name"),
        ("   ", 4, "attribute name"),
        ("userName", 9, "operator is wanted"),
        ("userName eq", 12, "value is wanted"),
        ("userName eq ", 13, "value is wanted"),
        ("userName eq and title pr", 13, "value is wanted"),
        ("userName regex \"a\"", 10, "not supported"),
        ("userName eq 'a'", 13, "double quotes"),
        ("userName eq \"a", 13, "no closing"),
        ("userName eq \"a\" title pr", 17, "\"and\", \"or\""),
        ("userName eq \"a\" and", 20, "attribute name"),
        ("(title pr", 10, "\")\""),
        ("title pr)", 9, "never opened"),
        ("emails[type pr", 15, "\"]\""),
        ("emails[type pr)", 15, "\"]\""),
        ("emails[]", 8, "attribute name"),
        ("emails[x[y eq 1]]", 9, "inside brackets"),
        ("emails[(x[y eq 1])]", 10, "inside brackets"),
        ("emails[emails.type pr]", 8, "bare name"),
        ("emails[urn:a:type pr]", 8, "bare name"),
        ("emails.type[value pr]", 12, "sub-attribute"),
        ("emails[type pr].", 17, "attribute name"),
        ("emails[type pr].value", 22, "operator is wanted"),
        ("emails[type pr]value pr", 16, "\"and\", \"or\""),
        ("not title pr", 5, "before a parenthesis"),
        ("RAW@VALUE", 4, "attribute name"),
    ] {
        let detail = refusal(text, &Leniency::TOLERANT);
        assert!(detail.starts_with(&format!("at position {position}: ")), "{text:?}: {detail}");
        assert!(detail.contains(hint), "{text:?}: {detail}");
    }
}

#[test]
fn a_refusal_never_repeats_what_was_sent() {
    for text in
        ["userName secretword \"a\"", "userName eq secretword x", "a eq \"x\" secretword", "secret\u{e9}word pr"]
    {
        for leniency in [Leniency::STRICT, Leniency::TOLERANT] {
            assert!(!refusal(text, &leniency).contains("secret"), "{text}");
        }
    }
}

#[test]
fn bare_words_are_strings_where_the_profile_says_so() {
    let tolerant = Filter::parse("externalId eq jyoung and (id eq a-1)", &Leniency::TOLERANT).unwrap();
    assert_eq!(tolerant.to_string(), r#"externalId eq "jyoung" and id eq "a-1""#);
    refusal("externalId eq jyoung", &Leniency::STRICT);
    let Filter::Compare { value, .. } = Filter::parse("a eq 12", &Leniency::TOLERANT).unwrap() else { panic!() };
    assert_eq!(value, CompareValue::Number(12.into()));
}

#[test]
fn budgets_bound_depth_terms_and_length() {
    let deep = |depth: usize| format!("{}a pr{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Filter::parse(&deep(MAX_DEPTH), &Leniency::STRICT).is_ok());
    assert!(refusal(&deep(MAX_DEPTH + 1), &Leniency::STRICT).contains("too deep"));
    let chain = |terms: usize| vec!["a pr"; terms].join(" or ");
    let longest = parse(&chain(MAX_TERMS));
    assert_eq!(parse(&longest.to_string()), longest);
    assert!(refusal(&chain(MAX_TERMS + 1), &Leniency::STRICT).contains("too many"));
    let long = |length: usize| format!("a eq \"{}\"", "x".repeat(length - 7));
    assert!(Filter::parse(&long(MAX_LENGTH), &Leniency::STRICT).is_ok());
    assert!(refusal(&long(MAX_LENGTH + 1), &Leniency::STRICT).contains("longer than"));
    assert!(refusal(&"(".repeat(MAX_LENGTH), &Leniency::STRICT).contains("too deep"));
    assert!(refusal(&"not(".repeat(MAX_LENGTH / 4), &Leniency::STRICT).contains("too deep"));
}

/// The rewritten form of `x[…].y` has one pair of parentheses more; the budget must know.
#[test]
fn a_filter_at_the_depth_limit_can_be_printed_and_read_again() {
    for depth in MAX_DEPTH - 3..=MAX_DEPTH {
        for inner in ["a pr or b pr", "a pr or (b pr and c pr)"] {
            let text = format!("{}e[{inner}].value pr{}", "not (".repeat(depth), ")".repeat(depth));
            if let Ok(filter) = Filter::parse(&text, &Leniency::STRICT) {
                assert_eq!(Filter::parse(&filter.to_string(), &Leniency::STRICT).as_ref(), Ok(&filter), "{text}");
            }
        }
    }
}

#[test]
fn patch_paths_may_hold_any_character_in_quotes() {
    let path = |text: &str| PatchPath::parse(text, &Leniency::STRICT).unwrap();
    let PatchPath::Elements { attribute, filter, sub_attribute } = path(r#"members[value eq "a.b:c]["].display"#)
    else {
        panic!()
    };
    assert_eq!(attribute.to_string(), "members");
    assert_eq!(filter.to_string(), r#"value eq "a.b:c][""#);
    assert_eq!(sub_attribute.as_deref(), Some("display"));
    for text in [
        "members",
        "name.familyName",
        r#"addresses[type eq "work"]"#,
        r#"members[value eq "2819c223-7f76-453a-919d-413861904646"]"#,
        r#"urn:a:b:2.0:User:emails[type eq "work" and value ew "example.com"].$ref"#,
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    ] {
        assert_eq!(path(text).to_string(), text);
        assert_eq!(path(&format!("  {text} ")), path(text));
    }
}

/// Rows: 7644-3.5.2-05
#[test]
fn patch_paths_tell_a_wrong_path_from_a_wrong_filter() {
    for (text, scim_type) in [
        ("", ScimType::InvalidPath),
        ("members display", ScimType::InvalidPath),
        ("members[value pr].", ScimType::InvalidPath),
        ("members[value pr].a.b", ScimType::InvalidPath),
        ("members[value pr] x", ScimType::InvalidPath),
        ("name.x[value pr]", ScimType::InvalidPath),
        ("members]", ScimType::InvalidPath),
        ("members[]", ScimType::InvalidFilter),
        ("members[value eq]", ScimType::InvalidFilter),
        ("members[", ScimType::InvalidPath),
        ("members[value pr", ScimType::InvalidPath),
        ("members[value[x pr]]", ScimType::InvalidFilter),
    ] {
        let error = PatchPath::parse(text, &Leniency::TOLERANT).expect_err(text);
        assert_eq!(error.scim_type, scim_type, "{text}: {error}");
        assert!(error.detail.starts_with("at position "), "{text}: {error}");
    }
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![Just("not".to_owned()), Just("or".to_owned()), Just("pr".to_owned()), "[a-zA-Z][a-zA-Z0-9_$-]{0,6}"]
}

fn value() -> impl Strategy<Value = CompareValue> {
    prop_oneof![
        Just(CompareValue::Null),
        any::<bool>().prop_map(CompareValue::Boolean),
        any::<i64>().prop_map(|number| CompareValue::Number(number.into())),
        any::<u64>().prop_map(|number| CompareValue::Number(number.into())),
        any::<f64>().prop_filter_map("not in JSON", serde_json::Number::from_f64).prop_map(CompareValue::Number),
        any::<String>().prop_map(CompareValue::String),
    ]
}

fn term(path: impl Strategy<Value = AttributePath> + Clone + 'static) -> impl Strategy<Value = Filter> {
    let operator = prop::sample::select(OPERATORS.map(|(_, operator)| operator).to_vec());
    prop_oneof![
        path.clone().prop_map(Filter::Present),
        (path, operator, value()).prop_map(|(path, operator, value)| Filter::Compare { path, operator, value }),
    ]
}

fn logic(leaf: impl Strategy<Value = Filter> + 'static) -> impl Strategy<Value = Filter> {
    leaf.prop_recursive(4, 32, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(left, right)| Filter::And(Box::new(left), Box::new(right))),
            (inner.clone(), inner.clone()).prop_map(|(left, right)| Filter::Or(Box::new(left), Box::new(right))),
            inner.prop_map(|inner| Filter::Not(Box::new(inner))),
        ]
    })
}

fn filter() -> impl Strategy<Value = Filter> {
    let bare = name().prop_map(|attribute| AttributePath { urn: None, attribute, sub_attribute: None }).boxed();
    let full = (prop::option::of("urn(:[a-z0-9.]{1,5}){1,3}"), name(), prop::option::of(name()))
        .prop_map(|(urn, attribute, sub_attribute)| AttributePath { urn, attribute, sub_attribute })
        .boxed();
    let elements = (bare.clone(), logic(term(bare)))
        .prop_map(|(path, filter)| Filter::Elements { path, filter: Box::new(filter) });
    logic(prop_oneof![3 => term(full), 1 => elements])
}

proptest! {
    #[test]
    fn property_reading_a_printed_filter_gives_the_same_tree(filter in filter()) {
        let printed = filter.to_string();
        prop_assert_eq!(Filter::parse(&printed, &Leniency::STRICT), Ok(filter.clone()), "{}", &printed);
        prop_assert_eq!(Filter::parse(&printed, &Leniency::TOLERANT), Ok(filter), "{}", &printed);
    }
}
