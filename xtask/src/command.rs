//! Running other programs: always a program and a list of arguments, never a line for a shell.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::checkout;
use crate::failure::{Explain, Failure, Outcome};

/// The cargo that started us, so that a `+toolchain` choice is kept; started in the root of the checkout.
pub(crate) fn cargo() -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.current_dir(checkout::root());
    command
}

/// Another program, started in the root of the checkout.
pub(crate) fn program(name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(checkout::root());
    command
}

/// Shows the command, runs it with our terminal, and fails when it fails.
pub(crate) fn run(command: &mut Command) -> Outcome<()> {
    eprintln!("$ {}", shown(command));
    let status = command.status().explain(|| format!("could not start `{}`", shown(command)))?;
    if status.success() { Ok(()) } else { Err(Failure::new(format!("`{}` ended with {status}", shown(command)))) }
}

/// Runs the command silently and gives what it wrote to standard output; standard error comes with the failure.
pub(crate) fn capture(command: &mut Command) -> Outcome<String> {
    let output = command.stdin(Stdio::null()).output().explain(|| format!("could not start `{}`", shown(command)))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    Err(Failure::new(format!("`{}` ended with {}\n{}", shown(command), output.status, complaint.trim_end())))
}

/// Whether the command can be started and ends well; its output is not shown.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// The place of a program on the search path.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let search_path = std::env::var_os("PATH")?;
    std::env::split_paths(&search_path).map(|folder| folder.join(name)).find(|candidate| candidate.is_file())
}

/// Whether `cargo NAME` is there, which is a program called `cargo-NAME`. Cargo's own folder counts too.
pub(crate) fn has_cargo_tool(name: &str) -> bool {
    succeeds(cargo().args([name, "--version"]))
}

/// The command as a person would type it, with our own folder left out.
pub(crate) fn shown(command: &Command) -> String {
    let root = checkout::root();
    let word = |part: &OsStr| {
        let path = std::path::Path::new(part);
        let short = path.strip_prefix(&root).unwrap_or(path);
        let text = short.to_string_lossy();
        if text.contains(' ') || text.is_empty() { format!("'{text}'") } else { text.into_owned() }
    };
    let program = std::path::Path::new(command.get_program());
    let name = if program.ends_with("cargo") { "cargo".to_owned() } else { word(command.get_program()) };
    std::iter::once(name).chain(command.get_args().map(word)).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_it_would_be_typed() {
        let mut command = cargo();
        command.args(["nextest", "run", "-E", "test(fuzz_) & package(scim)"]);
        assert_eq!(shown(&command), "cargo nextest run -E 'test(fuzz_) & package(scim)'");
    }

    #[test]
    fn a_failing_command_is_a_failure_with_its_complaint() {
        let failure = capture(cargo().arg("no-such-subcommand")).unwrap_err().to_string();
        assert!(failure.contains("no-such-subcommand"), "{failure}");
    }
}
