//! Every case of `tests/cases/patch`; its README explains the form.

use std::fs;
use std::path::Path;

use scim::patch::PatchRequest;
use scim::schema::{group_resource_schema, user_resource_schema};
use scim::{Document, Leniency, Repairs, Result};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema: String,
    document: Document,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    #[serde(default)]
    leniency: Peers,
    document: Option<Document>,
    operations: Vec<Value>,
    becomes: Option<Document>,
    #[serde(default)]
    unchanged: bool,
    refused: Option<String>,
    repairs: Option<usize>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Peers {
    #[default]
    Tolerant,
    Strict,
    Both,
}

impl Peers {
    fn leniencies(self) -> &'static [Leniency] {
        match self {
            Self::Tolerant => &[Leniency::TOLERANT],
            Self::Strict => &[Leniency::STRICT],
            Self::Both => &[Leniency::TOLERANT, Leniency::STRICT],
        }
    }
}

/// Rows: 7643-4.2-02, 7643-7-09, 7644-3.5.2-06, 7644-3.5.2-07, 7644-3.5.2-10, 7644-3.5.2-13, 7644-3.5.2.1-05,
/// 7644-3.5.2.2-01, 7644-3.5.2.2-02, 7644-3.5.2.2-05, 7644-3.5.2.2-06, 7644-3.5.2.3-01, 7644-3.5.2.3-05,
/// 7644-3.5.2.3-06, 7644-3.5.2.3-07
/// Ambiguities
#[test]
fn every_case_ends_as_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/patch");
    let mut files: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    files.sort();
    let mut failures = Vec::new();
    let mut count = 0;
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let file: File = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for case in &file.cases {
            for leniency in case.leniency.leniencies() {
                count += 1;
                if let Err(problem) = check(&file, case, leniency) {
                    let peer = if *leniency == Leniency::STRICT { "strict" } else { "tolerant" };
                    let name = path.file_stem().unwrap().to_string_lossy();
                    failures.push(format!("{name}: {} ({peer}): {problem}", case.name));
                }
            }
        }
    }
    assert!(count > 100, "the folder of cases was not read: {count}");
    assert!(failures.is_empty(), "{} of {count} cases failed:\n{}", failures.len(), failures.join("\n"));
}

fn check(file: &File, case: &Case, leniency: &Leniency) -> Result<(), String> {
    let document = case.document.as_ref().unwrap_or(&file.document);
    let mut repairs = Repairs::new();
    let outcome = patched(&file.schema, document, &case.operations, leniency, &mut repairs);
    match (&case.becomes, case.unchanged, &case.refused) {
        (Some(changes), false, None) => {
            let mut expected = document.clone();
            for (name, value) in changes {
                if value.is_null() {
                    expected.shift_remove(name);
                } else {
                    expected.insert(name.clone(), value.clone());
                }
            }
            if outcome != Ok(Some(expected.clone())) {
                return Err(format!("expected {}, got {outcome:?}", json!(expected)));
            }
        }
        (None, true, None) => {
            if outcome != Ok(None) {
                return Err(format!("expected no change, got {outcome:?}"));
            }
        }
        (None, false, Some(refused)) => match outcome {
            Err(error) if error.scim_type.as_str() == refused => {}
            other => return Err(format!("expected {refused}, got {other:?}")),
        },
        _ => return Err("a case has one of becomes, unchanged, refused".to_owned()),
    }
    match case.repairs {
        Some(count) if count != repairs.len() => Err(format!("expected {count} repairs, got {repairs:?}")),
        _ => Ok(()),
    }
}

fn patched(
    schema: &str,
    document: &Document,
    operations: &[Value],
    leniency: &Leniency,
    repairs: &mut Repairs,
) -> Result<Option<Document>> {
    let schema = match schema {
        "User" => user_resource_schema(),
        "Group" => group_resource_schema(),
        other => panic!("unknown schema {other}"),
    };
    let body = json!({ "schemas": [scim::message::PATCH_OP], "Operations": operations });
    PatchRequest::parse(&body, leniency)?
        .compile(&schema, leniency, repairs)?
        .apply(&schema, document, leniency, repairs)
}
