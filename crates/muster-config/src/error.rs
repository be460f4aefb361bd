//! What can be wrong with a configuration. Each says what, where and what to do; none repeats a value, because a value
//! may hold a password.

use std::path::PathBuf;

use crate::Source;

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{}, line {line}: \"{key}\" is not a setting{}", .path.display(), hint(*.nearest))]
    UnknownKey { path: PathBuf, line: usize, key: String, nearest: Option<&'static str> },
    #[error("the environment variable {name} is not a setting{}", hint(*.nearest))]
    UnknownVariable { name: String, nearest: Option<&'static str> },
    #[error("the environment variable {name} is not valid UTF-8 text")]
    VariableNotText { name: String },
    #[error("cannot read the configuration file {}, which {named_by} names", .path.display())]
    Unreadable { path: PathBuf, named_by: Source, source: std::io::Error },
    #[error("{}, line {line}: this is not TOML: {problem}", .path.display())]
    NotToml { path: PathBuf, line: usize, problem: String },
    #[error("{name} is wrong (from {at}): {problem}")]
    WrongValue { name: &'static str, at: Source, problem: String },
    #[error("{problem} ({at})")]
    Contradiction { problem: String, at: String },
}

fn hint(nearest: Option<&'static str>) -> String {
    nearest.map_or_else(
        || "; `muster config` lists the settings there are".to_owned(),
        |name| format!("; did you mean \"{name}\"?"),
    )
}
