//! `cargo xtask tidy` on a small workspace: it ends well, and badly with one arrow too many.

use std::fs;
use std::path::Path;

use crate::{printed, xtask};

const RULES: &str = "longest_chain = 8\n[families]\n\
    [crates.scim]\nours = []\noutside = []\n\
    [crates.muster-app]\nours = [\"scim\"]\noutside = []\n";

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn write_crate(root: &Path, name: &str, dependencies: &str) {
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
         [lints]\nworkspace = true\n[dependencies]\n{dependencies}"
    );
    write(root, &format!("crates/{name}/Cargo.toml"), &manifest);
    write(root, &format!("crates/{name}/src/lib.rs"), "");
    write(root, &format!("crates/{name}/README.md"), "");
}

fn workspace(scim_dependencies: &str, app_dependencies: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, "Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\"]\n[workspace.lints.rust]\n");
    write(root, "Cargo.lock", "version = 4\n");
    write(root, "xtask/tidy.toml", RULES);
    write_crate(root, "scim", scim_dependencies);
    write_crate(root, "muster-app", app_dependencies);
    folder
}

#[test]
fn lawful_arrows_end_well() {
    let house = workspace("", "scim = { path = \"../scim\" }\n");
    let output = xtask(&["tidy", "--root", house.path().to_str().unwrap()]);
    assert!(output.status.success(), "{}", printed(&output));
    assert!(printed(&output).contains("longest chain: 2 (muster-app -> scim)"));
}

#[test]
fn one_forbidden_arrow_ends_badly_and_is_named() {
    let house = workspace("muster-app = { path = \"../muster-app\" }\n", "");
    let output = xtask(&["tidy", "--root", house.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(printed(&output).contains("scim: the arrow scim -> muster-app is forbidden; it may use none of ours"));
}
