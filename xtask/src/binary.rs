//! Building with a word about how far it is, and finding the `muster` binary that came out.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, IsTerminal};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::command;
use crate::failure::{Explain, Failure, Outcome};
use crate::wording;

/// How often a progress line appears where no terminal shows cargo's own progress bar.
const PROGRESS_INTERVAL: Duration = Duration::from_secs(3);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    Dev,
    Release,
    /// What is shipped, and what is measured.
    Dist,
}

/// What is built together. Building the same selection again finds everything in the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Selection {
    /// The server alone.
    Muster,
    /// The server, and what it is measured against.
    Bench,
    /// Every target of every crate: what the tests run.
    Everything,
}

impl Selection {
    fn shown(self) -> &'static str {
        match self {
            Self::Muster => "muster",
            Self::Bench => "muster and the bare server",
            Self::Everything => "everything",
        }
    }

    fn build_arguments(self) -> &'static [&'static str] {
        match self {
            Self::Muster => &["--package", "muster", "--bin", "muster"],
            Self::Bench => {
                &["--package", "muster", "--bin", "muster", "--package", "muster-bench", "--bin", "muster-bench"]
            }
            Self::Everything => &["--workspace", "--all-targets"],
        }
    }

    fn tree_arguments(self) -> &'static [&'static str] {
        match self {
            Self::Muster => &["--package", "muster", "--edges", "normal,build"],
            Self::Bench => &["--package", "muster", "--package", "muster-bench", "--edges", "normal,build"],
            Self::Everything => &["--workspace", "--edges", "normal,build,dev"],
        }
    }
}

/// Builds the selection and gives the place of the `muster` binary.
pub(crate) fn build(selection: Selection, profile: Profile) -> Outcome<PathBuf> {
    let started = Instant::now();
    let total = count_crates(selection)?;
    let mut cargo = command::cargo();
    cargo.arg("build").args(selection.build_arguments()).arg("--message-format=json-render-diagnostics");
    match profile {
        Profile::Dev => &mut cargo,
        Profile::Release => cargo.arg("--release"),
        Profile::Dist => cargo.args(["--profile", "dist"]),
    };
    let shows_own_progress = std::io::stderr().is_terminal();
    if !shows_own_progress {
        cargo.arg("--quiet");
    }
    let (child, messages) = start(&mut cargo)?;
    let executable = follow(&messages, |done| {
        if !shows_own_progress {
            eprintln!(
                "building {}: {} of {total} crates, {}",
                selection.shown(),
                done.min(total),
                wording::elapsed(started.elapsed())
            );
        }
    });
    finish(child, &cargo)?;
    eprintln!("built {} in {}", selection.shown(), wording::elapsed(started.elapsed()));
    executable.explain(|| "cargo built no binary called `muster`".to_owned())
}

/// How many packages take part in the build on this machine. Cargo downloads what is missing on the way, and says so.
fn count_crates(selection: Selection) -> Outcome<usize> {
    let mut tree = command::cargo();
    tree.args(["tree", "--prefix", "none", "--format", "{p}"]).args(selection.tree_arguments());
    if !std::io::stderr().is_terminal() {
        tree.arg("--quiet");
    }
    let output = tree
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .explain(|| "could not start `cargo tree`".to_owned())?;
    if !output.status.success() {
        return Err(Failure::new("`cargo tree` could not read the dependencies"));
    }
    Ok(distinct_packages(&String::from_utf8_lossy(&output.stdout)))
}

/// Counts name and version; what follows is a folder or the mark of a repeated entry.
fn distinct_packages(tree: &str) -> usize {
    tree.lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            Some((words.next()?, words.next()?))
        })
        .collect::<BTreeSet<_>>()
        .len()
}

/// The part of cargo's messages that matters here.
#[derive(Deserialize)]
struct Message {
    reason: String,
    #[serde(default)]
    package_id: String,
    target: Option<Target>,
    profile: Option<ArtifactProfile>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct ArtifactProfile {
    test: bool,
}

fn start(cargo: &mut Command) -> Outcome<(std::process::Child, Receiver<Message>)> {
    let mut child = cargo
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .explain(|| format!("could not start `{}`", command::shown(cargo)))?;
    let output = child.stdout.take().explain(|| "cargo has no output to read".to_owned())?;
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            // A build script may print what is no message; it says nothing about progress.
            if let Ok(message) = serde_json::from_str(&line)
                && sender.send(message).is_err()
            {
                break;
            }
        }
    });
    Ok((child, receiver))
}

/// Reads messages until the build ends, reports the number of finished packages now and then, and gives the binary.
fn follow(messages: &Receiver<Message>, report: impl Fn(usize)) -> Option<PathBuf> {
    let mut finished = BTreeSet::new();
    let mut executable = None;
    let mut last_report = Instant::now();
    loop {
        match messages.recv_timeout(PROGRESS_INTERVAL) {
            Ok(message) => {
                executable = muster_binary(&message).or(executable);
                if is_finished_package(&message) {
                    finished.insert(message.package_id);
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return executable,
        }
        if last_report.elapsed() >= PROGRESS_INTERVAL {
            report(finished.len());
            last_report = Instant::now();
        }
    }
}

fn is_finished_package(message: &Message) -> bool {
    let is_build_script = |target: &Target| target.kind.iter().any(|kind| kind == "custom-build");
    message.reason == "compiler-artifact" && !message.target.as_ref().is_some_and(is_build_script)
}

fn muster_binary(message: &Message) -> Option<PathBuf> {
    let target = message.target.as_ref()?;
    let is_test = message.profile.as_ref().is_some_and(|profile| profile.test);
    let is_muster = target.name == "muster" && target.kind.iter().any(|kind| kind == "bin") && !is_test;
    is_muster.then(|| message.executable.clone()).flatten()
}

fn finish(mut child: std::process::Child, cargo: &Command) -> Outcome<()> {
    let status = child.wait().explain(|| "could not wait for cargo".to_owned())?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::new(format!("`{}` ended with {status}", command::shown(cargo))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(json: &str) -> Message {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_package_is_counted_once_however_often_the_tree_shows_it() {
        let tree = "muster v0.1.0 (/somewhere)\nserde v1.0.1\nserde v1.0.1 (*)\n\nserde_derive v1.0.1 (proc-macro)\n";
        assert_eq!(distinct_packages(tree), 3);
    }

    #[test]
    fn the_binary_is_told_from_its_own_tests() {
        let of = |test: bool| {
            message(&format!(
                r#"{{"reason":"compiler-artifact","package_id":"p","target":{{"name":"muster","kind":["bin"]}},
                "profile":{{"test":{test}}},"executable":"target/debug/muster"}}"#
            ))
        };
        assert_eq!(muster_binary(&of(false)), Some(PathBuf::from("target/debug/muster")));
        assert_eq!(muster_binary(&of(true)), None);
    }

    #[test]
    fn a_build_script_is_not_a_finished_package() {
        let of = |kind: &str| {
            message(&format!(
                r#"{{"reason":"compiler-artifact","package_id":"p","target":{{"name":"p","kind":["{kind}"]}}}}"#
            ))
        };
        assert!(is_finished_package(&of("lib")));
        assert!(!is_finished_package(&of("custom-build")));
        assert!(!is_finished_package(&message(r#"{"reason":"build-finished","success":true}"#)));
    }
}
