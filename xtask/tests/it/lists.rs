//! What a person sees who asks what there is.

use crate::{printed, xtask};

#[test]
fn the_steps_of_the_test_are_listed_without_running_any() {
    let output = xtask(&["test", "--list"]);
    assert!(output.status.success());
    let listed = printed(&output);
    let steps: Vec<&str> = listed.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let expected = [
        "prerequisites",
        "format",
        "tidy",
        "licences",
        "lints",
        "build",
        "tests",
        "tests-postgresql",
        "fuzz",
        "real-clients",
        "management",
        "conformance",
        "simulators",
        "edge",
        "crash",
        "nodes",
    ];
    assert_eq!(steps, expected);
}

#[test]
fn every_campaign_tells_both_its_sizes() {
    let listed = printed(&xtask(&["campaign", "--list"]));
    assert!(listed.contains("crash       full: 20 rounds of kill -9 in the middle of 20,000 POSTs at concurrency 16"));
    assert!(listed.contains("3 rounds of kill -9"));
    assert!(listed.contains("edge        full: 200,000 random requests"));
    assert!(listed.contains("fuzz        full: 600 s for each target"));
    assert!(
        listed.contains("properties  full: 20,000 cases for each property, 2,000 generated directories"),
        "{listed}"
    );
    assert!(listed.contains("256 cases for each property, 64 generated directories"), "{listed}");
}

#[test]
fn a_seed_is_refused_where_it_would_change_nothing() {
    for arguments in [
        &["campaign", "--seed", "1"][..],
        &["campaign", "fuzz", "--seed", "1"],
        &["campaign", "properties", "--seed", "1"],
    ] {
        let output = xtask(arguments);
        assert!(!output.status.success(), "{arguments:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("campaign crash --seed"), "{arguments:?}");
        assert!(printed(&output).is_empty(), "{arguments:?}");
    }
}

#[test]
fn every_command_has_an_example_in_its_help() {
    for command in ["run", "test", "check", "tidy", "campaign", "bench", "fuzz", "audit"] {
        let output = xtask(&[command, "--help"]);
        assert!(output.status.success(), "{command}");
        assert!(printed(&output).contains("Example"), "{command}");
    }
}

#[test]
fn an_unknown_step_is_refused_with_the_names_of_the_others() {
    let output = xtask(&["test", "--only", "nonsense"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("real-clients"));
}
