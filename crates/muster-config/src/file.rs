//! The configuration file: flat TOML whose keys are the names of the settings.

use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use crate::settings::{Raw, RawValue};
use crate::suggestion::nearest;
use crate::{ConfigError, Setting, Source};

/// The name of the file that is read when none is named and one of this name is in the working folder.
pub const DEFAULT_FILE: &str = "muster.toml";

/// Finds and reads the configuration file: the one that was named, else the default one if it is there. This is the
/// crate's only input from outside.
pub fn read(
    named: Option<&(PathBuf, Source)>,
    working_folder: &Path,
) -> Result<Option<(PathBuf, String)>, ConfigError> {
    let (path, named_by) = named.cloned().unwrap_or_else(|| (working_folder.join(DEFAULT_FILE), Source::Default));
    let path = working_folder.join(path);
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(Some((path, text))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && named_by == Source::Default => Ok(None),
        Err(source) => Err(ConfigError::Unreadable { path, named_by, source }),
    }
}

/// The settings in a file's text, each with its line.
pub(crate) fn parse(path: &Path, text: &str) -> Result<Vec<(Setting, Raw)>, ConfigError> {
    let line_of = |offset: usize| text.get(..offset).unwrap_or(text).matches('\n').count() + 1;
    let table = DeTable::parse(text).map_err(|error| ConfigError::NotToml {
        path: path.to_owned(),
        line: error.span().map_or(1, |span| line_of(span.start)),
        problem: error.message().to_owned(),
    })?;
    // A relative path in the file means a place beside the file, wherever the server is started from.
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    let mut found = Vec::new();
    for (key, value) in table.into_inner() {
        let line = line_of(key.span().start);
        let name = key.into_inner().into_owned();
        let Some(setting) = Setting::from_key(&name) else {
            let nearest = nearest(&name, Setting::ALL.map(Setting::key));
            return Err(ConfigError::UnknownKey { path: path.to_owned(), line, key: name, nearest });
        };
        let source = Source::File { path: path.to_owned(), line };
        let Some(value) = raw_value(value.into_inner()) else {
            return Err(ConfigError::WrongValue {
                name: setting.key(),
                at: source,
                problem: "write a text in quotes, a whole number, or a list of texts".to_owned(),
            });
        };
        found.push((setting, Raw { value, source, folder: folder.clone() }));
    }
    Ok(found)
}

fn raw_value(value: DeValue<'_>) -> Option<RawValue> {
    match value {
        DeValue::String(text) => Some(RawValue::Text(text.into_owned())),
        // Written with underscores, the parser has already taken them out.
        DeValue::Integer(number) if number.radix() == 10 => Some(RawValue::Text(number.as_str().to_owned())),
        DeValue::Array(elements) => {
            let texts = elements.into_iter().map(|element| match element.into_inner() {
                DeValue::String(text) => Some(text.into_owned()),
                _ => None,
            });
            texts.collect::<Option<Vec<_>>>().map(RawValue::List)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        parse(Path::new("/etc/muster/muster.toml"), text).unwrap_err().to_string()
    }

    #[test]
    fn an_unknown_key_names_file_line_and_the_near_one() {
        assert_eq!(
            problem("# Muster\nlisten = \"127.0.0.1:1\"\ndatadir = \"x\"\n"),
            "/etc/muster/muster.toml, line 3: \"datadir\" is not a setting; did you mean \"data_dir\"?"
        );
        assert!(problem("[zebra]\nx = 1").contains("`muster config` lists"));
    }

    #[test]
    fn what_is_not_toml_names_the_line_and_does_not_repeat_it() {
        let text = problem("listen = \"127.0.0.1:1\"\ndatabase_url = canary-1\n");
        assert!(text.starts_with("/etc/muster/muster.toml, line 2: this is not TOML"), "{text}");
        assert!(!text.contains("canary"), "{text}");
        assert!(problem("listen = \"a\"\nlisten = \"b\"\n").contains("line 2"));
    }

    #[test]
    fn values_of_a_strange_type_are_refused() {
        for text in
            ["listen = true", "listen = 1.5", "trusted_proxy = [1]", "[listen]\nport = 1", "max_body_bytes = 0x10"]
        {
            assert!(problem(text).contains("write a text"), "{text}: {}", problem(text));
        }
        let found =
            parse(Path::new("a.toml"), "max_body_bytes = 1_000\ntrusted_proxy = [\"::1\", \"10.0.0.0/8\"]").unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].1.value, RawValue::Text("1000".into()));
    }

    #[test]
    fn the_default_file_may_be_missing_and_a_named_one_may_not() {
        let folder = tempfile::tempdir().unwrap();
        assert!(read(None, folder.path()).unwrap().is_none());
        let named = (PathBuf::from("other.toml"), Source::Flag("--config".into()));
        let error = read(Some(&named), folder.path()).unwrap_err().to_string();
        assert!(error.contains("other.toml") && error.contains("--config"), "{error}");
        std::fs::write(folder.path().join(DEFAULT_FILE), "log = \"warn\"").unwrap();
        assert_eq!(read(None, folder.path()).unwrap().unwrap().1, "log = \"warn\"");
    }
}
