use crate::process::{muster, run, run_json, stderr, stdout};

#[test]
fn config_shows_each_value_with_its_source_and_creates_nothing() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("muster.toml"), "# x\nlog = \"warn\"\nlisten = \"127.0.0.1:1\"\n").unwrap();
    let output = muster(folder.path())
        .args(["config", "--json", "--listen", "127.0.0.1:2"])
        .env("MUSTER_REQUEST_TIMEOUT", "5s")
        .output()
        .unwrap();
    let shown: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let of = |name: &str| {
        let row = shown["settings"].as_array().unwrap().iter().find(|row| row["name"] == name).unwrap();
        (row["value"].as_str().unwrap_or("null").to_owned(), row["source"].as_str().unwrap().to_owned())
    };
    let pair = |value: &str, source: &str| (value.to_owned(), source.to_owned());
    assert_eq!(of("listen"), pair("127.0.0.1:2", "flag"));
    assert_eq!(of("request_timeout"), pair("5s", "environment"));
    assert_eq!(of("log"), pair("warn", "file"));
    assert_eq!(of("log_format"), pair("human", "default"));
    assert_eq!(of("tls_cert"), pair("null", "default"));
    assert_eq!(of("public_url"), pair("http://127.0.0.1:2", "default"));
    assert!(stdout(&run(folder.path(), &["config"])).contains("muster.toml, line 2"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn what_is_wrong_with_a_configuration_is_named_with_exit_code_2() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("muster.toml");
    for (content, said) in [
        ("\nlissten = \"127.0.0.1:1\"", "muster.toml, line 2: \"lissten\" is not a setting; did you mean \"listen\"?"),
        ("listen = \n", "muster.toml, line 1: this is not TOML"),
        ("tls_cert = \"a.pem\"", "tls_key"),
        ("database_url = \"postgres:u:canary@db/m\"", "postgres://USER:PASSWORD@HOST/DATABASE"),
    ] {
        std::fs::write(&file, content).unwrap();
        for command in ["serve", "config"] {
            let refused = run(folder.path(), &[command]);
            assert_eq!(refused.status.code(), Some(2), "{content}");
            let text = stderr(&refused);
            assert!(text.starts_with("error: ") && text.contains(said), "{text}");
            assert!(!text.contains("canary"), "{text}");
        }
    }
    std::fs::remove_file(&file).unwrap();
    let refused = muster(folder.path()).args(["connection", "list"]).env("MUSTER_DATADIR", "x").output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("did you mean \"MUSTER_DATA_DIR\"?"), "{}", stderr(&refused));
    let refused = run(folder.path(), &["serve", "--config", "absent.toml"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("absent.toml") && stderr(&refused).contains("because: "));
    let refused = run(folder.path(), &["serve", "--log", "muster=loud"]);
    assert_eq!(refused.status.code(), Some(2), "{}", stderr(&refused));
    assert_eq!(run(folder.path(), &["serf"]).status.code(), Some(2));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "a refused call made something");
}

#[test]
fn every_command_has_help() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in
        [&["--help"][..], &["serve", "--help"], &["connection", "token", "rotate", "--help"], &["--version"]]
    {
        assert!(run(folder.path(), arguments).status.success(), "{arguments:?}");
    }
}

#[test]
fn the_file_and_the_environment_reach_the_server() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("muster.toml"),
        "data_dir = \"elsewhere\"\npublic_url = \"https://scim.example.com/\"",
    )
    .unwrap();
    let created = run_json(folder.path(), &["connection", "create", "--name", "a", "--json"]);
    assert!(created["scim_base_url"].as_str().unwrap().starts_with("https://scim.example.com/directory/"));
    assert!(folder.path().join("elsewhere/muster.db").exists());
}
