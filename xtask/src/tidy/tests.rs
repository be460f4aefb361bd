//! The house is tidy, and would not be with one arrow too many.

use std::fs;
use std::path::Path;

use super::*;

#[test]
fn the_house_is_tidy() {
    let (problems, _) = inspect(&checkout::root()).unwrap();
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{}", lines.join("\n"));
}

/// The workspace's manifests with empty crates behind them, so that a test can spoil one.
fn copy_of_the_house() -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    let root = checkout::root();
    let bring = |path: &str| {
        let target = copy.path().join(path);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(root.join(path), target).unwrap();
    };
    for path in ["Cargo.toml", "Cargo.lock", rules::PLACE] {
        bring(path);
    }
    for one in workspace::read(&root).unwrap() {
        let folder = one.folder().strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
        bring(&format!("{folder}/Cargo.toml"));
        fs::create_dir_all(copy.path().join(&folder).join("src")).unwrap();
        fs::write(copy.path().join(&folder).join("src/lib.rs"), "").unwrap();
        fs::write(copy.path().join(&folder).join("README.md"), "").unwrap();
    }
    copy
}

fn add_dependency(root: &Path, crate_name: &str, section: &str, dependency: &str) {
    let manifest = root.join("crates").join(crate_name).join("Cargo.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    let line = format!("{dependency}.workspace = true\n");
    let header = format!("[{section}]\n");
    let spoiled = if text.contains(&header) {
        text.replacen(&header, &format!("{header}{line}"), 1)
    } else {
        format!("{text}\n{header}{line}")
    };
    fs::write(manifest, spoiled).unwrap();
}

fn messages(root: &Path) -> String {
    let (problems, _) = inspect(root).unwrap();
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_copy_is_as_tidy_as_the_house() {
    let copy = copy_of_the_house();
    assert_eq!(messages(copy.path()), "");
}

#[test]
fn a_driver_that_uses_the_application_is_refused() {
    let copy = copy_of_the_house();
    add_dependency(copy.path(), "muster-store-sqlite", "dependencies", "muster-app");
    let messages = messages(copy.path());
    assert!(messages.contains("the arrow muster-store-sqlite -> muster-app is forbidden"), "{messages}");
}

#[test]
fn a_runtime_in_the_language_is_refused() {
    let copy = copy_of_the_house();
    add_dependency(copy.path(), "scim", "dependencies", "tokio");
    let messages = messages(copy.path());
    assert!(messages.contains("scim -> tokio is forbidden"), "{messages}");
    assert!(messages.contains("`runtime`"), "{messages}");
}

#[test]
fn the_product_in_the_tests_of_the_language_is_refused() {
    let copy = copy_of_the_house();
    add_dependency(copy.path(), "scim", "dev-dependencies", "muster-model");
    let messages = messages(copy.path());
    assert!(messages.contains("the dev-dependency scim -> muster-model is forbidden"), "{messages}");
}

#[test]
fn an_outside_crate_that_nobody_entered_is_refused() {
    let copy = copy_of_the_house();
    add_dependency(copy.path(), "muster-config", "dependencies", "base64");
    let messages = messages(copy.path());
    assert!(messages.contains("muster-config -> base64 is new: enter it in xtask/tidy.toml"), "{messages}");
}

#[test]
fn a_crate_that_nobody_entered_is_refused() {
    let copy = copy_of_the_house();
    let folder = copy.path().join("crates/muster-annex");
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::write(folder.join("src/lib.rs"), "").unwrap();
    fs::write(folder.join("Cargo.toml"), "[package]\nname = \"muster-annex\"\nedition = \"2024\"\n").unwrap();
    let messages = messages(copy.path());
    assert!(messages.contains("enter in xtask/tidy.toml as [crates.muster-annex]"), "{messages}");
    assert!(messages.contains("muster-annex: its Cargo.toml lacks `[lints] workspace = true`"), "{messages}");
    assert!(messages.contains("muster-annex: it has no README.md"), "{messages}");
}

#[test]
fn a_tower_that_is_too_high_is_refused() {
    let copy = copy_of_the_house();
    let place = copy.path().join(rules::PLACE);
    let text = fs::read_to_string(&place).unwrap();
    fs::write(&place, text.replacen("longest_chain = 8", "longest_chain = 2", 1)).unwrap();
    let messages = messages(copy.path());
    assert!(messages.contains("the longest chain of crates has"), "{messages}");
}

fn fill(root: &Path, path: &str, lines: usize) {
    fs::write(root.join(path), "// A line.\n".repeat(lines)).unwrap();
}

#[test]
fn a_crate_that_is_a_quarter_of_the_house_is_refused() {
    let copy = copy_of_the_house();
    for (name, lines) in [("scim", 99), ("muster-app", 98), ("muster", 98), ("muster-store", 105)] {
        fill(copy.path(), &format!("crates/{name}/src/lib.rs"), lines);
    }
    assert!(messages(copy.path()).contains("muster-store: it has 26 % of all lines"), "{}", messages(copy.path()));
    fill(copy.path(), "crates/muster-model/src/lib.rs", 30);
    assert_eq!(messages(copy.path()), "");
}

#[test]
fn files_that_are_long_as_a_rule_are_refused() {
    let copy = copy_of_the_house();
    let crates: Vec<_> = fs::read_dir(copy.path().join("crates")).unwrap().map(|entry| entry.unwrap().path()).collect();
    for folder in &crates {
        fill(folder, "src/lib.rs", 200);
    }
    assert!(messages(copy.path()).contains("half of the files have 200 lines or more"), "{}", messages(copy.path()));
    for folder in &crates {
        fill(folder, "src/lib.rs", 199);
    }
    assert_eq!(messages(copy.path()), "");
}
