//! Words that do not belong into a repository: folders of one machine and hosts of package registries, which differ
//! from one network to the next.

use super::Problem;
use super::files::TextFile;

/// Written in two parts, so that this file does not break its own rule.
const MACHINE_FOLDERS: [&str; 3] = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];
const REGISTRY_HOSTS: [&str; 7] = [
    concat!("index.crates", ".io"),
    concat!("static.crates", ".io"),
    concat!("pypi", ".org"),
    concat!("files.python", "hosted.org"),
    concat!("registry.npm", "js.org"),
    concat!("registry.yarn", "pkg.com"),
    concat!("proxy.go", "lang.org"),
];

pub(super) fn check(files: &[TextFile]) -> Vec<Problem> {
    files.iter().flat_map(check_file).collect()
}

fn check_file(file: &TextFile) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (number, line) in file.text.lines().enumerate() {
        let place = || format!("{}:{}", file.path, number + 1);
        for folder in MACHINE_FOLDERS.iter().filter(|folder| names_machine_folder(line, folder)) {
            let message =
                format!("`{folder}` is a folder of one machine; write the path from the root of the checkout");
            problems.push(Problem::new(place(), message));
        }
        for host in REGISTRY_HOSTS.iter().filter(|host| line.contains(*host)) {
            let message = format!("`{host}` is a package registry; name the package and let the reader's tool find it");
            problems.push(Problem::new(place(), message));
        }
    }
    problems
}

/// The folder begins an absolute path: before it stands nothing that would make it the middle of another path or URL.
fn names_machine_folder(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(position, _)| {
        let before = line.get(..position).and_then(|text| text.chars().next_back());
        before.is_none_or(|before| !before.is_alphanumeric() && !"._-}*~/".contains(before))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<Problem> {
        check(&[TextFile { path: "README.md".to_owned(), text: text.to_owned() }])
    }

    #[test]
    fn a_path_of_one_machine_is_found_with_its_line() {
        let found = problems(concat!("fine\nsee `/ro", "ot/notes.txt`\n"));
        assert_eq!(found.first().map(|problem| problem.place.as_str()), Some("README.md:2"));
        assert_eq!(problems(concat!("/ho", "me/somebody")).len(), 1);
        assert_eq!(problems(concat!("cd=/wo", "rk/main")).len(), 1);
    }

    #[test]
    fn the_same_word_inside_a_path_or_address_is_no_machine_folder() {
        assert!(problems(concat!("https://example.com/ho", "me/page")).is_empty());
        assert!(problems(concat!("docs/wo", "rk/plan.md and .wo", "rk/venv")).is_empty());
    }

    #[test]
    fn a_registry_host_is_found() {
        assert_eq!(problems(concat!("https://pypi", ".org/simple")).len(), 1);
        assert!(problems("from crates.io and PyPI").is_empty());
    }
}
