use super::*;

struct Case {
    folder: tempfile::TempDir,
    flags: Vec<(Setting, String)>,
    environment: Vec<(OsString, OsString)>,
}

impl Case {
    fn new(file: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("muster.toml"), file).unwrap();
        Self { folder, flags: Vec::new(), environment: Vec::new() }
    }

    fn flag(mut self, setting: Setting, text: &str) -> Self {
        self.flags.push((setting, text.to_owned()));
        self
    }

    fn variable(mut self, name: &str, text: &str) -> Self {
        self.environment.push((name.into(), text.into()));
        self
    }

    fn resolve(&self) -> Result<Settings, ConfigError> {
        Settings::resolve(Inputs {
            flags: self.flags.clone(),
            config_file: None,
            environment: self.environment.clone(),
            working_folder: self.folder.path().to_owned(),
        })
    }

    fn problem(&self) -> String {
        self.resolve().unwrap_err().to_string()
    }
}

#[test]
fn a_flag_wins_over_the_environment_which_wins_over_the_file_which_wins_over_the_default() {
    let listen = |case: &Case| {
        let listen = case.resolve().unwrap().listen;
        (listen.value.port(), listen.source.kind())
    };
    let case = Case::new("");
    assert_eq!(listen(&case), (8080, "default"));
    let case = Case::new("\nlisten = '127.0.0.1:1'");
    assert_eq!(listen(&case), (1, "file"));
    let Source::File { path, line } = case.resolve().unwrap().listen.source else { panic!("not from the file") };
    assert_eq!((path, line), (case.folder.path().join("muster.toml"), 2));
    let case = case.variable("MUSTER_LISTEN", "127.0.0.1:2");
    assert_eq!(listen(&case), (2, "environment"));
    let case = case.flag(Setting::Listen, "127.0.0.1:3");
    assert_eq!(listen(&case), (3, "flag"));
}

#[test]
fn the_database_is_in_the_data_folder_unless_it_is_named() {
    let settings = Case::new("data_dir = 'here'").resolve().unwrap();
    assert!(settings.config_file.is_some());
    assert_eq!(settings.database.value, Database::Sqlite(settings.data_dir.value.join("muster.db")));
    assert_eq!(settings.database.source, Source::Default);
}

#[test]
fn the_data_folder_is_that_of_the_database_when_only_the_database_is_named() {
    let case = Case::new("").flag(Setting::DatabaseUrl, "sqlite:/srv/people/muster.db");
    let settings = case.resolve().unwrap();
    assert_eq!(settings.data_dir.value, PathBuf::from("/srv/people"));
    assert_eq!(settings.data_dir.source, Source::Flag("--database-url".to_owned()));
    let case = case.variable("MUSTER_DATA_DIR", "/srv/keys");
    let settings = case.resolve().unwrap();
    assert_eq!(settings.data_dir.value, PathBuf::from("/srv/keys"));
    assert_eq!(settings.database.value, Database::Sqlite("/srv/people/muster.db".into()));
    let case = Case::new("").flag(Setting::DatabaseUrl, "sqlite:muster.db");
    assert_eq!(case.resolve().unwrap().data_dir.value, case.folder.path());
    let case = Case::new("").flag(Setting::DatabaseUrl, "postgres://db/muster");
    assert_eq!(case.resolve().unwrap().data_dir.value, case.folder.path().join("muster-data"));
}

#[test]
fn paths_in_the_file_are_relative_to_the_file() {
    let case = Case::new("");
    let elsewhere = tempfile::tempdir().unwrap();
    let file = elsewhere.path().join("other.toml");
    std::fs::write(&file, "data_dir = 'here'\ntls_cert = '/abs/cert.pem'\ntls_key = 'key.pem'").unwrap();
    let case = case.variable("MUSTER_CONFIG", file.to_str().unwrap());
    let settings = case.resolve().unwrap();
    assert_eq!(settings.data_dir.value, elsewhere.path().join("here"));
    assert_eq!(
        settings.tls(),
        Some(TlsFiles { certificate: "/abs/cert.pem".into(), key: elsewhere.path().join("key.pem") })
    );
    let settings = case.variable("MUSTER_DATA_DIR", "there").resolve().unwrap();
    assert!(settings.data_dir.value.ends_with("there") && !settings.data_dir.value.starts_with(elsewhere.path()));
}

