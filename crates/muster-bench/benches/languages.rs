//! The languages of SCIM without a server: what one filter, one path, one patch, one document costs.

#![expect(clippy::expect_used, reason = "what is measured is lawful, and nothing is measured otherwise")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use scim::filter::Filter;
use scim::normalize::normalize_new;
use scim::patch::PatchBody;
use scim::path::PatchPath;
use scim::projection::Projection;
use scim::schema::user_resource_schema;
use scim::{Leniency, Repairs};
use serde_json::{Value, json};

const LENIENCY: Leniency = Leniency::TOLERANT;
const FILTER: &str =
    "userName sw \"b\" and (emails[type eq \"work\" and value co \"@example.com\"] or not (active eq true))";
const PATH: &str = "emails[type eq \"work\"].value";

fn user() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "externalId": "00u1", "userName": "bjensen@example.com", "active": true, "title": "Tour Guide",
        "name": {"formatted": "Ms. Barbara J Jensen, III", "familyName": "Jensen", "givenName": "Barbara"},
        "emails": [{"value": "bjensen@example.com", "type": "work", "primary": true}, {"value": "babs@example.org", "type": "home"}],
        "phoneNumbers": [{"value": "555-555-5555", "type": "work"}],
        "addresses": [{"type": "work", "streetAddress": "100 Universal City Plaza", "locality": "Hollywood", "country": "US"}],
    })
}

fn languages(criterion: &mut Criterion) {
    let schema = user_resource_schema();
    let document = normalize_new(&schema, &user(), &LENIENCY, &mut Repairs::default()).expect("a lawful user");
    let filter = Filter::parse(FILTER, &LENIENCY).expect("a lawful filter");
    let compiled = filter.compile(&schema, &LENIENCY).expect("a filter over users");
    let patch = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [
            {"op": "Replace", "path": "active", "value": "False"},
            {"op": "replace", "path": PATH, "value": "barbara@example.com"},
        ],
    });
    let understood = || {
        PatchBody::Operations(&patch).compile(&schema, &LENIENCY, &mut Repairs::default()).expect("a patch of users")
    };
    let patched = understood();
    let projection = Projection::compile(&schema, &["userName".to_owned(), "emails.value".to_owned()], &[])
        .expect("a lawful projection");

    criterion.bench_function("filter: parse", |bencher| bencher.iter(|| Filter::parse(black_box(FILTER), &LENIENCY)));
    criterion.bench_function("filter: compile", |bencher| bencher.iter(|| filter.compile(&schema, &LENIENCY)));
    criterion.bench_function("filter: evaluate", |bencher| bencher.iter(|| compiled.matches(black_box(&document))));
    criterion.bench_function("path: parse", |bencher| bencher.iter(|| PatchPath::parse(black_box(PATH), &LENIENCY)));
    criterion.bench_function("patch: parse and compile", |bencher| bencher.iter(understood));
    criterion.bench_function("patch: apply", |bencher| {
        bencher.iter(|| patched.apply(&schema, black_box(&document), &LENIENCY, &mut Repairs::default()));
    });
    criterion.bench_function("document: normalize", |bencher| {
        let sent = user();
        bencher.iter(|| normalize_new(&schema, black_box(&sent), &LENIENCY, &mut Repairs::default()));
    });
    criterion.bench_function("projection: two attributes", |bencher| {
        bencher.iter_batched(
            || document.clone(),
            |document| projection.apply(&schema, document),
            criterion::BatchSize::SmallInput,
        );
    });
}

criterion_group!(benches, languages);
criterion_main!(benches);
