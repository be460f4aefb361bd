//! The `MUSTER_*` variables among a process's environment.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::settings::{Raw, RawValue};
use crate::suggestion::nearest;
use crate::{ConfigError, Setting, Source};

const PREFIX: &str = "MUSTER_";

/// Names the configuration file.
pub const CONFIG_FILE_VARIABLE: &str = "MUSTER_CONFIG";

/// What the environment says.
#[derive(Debug, Default)]
pub(crate) struct Environment {
    pub(crate) config_file: Option<(PathBuf, Source)>,
    pub(crate) settings: Vec<(Setting, Raw)>,
}

/// Reads all variables that begin with `MUSTER_`. An empty one counts as not set, because that is how container
/// descriptions unset a variable.
pub(crate) fn parse(
    variables: impl IntoIterator<Item = (OsString, OsString)>,
    working_folder: &Path,
) -> Result<Environment, ConfigError> {
    let mut environment = Environment::default();
    for (name, value) in variables {
        let Some(name) = name.to_str().filter(|name| name.starts_with(PREFIX)).map(str::to_owned) else { continue };
        let setting = Setting::from_variable(&name);
        if setting.is_none() && name != CONFIG_FILE_VARIABLE {
            if is_service_link(&name) {
                continue;
            }
            let nearest = nearest(&name, Setting::ALL.map(Setting::variable).into_iter().chain([CONFIG_FILE_VARIABLE]));
            return Err(ConfigError::UnknownVariable { name, nearest });
        }
        let value = value.into_string().map_err(|_| ConfigError::VariableNotText { name: name.clone() })?;
        if value.is_empty() {
            continue;
        }
        let source = Source::Environment(name);
        match setting {
            None => environment.config_file = Some((PathBuf::from(value), source)),
            Some(setting) => environment
                .settings
                .push((setting, Raw { value: RawValue::Text(value), source, folder: working_folder.to_owned() })),
        }
    }
    Ok(environment)
}

/// Kubernetes gives every container variables for each service of its namespace, made from the service's name:
/// `MUSTER_SERVICE_HOST`, `MUSTER_PORT_8080_TCP_ADDR`, `MUSTER_WEB_SERVICE_PORT_HTTP`. A service called "muster" must not
/// keep Muster from starting.
fn is_service_link(name: &str) -> bool {
    let before_digits = |(_, rest): (&str, &str)| rest.starts_with(|letter: char| letter.is_ascii_digit());
    name.ends_with("_SERVICE_HOST")
        || name.contains("_SERVICE_PORT")
        || name.ends_with("_PORT")
        || name.split_once("_PORT_").is_some_and(before_digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, value: &str) -> Result<Environment, ConfigError> {
        parse([(OsString::from(name), OsString::from(value))], Path::new("/srv"))
    }

    #[test]
    fn an_unknown_variable_suggests_the_near_one() {
        let problem = read("MUSTER_LISEN", "secret-value").unwrap_err().to_string();
        assert_eq!(problem, "the environment variable MUSTER_LISEN is not a setting; did you mean \"MUSTER_LISTEN\"?");
        assert!(read("MUSTER_ZEBRA", "").unwrap_err().to_string().contains("`muster config`"));
        assert!(read("OTHER_LISEN", "x").unwrap().settings.is_empty());
    }

    #[test]
    fn an_empty_variable_is_not_set() {
        assert!(read("MUSTER_LISTEN", "").unwrap().settings.is_empty());
        assert!(read("MUSTER_CONFIG", "").unwrap().config_file.is_none());
        assert_eq!(read("MUSTER_LISTEN", "x").unwrap().settings.len(), 1);
        assert!(read("MUSTER_CONFIG", "a.toml").unwrap().config_file.is_some());
    }

    #[test]
    fn what_kubernetes_adds_for_a_service_of_our_name_is_passed_over() {
        for name in [
            "MUSTER_SERVICE_HOST",
            "MUSTER_SERVICE_PORT_HTTP",
            "MUSTER_PORT",
            "MUSTER_PORT_8080_TCP_ADDR",
            "MUSTER_WEB_PORT",
        ] {
            assert!(read(name, "tcp://10.0.0.1:8080").unwrap().settings.is_empty(), "{name}");
        }
        assert!(read("MUSTER_PORT_NUMBER", "1").is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_value_that_is_not_text_is_refused_by_name() {
        use std::os::unix::ffi::OsStringExt;
        let variables = [(OsString::from("MUSTER_LISTEN"), OsString::from_vec(vec![0xff]))];
        assert!(parse(variables, Path::new("/")).unwrap_err().to_string().contains("MUSTER_LISTEN"));
    }
}
