//! The rows and the deviations, as files of the repository.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::failure::{Explain, Failure, Outcome};

pub(super) struct Checklist {
    /// Id and level, in the order of the file.
    rows: Vec<(String, String)>,
    deviations: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeviationFile {
    deviations: BTreeMap<String, String>,
}

impl Checklist {
    pub(super) fn read(root: &Path) -> Outcome<Self> {
        let folder = root.join("docs/requirements");
        let read = |name: &str| {
            std::fs::read_to_string(folder.join(name)).explain(|| format!("could not read docs/requirements/{name}"))
        };
        Self::parse(&read("rows.tsv")?, &read("deviations.toml")?)
    }

    fn parse(rows: &str, deviations: &str) -> Outcome<Self> {
        let row = |line: &str| {
            let mut columns = line.split('\t');
            let (id, _section, level) = (columns.next()?, columns.next()?, columns.next()?);
            Some((id.to_owned(), level.to_owned()))
        };
        let rows: Vec<(String, String)> = rows
            .lines()
            .filter(|line| !line.starts_with('#') && !line.is_empty())
            .map(|line| row(line).explain(|| format!("rows.tsv: \"{line}\" is not id, section, level")))
            .collect::<Outcome<_>>()?;
        let file: DeviationFile = toml::from_str(deviations).explain(|| "could not read deviations.toml".to_owned())?;
        let checklist = Self { rows, deviations: file.deviations };
        match checklist.deviations.keys().find(|id| !checklist.has(id)) {
            Some(stray) => Err(Failure::new(format!("deviations.toml: \"{stray}\" is no row of rows.tsv"))),
            None => Ok(checklist),
        }
    }

    pub(super) fn rows(&self) -> &[(String, String)] {
        &self.rows
    }

    pub(super) fn has(&self, id: &str) -> bool {
        self.rows.iter().any(|(row, _)| row == id)
    }

    pub(super) fn deviation(&self, id: &str) -> Option<&str> {
        self.deviations.get(id).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_the_repository_fit_together() {
        let checklist = Checklist::read(&crate::checkout::root()).unwrap();
        assert!(checklist.has("7644-3.6-02") && !checklist.has("7644-0-00"));
    }

    #[test]
    fn a_deviation_from_nothing_is_refused() {
        assert!(Checklist::parse("a\t1\tMUST\n", "[deviations]\nb = \"x\"\n").is_err());
        assert!(Checklist::parse("a\t1\n", "[deviations]\n").is_err());
    }
}
