//! The pages in `docs/profiles` say what the data says. `MUSTER_WRITE_PAGES=1` writes the generated part of each.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::super::{Catalogue, NamedProfile};

const BEGIN: &str = "<!-- generated from the profile; see docs/profiles/README.md -->\n";
const END: &str = "<!-- end of the generated part -->\n";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/profiles")
}

fn generated(profile: &NamedProfile) -> String {
    let root = Catalogue::embedded().find("generic").unwrap();
    let strict = Catalogue::embedded().find("strict").unwrap();
    let mut text = format!("Profile `{}`, version {}", profile.name(), profile.version());
    match profile.inherits() {
        Some(parent) => writeln!(text, ", inherits [`{parent}`]({parent}.md).\n").unwrap(),
        None => writeln!(text, ", the root of all others.\n").unwrap(),
    }
    if profile.inherits().is_none() {
        text.push_str("| knob | here | `strict` | what it does |\n|---|---|---|---|\n");
        for (own, strict) in profile.effective().zip(strict.effective()) {
            let describes = own.knob.describes.replace('|', "\\|");
            writeln!(text, "| `{}` | {} | {} | {describes} |", own.knob.name, own.value, strict.value).unwrap();
        }
        return text;
    }
    let differing: Vec<_> =
        profile.effective().zip(root.effective()).filter(|(own, root)| own.value != root.value).collect();
    if differing.is_empty() {
        text.push_str("No knob differs from [`generic`](generic.md), whose page says what each does.\n");
        return text;
    }
    text.push_str("| knob that differs from [`generic`](generic.md) | here | there | set by | what it does |\n");
    text.push_str("|---|---|---|---|---|\n");
    for (own, root) in differing {
        let describes = own.knob.describes.replace('|', "\\|");
        writeln!(text, "| `{}` | {} | {} | `{}` | {describes} |", own.knob.name, own.value, root.value, own.source)
            .unwrap();
    }
    text
}

#[test]
fn every_page_says_what_its_profile_is() {
    let mut wrong = Vec::new();
    for profile in Catalogue::embedded().profiles() {
        let path = folder().join(format!("{}.md", profile.name()));
        let page = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let (before, rest) = page.split_once(BEGIN).unwrap_or_else(|| panic!("{}: no generated part", path.display()));
        let (present, after) = rest.split_once(END).unwrap_or_else(|| panic!("{}: no end", path.display()));
        let wanted = generated(profile);
        if present != wanted {
            if std::env::var_os("MUSTER_WRITE_PAGES").is_some() {
                fs::write(&path, format!("{before}{BEGIN}{wanted}{END}{after}")).unwrap();
            } else {
                wrong.push(profile.name());
            }
        }
    }
    assert!(wrong.is_empty(), "pages that are out of date (MUSTER_WRITE_PAGES=1 writes them): {wrong:?}");
}

#[test]
fn the_index_names_every_profile_and_every_kind_of_repair() {
    let index = fs::read_to_string(folder().join("README.md")).unwrap();
    for profile in Catalogue::embedded().profiles() {
        assert!(index.contains(&format!("]({}.md)", profile.name())), "{}", profile.name());
    }
    for code in scim::Repair::CODES {
        assert!(index.contains(&format!("`{code}`")), "{code}");
    }
}
