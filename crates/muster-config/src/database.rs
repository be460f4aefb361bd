//! Which database is meant by `database_url`.

use std::fmt;
use std::path::{Path, PathBuf};

/// A database that Muster can open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    Sqlite(PathBuf),
    Postgresql(PostgresqlUrl),
}

/// `postgres://…`, which may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresqlUrl(String);

impl PostgresqlUrl {
    /// With the password, for the driver alone.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PostgresqlUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&masked(&self.0))
    }
}

impl Database {
    /// Reads `sqlite:PATH`, whose relative path is relative to `folder`, or `postgres://USER:PASSWORD@HOST/DATABASE`, which
    /// the driver reads when it connects. The problem never repeats the text, which may hold a password.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, String> {
        const WANTED: &str = "write sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE";
        let Some((scheme, rest)) = text.split_once(':') else {
            return Err(WANTED.to_owned());
        };
        match scheme {
            "sqlite" => {
                let path = rest.strip_prefix("//").unwrap_or(rest);
                if path.is_empty() || path.contains('?') {
                    return Err("write sqlite:PATH, with a path and without parameters".to_owned());
                }
                Ok(Self::Sqlite(folder.join(path)))
            }
            "postgres" | "postgresql" if rest.starts_with("//") => Ok(Self::Postgresql(PostgresqlUrl(text.to_owned()))),
            "postgres" | "postgresql" => Err("write postgres://USER:PASSWORD@HOST/DATABASE".to_owned()),
            _ => Err(format!("this kind of database is not known; {WANTED}")),
        }
    }

    /// The folder that the database is a file of.
    pub fn folder(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(path) => path.parent(),
            Self::Postgresql(_) => None,
        }
    }

    /// Fit to be shown: a password in it is masked.
    pub fn display(&self) -> String {
        match self {
            Self::Sqlite(path) => masked(&format!("sqlite:{}", path.display())),
            Self::Postgresql(url) => masked(url.expose()),
        }
    }
}

/// The address with what may be a password replaced: the one before `@`, and `password=` among the parameters.
pub fn masked(url: &str) -> String {
    let mut shown = url.to_owned();
    // A password may itself hold "@", "/" or "?", so whatever stands before the last "@" of all belongs to it.
    if let Some((scheme, rest)) = url.split_once("://")
        && let Some((user_info, host)) = rest.rsplit_once('@')
        && let Some((user, _)) = user_info.split_once(':')
    {
        shown = format!("{scheme}://{user}:***@{host}");
    }
    let Some((address, parameters)) = shown.split_once('?') else { return shown };
    let parameters = parameters.split('&').map(|parameter| match parameter.split_once('=') {
        Some((name, _)) if name.to_ascii_lowercase().contains("password") => format!("{name}=***"),
        _ => parameter.to_owned(),
    });
    format!("{address}?{}", parameters.collect::<Vec<_>>().join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relative_sqlite_path_is_relative_to_the_given_folder() {
        let parse = |text| Database::parse(text, Path::new("/srv"));
        assert_eq!(parse("sqlite:muster.db"), Ok(Database::Sqlite("/srv/muster.db".into())));
        assert_eq!(parse("sqlite:/var/muster.db"), Ok(Database::Sqlite("/var/muster.db".into())));
        assert_eq!(parse("sqlite:///var/muster.db"), Ok(Database::Sqlite("/var/muster.db".into())));
        for wrong in ["", "muster.db", "sqlite:", "sqlite:a?mode=ro", "mysql://localhost/muster"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_password_for_postgresql_is_kept_and_never_shown() {
        for text in ["postgres://muster:canary-7@db/muster", "postgresql://db/muster?password=canary-7&user=muster"] {
            let database = Database::parse(text, Path::new("/")).unwrap();
            assert!(!format!("{database:?} {}", database.display()).contains("canary-7"), "{database:?}");
            let Database::Postgresql(url) = database else { panic!("not PostgreSQL") };
            assert_eq!(url.expose(), text);
        }
        let problem = Database::parse("postgres:canary-7", Path::new("/")).unwrap_err();
        assert!(problem.contains("postgres://") && !problem.contains("canary-7"), "{problem}");
    }

    #[test]
    fn passwords_are_masked() {
        assert_eq!(masked("postgres://muster:p@ss@db:5432/muster"), "postgres://muster:***@db:5432/muster");
        for odd in ["pa/ss", "pa?ss", "pa@s/s", "pa#ss"] {
            assert_eq!(
                masked(&format!("postgres://muster:{odd}@db:5432/muster")),
                "postgres://muster:***@db:5432/muster"
            );
        }
        assert_eq!(masked("postgres://db/muster?user=a&password=b"), "postgres://db/muster?user=a&password=***");
        assert_eq!(masked("postgres://muster@db/muster"), "postgres://muster@db/muster");
        assert_eq!(masked("sqlite:muster.db"), "sqlite:muster.db");
    }
}
