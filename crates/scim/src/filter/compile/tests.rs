use super::*;
use crate::schema::user_resource_schema;

fn compile_with(text: &str, leniency: &Leniency) -> Result<CompiledFilter> {
    Filter::parse(text, leniency).unwrap().compile(&user_resource_schema(), leniency)
}

fn compile(text: &str) -> Result<CompiledFilter> {
    compile_with(text, &Leniency::STRICT)
}

fn comparison(text: &str) -> Comparison {
    match compile_with(text, &Leniency::TOLERANT) {
        Ok(CompiledFilter::Compare(comparison)) => comparison,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn values_get_the_type_of_their_attribute() {
    for (text, wanted) in [
        (r#"userName eq "BJensen""#, TypedValue::Folded("bjensen".to_owned())),
        (r#"externalId eq "BJensen""#, TypedValue::Exact("BJensen".to_owned())),
        (r#"profileUrl eq "https://A""#, TypedValue::Exact("https://A".to_owned())),
        (r#"schemas eq "URN:A""#, TypedValue::Folded("urn:a".to_owned())),
        ("active eq false", TypedValue::Boolean(false)),
        (r#"active eq "False""#, TypedValue::Boolean(false)),
        ("title eq null", TypedValue::Null),
        (
            r#"meta.created gt "2011-05-13T04:42:34+02:00""#,
            TypedValue::DateTime("2011-05-13T02:42:34Z".parse().unwrap()),
        ),
        (r#"meta.created le "2011-05-13T04:42:34""#, TypedValue::DateTime("2011-05-13T04:42:34Z".parse().unwrap())),
        ("externalId eq 701984", TypedValue::Exact("701984".to_owned())),
    ] {
        assert_eq!(comparison(text).value, wanted, "{text}");
    }
}

#[test]
fn a_complex_attribute_stands_for_its_value() {
    for (text, notation) in [
        (r#"emails co "x""#, "emails.value"),
        (r#"EMAILS eq "x""#, "emails.value"),
        (r#"groups eq "x""#, "groups.value"),
        (
            r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:user:Manager eq "x""#,
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
        ),
        ("emails eq null", "emails"),
    ] {
        assert_eq!(comparison(text).path.notation(), notation, "{text}");
    }
    for text in [r#"name eq "x""#, r#"addresses eq "x""#] {
        assert!(compile(text).unwrap_err().detail.contains("name a sub-attribute"), "{text}");
    }
    assert!(compile("name pr").is_ok());
}

/// Rows: 7644-3.4.2.2-13
#[test]
fn what_the_schema_cannot_answer_is_refused() {
    for (text, hint) in [
        ("nosuch pr", "nosuch"),
        (r#"urn:a:b:userName eq "x""#, "urn:a:b"),
        (r#"name.nosuch eq "x""#, "nosuch"),
        ("userName.value pr", "value"),
        ("emails[nosuch pr]", "\"emails\" has no sub-attribute"),
        ("userName[value pr]", "leave out the brackets"),
        ("schemas[type pr]", "\"schemas\" has no sub-attribute"),
        ("active gt false", "\"active\" is of type boolean"),
        (r#"active co "t""#, "boolean"),
        (r#"x509Certificates.value ge "a""#, "binary"),
        (r#"x509Certificates co "a""#, "binary"),
        (r#"meta.created sw "2011""#, "dateTime"),
        (r#"active eq "True""#, "true or false"),
        ("active eq 1", "\"active\" is compared with"),
        ("userName eq true", "a string"),
        ("userName eq 5", "a string"),
        ("title gt null", "\"eq\" and \"ne\""),
        (r#"meta.created gt "yesterday""#, "date and time"),
        ("meta.created gt 5", "date and time"),
        (r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User eq "x""#, "whole extension"),
    ] {
        let error = compile(text).expect_err(text);
        assert_eq!(error.scim_type, ScimType::InvalidFilter, "{text}");
        assert!(error.detail.contains(hint), "{text}: {}", error.detail);
        for value in ["yesterday", "2011", "\"a\"", "\"x\""] {
            assert!(!error.detail.replace("2011-05-13T04:42:34Z", "").contains(value), "{text}: {}", error.detail);
        }
    }
}

#[test]
fn passwords_cannot_be_asked_for() {
    for text in ["password pr", r#"password eq "x""#, r#"not (PASSWORD sw "a")"#, "password eq null"] {
        let filter = Filter::parse(text, &Leniency::STRICT).unwrap();
        let user = user_resource_schema();
        assert_eq!(filter.compile(&user, &Leniency::STRICT).unwrap_err().scim_type, ScimType::Sensitive, "{text}");
        let across = filter.compile_or_absent(&user, &Leniency::STRICT);
        assert_eq!(across.unwrap_err().scim_type, ScimType::Sensitive, "{text}");
    }
}

#[test]
fn chains_are_flattened_in_order() {
    let CompiledFilter::And(parts) = compile("title pr and (userName pr and id pr) and name pr").unwrap() else {
        panic!()
    };
    let names: Vec<String> = parts
        .iter()
        .map(|part| match part {
            CompiledFilter::Present(path) => path.notation(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(names, ["title", "userName", "id", "name"]);
    let CompiledFilter::Or(parts) = compile("title pr or id pr and name pr or userName pr").unwrap() else { panic!() };
    assert_eq!(parts.len(), 3);
    assert!(matches!(parts.get(1), Some(CompiledFilter::And(inner)) if inner.len() == 2));
}

#[test]
fn attributes_of_other_types_are_never_there() {
    let user = user_resource_schema();
    for (text, wanted) in [
        ("members pr", never()),
        (r#"members eq "x""#, never()),
        (r#"members ne "x""#, always()),
        ("members eq null", always()),
        ("members ne null", never()),
        (r#"urn:a:b:colour gt "x""#, never()),
        ("members[value pr]", never()),
    ] {
        let filter = Filter::parse(text, &Leniency::STRICT).unwrap();
        assert_eq!(filter.compile_or_absent(&user, &Leniency::STRICT), Ok(wanted), "{text}");
        assert!(filter.compile(&user, &Leniency::STRICT).is_err(), "{text}");
    }
    let known = Filter::parse("active gt true", &Leniency::STRICT).unwrap();
    assert!(known.compile_or_absent(&user, &Leniency::STRICT).is_err(), "what is known is checked all the same");
}

/// Entra asks `id eq "X" and manager eq "Y"`.
///
/// Rows: 7644-3.10-02
#[test]
fn an_attribute_of_the_only_extension_that_has_it_needs_no_urn() {
    let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    for text in [r#"manager eq "Y""#, r#"Manager.value eq "Y""#, "department pr", r#"manager[value eq "Y"]"#] {
        let bare = Filter::parse(text, &Leniency::STRICT).unwrap();
        let full = Filter::parse(&format!("{urn}:{text}"), &Leniency::STRICT).unwrap();
        let user = user_resource_schema();
        let tolerant = Leniency::TOLERANT;
        assert_eq!(bare.compile(&user, &tolerant).unwrap(), full.compile(&user, &tolerant).unwrap(), "{text}");
        assert_eq!(bare.compile(&user, &Leniency::STRICT).unwrap_err().scim_type, ScimType::InvalidFilter, "{text}");
    }
}

#[test]
fn a_refusal_shows_little_of_a_long_name() {
    let long = "x".repeat(5000);
    for text in
        [format!("{long} pr"), format!("urn:{long}:a pr"), format!("emails[{long} pr]"), format!("name.{long} pr")]
    {
        let error = compile(&text).unwrap_err();
        assert!(error.detail.len() < 300, "{}", error.detail);
    }
}
