//! The steps of `cargo xtask test`, in the order in which they run: quick verdicts first.

use std::path::{Path, PathBuf};

use crate::audit;
use crate::binary::{self, Profile, Selection};
use crate::campaign;
use crate::check;
use crate::conformance;
use crate::failure::Outcome;
use crate::management;
use crate::prerequisites;
use crate::real_clients;
use crate::simulators;
use crate::test_runner;
use crate::tidy;

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Step {
    Prerequisites,
    Format,
    Tidy,
    Licences,
    Lints,
    Build,
    Tests,
    TestsPostgresql,
    Fuzz,
    RealClients,
    Management,
    Conformance,
    Simulators,
    Edge,
    Crash,
    Nodes,
}

pub(super) const ALL: [Step; 16] = [
    Step::Prerequisites,
    Step::Format,
    Step::Tidy,
    Step::Licences,
    Step::Lints,
    Step::Build,
    Step::Tests,
    Step::TestsPostgresql,
    Step::Fuzz,
    Step::RealClients,
    Step::Management,
    Step::Conformance,
    Step::Simulators,
    Step::Edge,
    Step::Crash,
    Step::Nodes,
];

const BUILD_FAILED: &str = "the build failed";

/// How a step ended. A step that was left out is neither passed nor failed, and says why.
#[derive(Debug)]
pub(super) enum Ending {
    Passed,
    Failed(String),
    LeftOut(String),
}

impl From<Outcome<()>> for Ending {
    fn from(outcome: Outcome<()>) -> Self {
        match outcome {
            Ok(()) => Self::Passed,
            Err(failure) => Self::Failed(failure.to_string()),
        }
    }
}

impl Step {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Prerequisites => "prerequisites",
            Self::Format => "format",
            Self::Tidy => "tidy",
            Self::Licences => "licences",
            Self::Lints => "lints",
            Self::Build => "build",
            Self::Tests => "tests",
            Self::TestsPostgresql => "tests-postgresql",
            Self::Fuzz => "fuzz",
            Self::RealClients => "real-clients",
            Self::Management => "management",
            Self::Conformance => "conformance",
            Self::Simulators => "simulators",
            Self::Edge => "edge",
            Self::Crash => "crash",
            Self::Nodes => "nodes",
        }
    }

    pub(super) fn purpose(self) -> &'static str {
        match self {
            Self::Prerequisites => "Python, PostgreSQL and a C compiler",
            Self::Format => "rustfmt has nothing to change",
            Self::Tidy => "the rules of the house",
            Self::Licences => "licences, bans and sources of dependencies",
            Self::Lints => "clippy has nothing to say",
            Self::Build => "the binary and all tests, in one profile",
            Self::Tests => "unit and integration tests",
            Self::TestsPostgresql => "the tests of the SCIM edge once more, on PostgreSQL",
            Self::Fuzz => "random input for the parsers",
            Self::RealClients => "SCIM clients from PyPI against the binary",
            Self::Management => "Schemathesis from PyPI against the management API",
            Self::Conformance => "our suite against Muster and against servers from PyPI and npm",
            Self::Simulators => "simulated identity providers against the binary",
            Self::Edge => "random requests against the binary",
            Self::Crash => "kill -9 in the middle of writes",
            Self::Nodes => "two servers on one PostgreSQL, killed by turns under load",
        }
    }
}

/// What earlier steps leave for later ones.
#[derive(Default)]
pub(super) struct Workbench {
    build: Option<Result<PathBuf, ()>>,
}

impl Workbench {
    pub(super) fn run(&mut self, step: Step) -> Ending {
        match step {
            Step::Prerequisites => prerequisites::ensure_all().into(),
            Step::Format => check::check_format().into(),
            Step::Tidy => tidy::tidy(&tidy::Arguments::default()).into(),
            Step::Licences => audit::audit_offline().map_or_else(
                || Ending::LeftOut("cargo-deny is not installed; `cargo xtask audit` installs it".to_owned()),
                Ending::from,
            ),
            Step::Lints => check::check_lints().into(),
            Step::Build => self.build(Selection::Everything),
            Step::Tests => self.unless_broken(test_runner::run_all),
            Step::TestsPostgresql => self.unless_broken(test_runner::run_on_postgresql),
            Step::Fuzz => self.unless_broken(campaign::run_fuzz_reduced),
            Step::RealClients => self.with_binary(real_clients::run),
            Step::Management => self.with_binary(management::run),
            Step::Conformance => self.with_binary(conformance::run),
            Step::Simulators => self.with_binary(|muster| simulators::run(&simulators::FULL, muster)),
            Step::Edge => self.with_binary(campaign::run_edge_reduced),
            Step::Crash => self.with_binary(campaign::run_crash_reduced),
            Step::Nodes => self.unless_broken(campaign::run_nodes_reduced),
        }
    }

    fn build(&mut self, selection: Selection) -> Ending {
        match binary::build(selection, Profile::Dev) {
            Ok(muster) => {
                self.build = Some(Ok(muster));
                Ending::Passed
            }
            Err(failure) => {
                self.build = Some(Err(()));
                Ending::Failed(failure.to_string())
            }
        }
    }

    /// Runs a step that builds for itself what is not built yet.
    fn unless_broken(&self, step: impl FnOnce() -> Outcome<()>) -> Ending {
        if self.build == Some(Err(())) { Ending::LeftOut(BUILD_FAILED.to_owned()) } else { step().into() }
    }

    /// Runs a step that needs the binary, which is built first when the step was asked for alone.
    fn with_binary(&mut self, step: impl FnOnce(&Path) -> Outcome<()>) -> Ending {
        if self.build.is_none()
            && let Ending::Failed(reason) = self.build(Selection::Muster)
        {
            return Ending::Failed(reason);
        }
        match &self.build {
            Some(Ok(muster)) => step(muster).into(),
            Some(Err(())) | None => Ending::LeftOut(BUILD_FAILED.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_needs_the_binary_runs_after_a_failed_build() {
        let mut workbench = Workbench { build: Some(Err(())) };
        let ending = workbench.with_binary(|_| unreachable!("there is no binary to run"));
        assert!(matches!(ending, Ending::LeftOut(_)));
        let ending = workbench.unless_broken(|| unreachable!("the tests cannot be built"));
        assert!(matches!(ending, Ending::LeftOut(_)));
    }

    #[test]
    fn every_step_has_the_name_that_selects_it() {
        use clap::ValueEnum;

        for step in Step::value_variants() {
            assert_eq!(Step::from_str(step.name(), false), Ok(*step));
            assert!(ALL.contains(step));
        }
    }
}