#[test]
fn a_wrong_value_names_the_setting_and_its_place_and_never_the_value() {
    for (setting, canary) in [
        (Setting::Listen, "canary"),
        (Setting::PublicUrl, "https://u:canary@host"),
        (Setting::TrustedProxy, "canary"),
        (Setting::DatabaseUrl, "postgres:u:canary@db/muster"),
        (Setting::LogFormat, "canary"),
        (Setting::MaxBodyBytes, "canary"),
        (Setting::RequestTimeout, "canary"),
        (Setting::DrainTimeout, "canary"),
        (Setting::RequestLogDays, "canary"),
        (Setting::RequestLogMib, "canary"),
        (Setting::RequestLogBodies, "canary"),
        (Setting::RequestLogMask, "canary canary"),
    ] {
        let problem = Case::new("").flag(setting, canary).problem();
        assert!(problem.contains(setting.key()) && problem.contains(setting.flag()), "{problem}");
        assert!(!problem.contains("canary"), "{problem}");
        let problem = Case::new("").variable(setting.variable(), canary).problem();
        assert!(problem.contains(setting.variable()) && !problem.contains("canary"), "{problem}");
    }
    for setting in Setting::ALL {
        if !setting.takes_list() {
            assert!(Case::new("").flag(setting, "").problem().contains("empty"), "{setting:?}");
            assert!(Case::new(&format!("{} = ['a']", setting.key())).problem().contains("not a list"), "{setting:?}");
        }
    }
}

#[test]
fn limits_that_would_refuse_everything_are_refused() {
    assert!(Case::new("max_body_bytes = 0").problem().contains("1024"));
    assert!(Case::new("request_timeout = '0s'").problem().contains("no time"));
    assert!(Case::new("drain_timeout = '0s'").resolve().is_ok());
    assert!(Case::new("request_log_days = 6").problem().contains("from 7"));
    assert_eq!(Case::new("request_log_days = 7").resolve().unwrap().request_log_days.value, 7);
}

#[test]
fn half_of_tls_is_refused() {
    let problem = Case::new("tls_cert = 'a'").problem();
    assert!(problem.contains("tls_key") && problem.contains("muster.toml, line 1"), "{problem}");
    assert!(Case::new("tls_key = 'a'").problem().contains("give tls_cert too"));
    let case = Case::new("tls_cert = 'a'\ntls_key = 'b'\npublic_url = 'http://a'");
    assert!(case.problem().contains("write https://"));
    let settings = Case::new("tls_cert = 'a'\ntls_key = 'b'").resolve().unwrap();
    assert_eq!(settings.public_url.value.resolve(settings.listen.value, true), "https://127.0.0.1:8080");
}

#[test]
fn every_setting_is_among_the_facts_with_its_source() {
    let case = Case::new(
        "log = 'debug'\ntrusted_proxy = ['10.0.0.0/8', '::1']\nrequest_log_mask = ['emails.value', 'userName']",
    );
    let settings = case.resolve().unwrap();
    let facts = settings.facts();
    assert_eq!(facts.iter().map(|fact| fact.setting).collect::<Vec<_>>(), Setting::ALL);
    let of = |setting| facts.iter().find(|fact| fact.setting == setting).unwrap();
    assert_eq!(of(Setting::Log).value.as_deref(), Some("debug"));
    assert_eq!(of(Setting::Log).source.kind(), "file");
    assert_eq!(of(Setting::TrustedProxy).value.as_deref(), Some("10.0.0.0/8,::1/128"));
    assert_eq!(of(Setting::RequestLogMask).value.as_deref(), Some("emails.value,userName"));
    assert_eq!(of(Setting::RequestLogBodies).value.as_deref(), Some("on"));
    assert_eq!(of(Setting::TlsCert).value, None);
    assert_eq!(of(Setting::RequestTimeout).value.as_deref(), Some("60s"));
}
