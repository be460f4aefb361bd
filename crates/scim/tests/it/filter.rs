//! Which resources a query finds, from the text of its filter to the answer.

use proptest::prelude::*;
use scim::filter::Filter;
use scim::schema::{group_resource_schema, user_resource_schema};
use scim::{Document, Leniency, ResourceSchema};
use serde_json::{Value, json};

/// Four users, named by `id`, of whom each filter finds some.
pub(crate) fn users() -> Vec<Document> {
    let users = json!([
        {
            "id": "barbara",
            "externalId": "jyoung",
            "userName": "bjensen",
            "userType": "Employee",
            "title": "Tour Guide",
            "active": true,
            "name": { "familyName": "O'Malley", "givenName": "Barbara" },
            "emails": [
                { "value": "bjensen@example.com", "type": "work", "primary": true },
                { "value": "babs@jensen.org", "type": "home" },
            ],
            "ims": [{ "value": "bj@foo.com", "type": "xmpp" }],
            "roles": [{ "value": "admin", "primary": true }],
            "meta": { "resourceType": "User", "lastModified": "2011-05-13T04:42:34Z" },
        },
        {
            "id": "james",
            "userName": "JSmith",
            "userType": "Intern",
            "active": false,
            "emails": [{ "value": "james@example.org" }],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "manager": { "value": "barbara" } },
            "meta": { "resourceType": "User", "lastModified": "2011-05-13T06:42:35+02:00" },
        },
        {
            "id": "stra\u{df}e",
            "userName": "\u{ff2a}\u{fc}rgen",
            "userType": "employee",
            "title": "",
            "emails": [{ "value": "j@example.com", "type": "home", "primary": false }],
            "meta": { "resourceType": "User", "lastModified": "2024-02-29T23:59:59.999Z" },
        },
        { "id": "bare", "userName": "bare" },
    ]);
    users.as_array().into_iter().flatten().filter_map(Value::as_object).cloned().collect()
}

fn found(filter: &str, schema: &ResourceSchema) -> Vec<String> {
    let leniency = Leniency::TOLERANT;
    let filter = Filter::parse(filter, &leniency).and_then(|filter| filter.compile(schema, &leniency)).unwrap();
    let found = users().into_iter().filter(|user| filter.matches(user));
    found.filter_map(|user| user.get("id").and_then(Value::as_str).map(str::to_owned)).collect()
}

#[test]
fn each_filter_finds_its_users() {
    let (barbara, james, strasse, bare) = ("barbara", "james", "stra\u{df}e", "bare");
    let cases: Vec<(&str, Vec<&str>)> = vec![
        (r#"userName eq "BJensen""#, vec![barbara]),
        (r#"name.familyName co "O'Malley""#, vec![barbara]),
        (r#"userName sw "J""#, vec![james, strasse]),
        (r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J""#, vec![james, strasse]),
        (r#"userName eq "j\u00FCrgen""#, vec![strasse]),
        ("title pr", vec![barbara]),
        (r#"meta.lastModified gt "2011-05-13T04:42:34Z""#, vec![james, strasse]),
        (r#"meta.lastModified ge "2011-05-13T04:42:34Z""#, vec![barbara, james, strasse]),
        (r#"meta.lastModified lt "2011-05-13T04:42:35""#, vec![barbara]),
        (r#"title pr and userType eq "Employee""#, vec![barbara]),
        (r#"title pr or userType eq "Intern""#, vec![barbara, james]),
        (
            r#"userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")"#,
            vec![barbara, strasse],
        ),
        (r#"userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")"#, vec![bare]),
        (r#"userType eq "Employee" and (emails.type eq "work")"#, vec![barbara]),
        (r#"emails[type eq "work" and value co "@example.com"]"#, vec![barbara]),
        (
            r#"emails[type eq "home" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]"#,
            vec![barbara, strasse],
        ),
        // Entra.
        (r#"emails[type eq "work"].value eq "bjensen@example.com""#, vec![barbara]),
        ("externalId eq jyoung", vec![barbara]),
        (r#"roles[primary eq "True"].value eq "admin""#, vec![barbara]),
        (
            r#"id eq "james" and urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager eq "barbara""#,
            vec![james],
        ),
        // Ping.
        (r#"emails eq "JAMES@example.org""#, vec![james]),
        // Missing values.
        ("active eq true", vec![barbara]),
        ("active ne true", vec![james, strasse, bare]),
        ("active eq null", vec![strasse, bare]),
        ("emails[primary eq false]", vec![barbara, james, strasse]),
        (r#"emails ne "james@example.org""#, vec![barbara, strasse, bare]),
        (r#"id eq "BARE""#, vec![]),
    ];
    for (filter, ids) in cases {
        assert_eq!(found(filter, &user_resource_schema()), ids, "{filter}");
    }
}

#[test]
fn a_query_over_several_types_asks_each_what_it_knows() {
    let filter = Filter::parse(r#"members eq "x" or not (userType pr)"#, &Leniency::STRICT).unwrap();
    let as_user = filter.compile_or_absent(&user_resource_schema(), &Leniency::STRICT).unwrap();
    assert_eq!(users().iter().filter(|user| as_user.matches(user)).count(), 1);
    let as_group = filter.compile_or_absent(&group_resource_schema(), &Leniency::STRICT).unwrap();
    assert!(as_group.matches(&Document::new()), "a group has no userType");
}

const ATTRIBUTES: [&str; 12] = [
    "userName",
    "externalId",
    "title",
    "emails",
    "emails.type",
    "ims.value",
    "schemas",
    "name.familyName",
    "roles",
    "profileUrl",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
    "meta.resourceType",
];

const VALUES: [&str; 8] = ["", "J", "jsmith", "work", "example", "O'Malley", "\u{fc}", "barbara"];

proptest! {
    /// What the operators promise about one another, on every user.
    #[test]
    fn property_operators_agree_with_one_another(
        attribute in prop::sample::select(&ATTRIBUTES[..]),
        value in prop::sample::select(&VALUES[..]),
    ) {
        let schema = user_resource_schema();
        let answers = |filter: &str| -> Vec<bool> {
            let filter = Filter::parse(filter, &Leniency::STRICT).unwrap();
            let compiled = filter.compile(&schema, &Leniency::STRICT).unwrap();
            users().iter().map(|user| compiled.matches(user)).collect()
        };
        let ask = |operator: &str| answers(&format!("{attribute} {operator} \"{value}\""));
        let both = |first: &str, second: &str| {
            answers(&format!("{attribute} {first} \"{value}\" or {attribute} {second} \"{value}\""))
        };
        let opposite: Vec<bool> = ask("eq").into_iter().map(|answer| !answer).collect();
        prop_assert_eq!(ask("ne"), opposite);
        prop_assert_eq!(ask("ge"), both("gt", "eq"));
        prop_assert_eq!(ask("le"), both("lt", "eq"));
        prop_assert_eq!(both("ge", "lt"), answers(&format!("{attribute} ne null or {attribute} eq \"\"")));
        prop_assert_eq!(ask("co"), answers(&format!(
            "{attribute} co \"{value}\" or {attribute} sw \"{value}\" or {attribute} ew \"{value}\" or {attribute} eq \"{value}\""
        )));
    }
}
